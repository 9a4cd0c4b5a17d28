data "modelarts_visualization_job" "board" {
  id = "197"

  lifecycle {
    postcondition {
      condition     = self.status == "RUNNING"
      error_message = "Job ${self.name} has the status ${self.status}."
    }
  }
}
