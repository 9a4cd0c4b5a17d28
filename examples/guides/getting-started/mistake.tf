resource "modelarts_visualization_job" "mistake" {
  name      = "training-8"
  train_url = "/my-bukket/training-8/events/"
}
