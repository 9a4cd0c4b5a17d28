resource "modelarts_visualization_job" "run" {
  for_each = toset(["run-1", "run-2", "run-3"])

  name      = "training-${each.key}"
  train_url = "/my-bucket/${each.key}/events/"
}
