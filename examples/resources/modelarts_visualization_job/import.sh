# The console shows the ID of the job, and its service URL ends with the ID.
terraform import modelarts_visualization_job.training 197
