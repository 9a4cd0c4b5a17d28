module "boards" {
  source = "./boards"
  runs   = var.runs
}

moved {
  from = restapi_object.training
  to   = module.boards.modelarts_visualization_job.training
}
