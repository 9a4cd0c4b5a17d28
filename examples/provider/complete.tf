terraform {
  required_providers {
    modelarts = {
      source = "opentelekomcloud-community/modelarts"
    }
  }
}

# The credentials and the project come from OS_USERNAME, OS_PASSWORD,
# OS_USER_DOMAIN_NAME and OS_PROJECT_NAME.
provider "modelarts" {
  region = "eu-de"
}

resource "modelarts_visualization_job" "training" {
  name      = "training-7"
  train_url = "/my-bucket/training-7/events/"
  running   = true # false stops the job
}

output "tensorboard" {
  value = modelarts_visualization_job.training.service_url
}
