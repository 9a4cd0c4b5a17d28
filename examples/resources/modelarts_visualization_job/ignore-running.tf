resource "modelarts_visualization_job" "shared" {
  name      = "shared"
  train_url = "/my-bucket/shared/events/"

  # Only the create stops the job. From then on, users start and stop it.
  running = false

  lifecycle {
    ignore_changes = [running]
  }
}
