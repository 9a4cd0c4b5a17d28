terraform {
  required_providers {
    modelarts = {
      source = "opentelekomcloud-community/modelarts"
    }
  }
}

provider "modelarts" {}

resource "modelarts_visualization_job" "training" {
  name      = "training-7"
  train_url = "/my-bucket/training-7/events/"
}

output "id" {
  value = modelarts_visualization_job.training.id
}

output "tensorboard" {
  value = modelarts_visualization_job.training.service_url
}
