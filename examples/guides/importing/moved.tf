moved {
  from = modelarts_visualization_job.imported["197"]
  to   = modelarts_visualization_job.training
}
