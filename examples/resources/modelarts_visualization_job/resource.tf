resource "modelarts_visualization_job" "training" {
  name        = "training-7"
  train_url   = "/my-bucket/training-7/events/"
  description = "Loss and accuracy of training run 7"

  # A job is billed for as long as it runs: this one stops by itself.
  schedule = {
    duration = 8
  }
}

# Stopped, it costs nothing and is there again with running = true.
resource "modelarts_visualization_job" "archive" {
  name      = "training-6"
  train_url = "/my-bucket/training-6/events/"
  running   = false

  timeouts {
    update = "30m"
  }
}

output "tensorboard" {
  value = modelarts_visualization_job.training.service_url
}
