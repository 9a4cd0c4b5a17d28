resource "modelarts_visualization_job" "training" {
  for_each = var.runs

  name      = each.key
  train_url = "/my-bucket/${each.key}/events/"
}

# Every instance is moved: the keys are those that restapi_object.training had.
moved {
  from = restapi_object.training
  to   = modelarts_visualization_job.training
}
