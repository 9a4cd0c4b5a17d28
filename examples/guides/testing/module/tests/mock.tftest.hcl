# Terraform generates the values that the API would return.

mock_provider "modelarts" {
  mock_resource "modelarts_visualization_job" {
    defaults = {
      id          = "197"
      service_url = "https://board.example.com/197/"
    }
  }
}

variables {
  name = "run-7"
}

run "names" {
  assert {
    condition     = modelarts_visualization_job.board.name == "board-run-7"
    error_message = "The name is ${modelarts_visualization_job.board.name}."
  }

  assert {
    condition     = modelarts_visualization_job.board.train_url == "/training/run-7/events/"
    error_message = "The path is ${modelarts_visualization_job.board.train_url}."
  }

  assert {
    condition     = output.url == "https://board.example.com/197/"
    error_message = "The output url lacks the address."
  }
}

run "no_url_when_stopped" {
  variables {
    running = false
  }

  assert {
    condition     = output.url == null
    error_message = "The output url has the address of a stopped job."
  }
}
