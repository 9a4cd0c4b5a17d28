# AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY are an access key of Open Telekom Cloud.
terraform {
  backend "s3" {
    bucket = "my-terraform-state"
    key    = "boards.tfstate"
    region = "eu-de"

    endpoints = {
      s3 = "https://obs.eu-de.otc.t-systems.com"
    }

    # Only AWS has the services that these checks need.
    skip_credentials_validation = true
    skip_region_validation      = true
    skip_requesting_account_id  = true
    skip_metadata_api_check     = true
    skip_s3_checksum            = true
  }
}
