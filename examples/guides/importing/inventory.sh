# Write down what there is. With -refresh-only no job is made or changed.
terraform apply -refresh-only -auto-approve
terraform output -json inventory > inventory.json
mv inventory.json jobs.auto.tfvars.json

# It has to say: so many to import, 0 to add, 0 to change, 0 to destroy.
terraform plan -out=import.tfplan
terraform apply import.tfplan
