provider "modelarts" {
  auth_url    = "https://iam.example.com/v3"
  endpoint    = "https://modelarts.example.com"
  region      = "eu-de"
  cacert_file = "~/certificates/example-ca.pem"
  cert        = "~/certificates/ci.pem"
  key         = "~/certificates/ci-key.pem"
}
