import {
  to = modelarts_visualization_job.training
  identity = {
    id = "197"
  }
}
