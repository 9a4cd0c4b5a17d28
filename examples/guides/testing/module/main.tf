terraform {
  required_providers {
    modelarts = {
      source = "opentelekomcloud-community/modelarts"
    }
  }
}

variable "name" {
  description = "Name of the training run."
  type        = string

  validation {
    condition     = length(var.name) <= 14
    error_message = "The name must have at most 14 characters, because the module adds the prefix board-."
  }
}

variable "bucket" {
  description = "Bucket with the event files of all training runs."
  type        = string
  default     = "training"
}

variable "running" {
  description = "Whether the TensorBoard runs."
  type        = bool
  default     = true
}

resource "modelarts_visualization_job" "board" {
  name        = "board-${var.name}"
  train_url   = "/${var.bucket}/${var.name}/events/"
  description = "Training run ${var.name}"
  running     = var.running
}

output "url" {
  description = "Address of the TensorBoard, or null if it is stopped."
  value       = modelarts_visualization_job.board.running ? modelarts_visualization_job.board.service_url : null
}

output "id" {
  value = modelarts_visualization_job.board.id
}
