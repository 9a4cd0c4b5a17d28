output "agency" {
  description = "Name of the agency to select in the ModelArts console."
  value       = opentelekomcloud_identity_agency_v3.modelarts.name
}

output "event_paths" {
  description = "Where the training runs write their event files."
  value       = { for run in var.runs : run => "obs://${opentelekomcloud_obs_bucket.training.bucket}/events/${run}/" }
}

output "tensorboards" {
  description = "URLs of the TensorBoards."
  value       = { for run, board in modelarts_visualization_job.board : run => board.service_url }
}
