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
