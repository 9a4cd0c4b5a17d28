# These runs apply the module with the simulator.

variables {
  name = "run-7"
}

run "create" {
  assert {
    condition     = modelarts_visualization_job.board.status == "RUNNING"
    error_message = "The status is ${modelarts_visualization_job.board.status}."
  }

  assert {
    condition     = startswith(output.url, "https://")
    error_message = "The output url has no address."
  }
}

run "plan_stop" {
  command = plan

  variables {
    running = false
  }

  # If the plan replaced the job, its ID would be unknown, and this assertion would fail.
  assert {
    condition     = output.id != ""
    error_message = "The output id is empty."
  }
}

run "stop" {
  variables {
    running = false
  }

  assert {
    condition     = modelarts_visualization_job.board.status == "KILLED" && output.url == null
    error_message = "The status is ${modelarts_visualization_job.board.status}, or the output url has an address."
  }
}

run "start_again" {
  assert {
    condition     = modelarts_visualization_job.board.running
    error_message = "The status is ${modelarts_visualization_job.board.status}."
  }
}

run "name_too_long" {
  command = plan

  variables {
    name = "run-7-with-more-data"
  }

  expect_failures = [var.name]
}
