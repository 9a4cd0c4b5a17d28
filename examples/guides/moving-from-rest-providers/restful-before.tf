provider "restful" {
  base_url = "https://modelarts.eu-de.otc.t-systems.com/v1/${var.project_id}"
  header   = { X-Auth-Token = var.token, Content-Type = "application/json" }
}

resource "restful_resource" "training" {
  path             = "/visualization-jobs"
  read_path        = "$(path)/$(body.job_id)"
  write_only_attrs = ["job_type", "flavor", "schedule"]
  body = {
    job_name  = "training-7"
    train_url = "/my-bucket/training-7/events/"
    job_desc  = "Loss and accuracy of training run 7"
    job_type  = "tensorboard"
    flavor    = { code = "modelarts.p3.large.public" }
    schedule  = [{ type = "stop", time_unit = "HOURS", duration = 8 }]
  }
}
