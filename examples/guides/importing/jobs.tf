# jobs.auto.tfvars.json has the values.
variable "jobs" {
  type = map(object({
    id          = string
    name        = string
    train_url   = string
    description = string
    schedule    = object({ type = string, time_unit = string, duration = number })
  }))
  default = {}
}

import {
  for_each = var.jobs
  to       = modelarts_visualization_job.imported[each.key]
  id       = each.value.id
}

resource "modelarts_visualization_job" "imported" {
  for_each = var.jobs

  name        = each.value.name
  train_url   = each.value.train_url
  description = each.value.description
  schedule    = each.value.schedule

  # If a job is missing from the file, the plan fails, so that no apply deletes the job.
  lifecycle {
    prevent_destroy = true
  }
}
