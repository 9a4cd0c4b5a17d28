removed {
  from = restapi_object.training

  lifecycle {
    destroy = false
  }
}

import {
  to = modelarts_visualization_job.training
  id = "197"
}
