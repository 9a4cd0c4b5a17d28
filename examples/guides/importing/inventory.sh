# Save the current jobs. With -refresh-only, Terraform creates and changes no job.
terraform apply -refresh-only -auto-approve
terraform output -json inventory > inventory.json
mv inventory.json jobs.auto.tfvars.json

# The plan has to show the number of jobs to import, 0 to add, 0 to change, 0 to destroy.
terraform plan -out=import.tfplan
terraform apply import.tfplan
