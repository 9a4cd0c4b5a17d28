provider "restapi" {
  uri                   = "https://modelarts.eu-de.otc.t-systems.com/v1/${var.project_id}"
  headers               = { X-Auth-Token = var.token, Content-Type = "application/json" }
  id_attribute          = "job_id"
  create_returns_object = true
}

resource "restapi_object" "training" {
  path = "/visualization-jobs"
  data = jsonencode({
    job_name  = "training-7"
    train_url = "/my-bucket/training-7/events/"
    job_desc  = "Loss and accuracy of training run 7"
    job_type  = "tensorboard"
    flavor    = { code = "modelarts.p3.large.public" }
    schedule  = [{ type = "stop", time_unit = "HOURS", duration = 8 }]
  })
}
