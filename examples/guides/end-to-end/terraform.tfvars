bucket                = "my-team-training"
modelarts_domain_name = "op_svc_example"
