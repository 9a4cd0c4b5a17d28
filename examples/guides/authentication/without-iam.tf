provider "modelarts" {
  endpoint   = "https://modelarts.eu-de.otc.t-systems.com"
  tenant_id  = "c3f2a1d04b5e46f78a9bd0e1f2c3a4b5"
  access_key = var.access_key
  secret_key = var.secret_key
}
