resource "modelarts_visualization_job" "reference" {
  name      = "reference"
  train_url = "/my-bucket/reference/events/"

  lifecycle {
    prevent_destroy = true
  }
}
