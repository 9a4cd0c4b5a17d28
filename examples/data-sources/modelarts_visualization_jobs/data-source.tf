# Running jobs, the newest first.
data "modelarts_visualization_jobs" "running" {
  status  = ["RUNNING"]
  sort_by = "create_time"
  order   = "desc"
}

output "hours" {
  value = {
    for job in data.modelarts_visualization_jobs.running.jobs : "${job.name} (${job.id})" => floor(job.duration / 3600000)
  }
}
