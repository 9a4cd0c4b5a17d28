locals {
  # By name and path, as the id of a job that is to be made is not known yet.
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
