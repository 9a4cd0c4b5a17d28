# The rest is in the variables TF_HTTP_ of the pipeline.
terraform {
  backend "http" {}
}
