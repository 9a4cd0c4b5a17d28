list "modelarts_visualization_job" "all" {
  provider = modelarts

  # Without it Terraform shows 100, and does not say that there are more.
  limit = 10000
}
