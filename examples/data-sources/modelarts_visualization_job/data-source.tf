data "modelarts_visualization_job" "training" {
  name = "training-7"
}

output "tensorboard" {
  value = data.modelarts_visualization_job.training.service_url
}
