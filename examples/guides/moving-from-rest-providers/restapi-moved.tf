moved {
  from = restapi_object.training
  to   = modelarts_visualization_job.training
}
