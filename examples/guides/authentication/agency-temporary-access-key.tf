provider "modelarts" {
  auth_url           = "https://iam.eu-de.otc.t-systems.com/v3"
  agency_name        = "modelarts-operators"
  agency_domain_name = "OTC-EU-DE-00000000001000000002"
  delegated_project  = "eu-de_training"

  domain_name    = "OTC-EU-DE-00000000001000000001"
  access_key     = var.access_key
  secret_key     = var.secret_key
  security_token = var.security_token
}
