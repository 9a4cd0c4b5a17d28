resource "modelarts_visualization_job" "archive" {
  name      = "training-6"
  train_url = "/my-bucket/training-6/events/"

  # A stopped job isn't billed. To start it again, set true.
  running = false

  timeouts {
    update = "30m"
  }
}
