# Find a job by its exact name, or by its ID: id = "197".
data "modelarts_visualization_job" "training" {
  name = "training-7"
}

output "tensorboard" {
  value = data.modelarts_visualization_job.training.service_url
}
