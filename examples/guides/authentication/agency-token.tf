provider "modelarts" {
  auth_url           = "https://iam.eu-de.otc.t-systems.com/v3"
  agency_name        = "modelarts-operators"
  agency_domain_name = "OTC-EU-DE-00000000001000000002"
  delegated_project  = "eu-de_training"

  token = var.token
}
