locals {
  managed   = [for job in modelarts_visualization_job.imported : job.id]
  unmanaged = setsubtract(data.modelarts_visualization_jobs.all.ids, local.managed)
}

check "unmanaged" {
  assert {
    condition     = length(local.unmanaged) == 0
    error_message = "Made outside of this configuration: ${join(", ", local.unmanaged)}."
  }
}
