resource "modelarts_visualization_job" "mindspore" {
  name      = "mindspore-3"
  train_url = "/my-bucket/mindspore-3/summary/"
  job_type  = "mindinsight"
}
