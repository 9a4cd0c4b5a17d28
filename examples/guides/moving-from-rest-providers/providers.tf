terraform {
  required_providers {
    modelarts = {
      source = "opentelekomcloud-community/modelarts"
    }
    # The line of the other provider stays, too.
  }
}

provider "modelarts" {
  region    = "eu-de"
  token     = var.token
  tenant_id = var.project_id
}
