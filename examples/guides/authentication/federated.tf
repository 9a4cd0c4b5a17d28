provider "modelarts" {
  auth_url       = "https://iam.eu-de.otc.t-systems.com/v3"
  domain_name    = "OTC-EU-DE-00000000001000000001"
  tenant_name    = "eu-de_training"
  token          = var.token
  access_key     = var.access_key
  secret_key     = var.secret_key
  security_token = var.security_token
}
