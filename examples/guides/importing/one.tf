import {
  to = modelarts_visualization_job.training
  id = "197"
}
