variable "training_run" {
  description = "Name of the training run whose event files were written last"
  type        = string
  default     = "run-1"
}

resource "modelarts_visualization_job" "training" {
  name      = "training-7"
  train_url = "/my-bucket/training-7/events/"
}

# Each new training run restarts the job, so that it reads the new event files.
resource "terraform_data" "training_run" {
  input = var.training_run

  lifecycle {
    action_trigger {
      events  = [after_update]
      actions = [action.modelarts_visualization_job_restart.training]
    }
  }
}

# terraform apply -invoke=action.modelarts_visualization_job_restart.training
action "modelarts_visualization_job_restart" "training" {
  config {
    id = modelarts_visualization_job.training.id

    timeouts {
      invoke = "30m"
    }
  }
}
