# Every job of the project.
list "modelarts_visualization_job" "all" {
  provider = modelarts
  limit    = 1000
}

# What runs and has this in its name, with all attributes in the JSON output.
list "modelarts_visualization_job" "training" {
  provider         = modelarts
  include_resource = true

  config {
    status         = ["RUNNING"]
    search_content = "training-"
  }
}
