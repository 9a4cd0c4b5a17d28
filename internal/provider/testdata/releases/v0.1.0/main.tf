terraform {
  required_providers {
    modelarts = {
      source = "opentelekomcloud-community/modelarts"
    }
  }
}

resource "modelarts_visualization_job" "least" {
  name      = "least"
  train_url = "/bucket/least"
}

resource "modelarts_visualization_job" "most" {
  name           = "most"
  train_url      = "/bucket/most/"
  description    = "has every attribute"
  job_type       = "tensorboard"
  flavor         = "modelarts.vm.cpu.2u"
  running        = true
  adopt_existing = true

  schedule = {
    duration  = 8
    time_unit = "HOURS"
    type      = "stop"
  }

  timeouts {
    create = "20m"
    read   = "5m"
    update = "20m"
    delete = "20m"
  }
}

resource "modelarts_visualization_job" "stopped" {
  name      = "stopped"
  train_url = "/bucket/stopped/"
  running   = false
}

resource "modelarts_visualization_job" "imported" {
  name      = "imported"
  train_url = "/bucket/imported/"
}

data "modelarts_visualization_job" "by_id" {
  id = "197"
}

data "modelarts_visualization_job" "by_name" {
  name = "imported"
}

data "modelarts_visualization_jobs" "some" {
  search_content = "import"
  status         = ["RUNNING"]
  workspace_id   = "0"
  sort_by        = "job_name"
  order          = "desc"
}
