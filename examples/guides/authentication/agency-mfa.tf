provider "modelarts" {
  auth_url           = "https://iam.eu-de.otc.t-systems.com/v3"
  agency_name        = "modelarts-operators"
  agency_domain_name = "OTC-EU-DE-00000000001000000002"
  delegated_project  = "eu-de_training"

  domain_name = "OTC-EU-DE-00000000001000000001"
  user_id     = "0b9e6f4d2a8c4371b5d3e7f1a6c4820d"
  password    = var.password
  passcode    = var.passcode
}
