# The TF_HTTP_ variables of the pipeline configure the backend.
terraform {
  backend "http" {}
}
