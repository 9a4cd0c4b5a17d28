removed {
  from = modelarts_visualization_job.training
  lifecycle {
    destroy = false
  }
}
