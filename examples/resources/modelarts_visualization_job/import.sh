# By the id of the job, which the console shows and its service URL ends with.
terraform import modelarts_visualization_job.training 197
