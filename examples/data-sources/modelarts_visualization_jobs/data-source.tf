# Running jobs, the newest first.
data "modelarts_visualization_jobs" "running" {
  status  = ["RUNNING"]
  sort_by = "create_time"
  order   = "desc"
}

output "running" {
  value = [
    for job in data.modelarts_visualization_jobs.running.jobs :
    "${job.name} (ID ${job.id}) since ${job.create_time}"
  ]
}
