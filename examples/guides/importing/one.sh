# Write the resource without running.
terraform plan -generate-config-out=generated.tf
grep -v '^  running ' generated.tf > job.tf
rm generated.tf

# The plan has to show 1 to import, 0 to add, 0 to change, 0 to destroy.
terraform plan -out=import.tfplan
terraform apply import.tfplan
