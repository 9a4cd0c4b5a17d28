resource "modelarts_visualization_job" "training" {
  name      = "training-7"
  train_url = "/my-bucket/training-7/events/"
}

# terraform apply -invoke=action.modelarts_visualization_job_stop.training
action "modelarts_visualization_job_stop" "training" {
  config {
    id = modelarts_visualization_job.training.id
  }
}
