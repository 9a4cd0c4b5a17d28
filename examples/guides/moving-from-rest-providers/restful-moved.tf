moved {
  from = restful_resource.training
  to   = modelarts_visualization_job.training
}
