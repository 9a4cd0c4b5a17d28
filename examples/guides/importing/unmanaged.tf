locals {
  # By name and path, because the ID of a job is unknown before it is created.
  managed = [
    for job in modelarts_visualization_job.imported : "${job.name} ${trimsuffix(job.train_url, "/")}"
  ]
  unmanaged = [
    for job in data.modelarts_visualization_jobs.all.jobs : job.id
    if !contains(local.managed, "${job.name} ${trimsuffix(job.train_url, "/")}")
  ]
}

check "unmanaged" {
  assert {
    condition     = length(local.unmanaged) == 0
    error_message = "Made outside of this configuration: ${join(", ", local.unmanaged)}."
  }
}
