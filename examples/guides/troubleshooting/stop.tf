action "modelarts_visualization_job_stop" "now" {
  config {
    id = "197"
  }
}
