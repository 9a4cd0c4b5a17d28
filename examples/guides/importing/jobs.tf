# jobs.auto.tfvars.json has the values.
variable "jobs" {
  type = map(object({
    id          = string
    name        = string
    train_url   = string
    description = string
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

  # A job that drops out of the file is an error of the plan, and not deleted.
  lifecycle {
    prevent_destroy = true
  }
}
