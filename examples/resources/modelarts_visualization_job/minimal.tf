resource "modelarts_visualization_job" "training" {
  name      = "training-7"
  train_url = "/my-bucket/training-7/events/"
}
