terraform {
  required_providers {
    modelarts = {
      source = "opentelekomcloud-community/modelarts"
    }
  }
}

variable "boards" {
  description = "OBS path of the event files of each job, by the name of the job."
  type        = map(string)

  default = {
    training-7 = "/my-bucket/training-7/events/"
    training-8 = "/my-bucket/training-8/events/"
  }
}

variable "running" {
  description = "true starts all jobs, false stops them, null changes nothing."
  type        = bool
  default     = null
}

resource "modelarts_visualization_job" "board" {
  for_each = var.boards

  name      = each.key
  train_url = each.value
  running   = var.running

  # Stops the job even if the pipeline doesn't run in the evening.
  schedule = {
    duration = 14
  }

  # If a runner is killed during a create, the next apply adopts the job.
  adopt_existing = true

  # Together with the wait for the lock, shorter than the timeout of the CI job.
  timeouts {
    create = "15m"
    update = "15m"
    delete = "15m"
  }
}

output "tensorboards" {
  value = { for name, board in modelarts_visualization_job.board : name => board.service_url }
}
