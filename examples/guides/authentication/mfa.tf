provider "modelarts" {
  auth_url    = "https://iam.eu-de.otc.t-systems.com/v3"
  domain_name = "OTC-EU-DE-00000000001000000001"
  tenant_name = "eu-de_training"
  user_id     = "0b9e6f4d2a8c4371b5d3e7f1a6c4820d"
  password    = var.password
  passcode    = var.passcode
}
