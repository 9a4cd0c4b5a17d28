terraform {
  required_providers {
    modelarts = {
      source = "opentelekomcloud-community/modelarts"
    }
  }
}

# The rest comes from OS_USERNAME, OS_PASSWORD, OS_USER_DOMAIN_NAME and
# OS_PROJECT_NAME, as for the opentelekomcloud provider.
provider "modelarts" {
  region = "eu-de"
}
