terraform {
  required_providers {
    modelarts = {
      source = "opentelekomcloud-community/modelarts"
    }
  }
}

variable "boards" {
  description = "The OBS path of each job's event files, by the name of the job."
  type        = map(string)

  default = {
    training-7 = "/my-bucket/training-7/events/"
    training-8 = "/my-bucket/training-8/events/"
  }
}

variable "running" {
  description = "true starts all jobs, false stops them, null leaves each as it is."
  type        = bool
  default     = null
}

resource "modelarts_visualization_job" "board" {
  for_each = var.boards

  name      = each.key
  train_url = each.value
  running   = var.running

  # For the night on which the pipeline does not run.
  schedule = {
    duration = 14
  }

  # For the day on which the runner is killed.
  adopt_existing = true

  # Together with the wait for the lock, less than the timeout of the CI job.
  timeouts {
    create = "15m"
    update = "15m"
    delete = "15m"
  }
}

output "tensorboards" {
  value = { for name, board in modelarts_visualization_job.board : name => board.service_url }
}
