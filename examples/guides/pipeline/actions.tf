# terraform apply -auto-approve -invoke=action.modelarts_visualization_job_stop.board
action "modelarts_visualization_job_stop" "board" {
  for_each = modelarts_visualization_job.board

  config {
    id = each.value.id
  }
}

# terraform apply -auto-approve -invoke=action.modelarts_visualization_job_restart.board
action "modelarts_visualization_job_restart" "board" {
  for_each = modelarts_visualization_job.board

  config {
    id = each.value.id
  }
}
