data "modelarts_visualization_jobs" "all" {
  lifecycle {
    postcondition {
      condition     = self.job_count_limit >= 3
      error_message = "The project can have only ${self.job_count_limit} more jobs."
    }
  }
}
