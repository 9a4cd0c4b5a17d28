# By its exact name, or by its id: id = "197".
data "modelarts_visualization_job" "training" {
  name = "training-7"
}

output "tensorboard" {
  value = data.modelarts_visualization_job.training.service_url
}
