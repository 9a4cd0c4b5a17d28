variable "secret_key" {
  type      = string
  sensitive = true
  ephemeral = true
}

# access_key and the rest come from the environment.
provider "modelarts" {
  secret_key = var.secret_key
}
