resource "modelarts_visualization_job" "training" {
  name        = "training-7"
  train_url   = "/my-bucket/training-7/events/"
  description = "Loss and accuracy of training run 7"
  job_type    = "tensorboard"
  flavor      = "modelarts.p3.large.public"
  schedule    = { duration = 8 }
}
