provider "modelarts" {
  region    = "eu-de"
  tenant_id = "c3f2a1d04b5e46f78a9bd0e1f2c3a4b5"
  user_id   = "0b9e6f4d2a8c4371b5d3e7f1a6c4820d"
  password  = var.password
}
