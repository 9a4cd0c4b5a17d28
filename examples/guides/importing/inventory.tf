data "modelarts_visualization_jobs" "all" {
}

output "inventory" {
  value = {
    jobs = {
      for job in data.modelarts_visualization_jobs.all.jobs : job.id => {
        id          = job.id
        name        = job.name
        train_url   = job.train_url
        description = job.description
        schedule    = job.schedule
      }
    }
  }
}
