# All jobs in the default workspace, up to 1000.
list "modelarts_visualization_job" "all" {
  provider = modelarts
  limit    = 1000
}

# Running jobs whose names contain training-, with all attributes in the JSON output.
list "modelarts_visualization_job" "training" {
  provider         = modelarts
  include_resource = true

  config {
    status         = ["RUNNING"]
    search_content = "training-"
  }
}
