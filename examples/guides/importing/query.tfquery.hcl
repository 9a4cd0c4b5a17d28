list "modelarts_visualization_job" "all" {
  provider = modelarts

  # Without it, Terraform shows 100 jobs, and does not say whether there are more.
  limit = 10000
}
