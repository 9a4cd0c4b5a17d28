# Real applies, against the simulator.

variables {
  name = "run-7"
}

run "create" {
  assert {
    condition     = modelarts_visualization_job.board.status == "RUNNING"
    error_message = "The board is ${modelarts_visualization_job.board.status}."
  }

  assert {
    condition     = startswith(output.url, "https://")
    error_message = "There is no address."
  }
}

run "plan_stop" {
  command = plan

  variables {
    running = false
  }

  # Of a board that is to be replaced, the id is not known.
  assert {
    condition     = output.id != ""
    error_message = "There is no id."
  }
}

run "stop" {
  variables {
    running = false
  }

  assert {
    condition     = modelarts_visualization_job.board.status == "KILLED" && output.url == null
    error_message = "The board is ${modelarts_visualization_job.board.status}, or has an address."
  }
}

run "start_again" {
  assert {
    condition     = modelarts_visualization_job.board.running
    error_message = "The board is ${modelarts_visualization_job.board.status}."
  }
}

run "name_too_long" {
  command = plan

  variables {
    name = "run-7-with-more-data"
  }

  expect_failures = [var.name]
}
