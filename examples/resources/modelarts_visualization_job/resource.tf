resource "modelarts_visualization_job" "training" {
  name        = "training-7"
  train_url   = "/my-bucket/training-7/events/"
  description = "Loss and accuracy of training run 7"
  flavor      = "modelarts.vm.cpu.2u"

  # A job is billed while it runs. This one stops after 8 hours.
  schedule = {
    duration = 8
  }
}

output "tensorboard" {
  value = modelarts_visualization_job.training.service_url
}
