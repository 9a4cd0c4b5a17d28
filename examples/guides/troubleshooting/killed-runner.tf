resource "modelarts_visualization_job" "training" {
  name      = "training-7"
  train_url = "/my-bucket/training-7/events/"

  # The next apply adopts the job of a killed create.
  adopt_existing = true

  timeouts {
    create = "40m"
  }
}
