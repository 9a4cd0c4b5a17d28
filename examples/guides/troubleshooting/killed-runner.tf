resource "modelarts_visualization_job" "training" {
  name      = "training-7"
  train_url = "/my-bucket/training-7/events/"

  # What a killed create left is taken over by the next one.
  adopt_existing = true

  timeouts {
    create = "40m"
  }
}
