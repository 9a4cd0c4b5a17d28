variable "bucket" {
  description = "Name of the bucket to create, for example my-team-training. It is unique among all buckets of OBS."
  type        = string
}

variable "runs" {
  description = "Names of the training runs that have a TensorBoard, for example [\"run-7\"]."
  type        = set(string)
  default     = []
}

variable "modelarts_domain_name" {
  description = "Name of the account of ModelArts, which the agency trusts. The guide says where you find it."
  type        = string
}

variable "authorized" {
  description = "Whether an administrator has selected the agency in the ModelArts console."
  type        = bool
  default     = false
}

variable "running" {
  description = "true starts all jobs, false stops them, null changes nothing."
  type        = bool
  default     = null
}
