variable "bucket" {
  description = "Name of the bucket to create, for example my-team-training. No other bucket of OBS, in any account, can have this name."
  type        = string
}

variable "modelarts_domain_name" {
  description = "Name of the account of ModelArts, which the agency trusts. Step 1 of the guide finds it."
  type        = string
}

variable "runs" {
  description = "Training runs that get a TensorBoard, for example [\"run-7\"]. A name has 1 to 20 letters, digits, _ and -."
  type        = set(string)
  default     = []
}

variable "running" {
  description = "true starts all jobs, false stops them, null leaves each job as it is."
  type        = bool
  default     = null
}
