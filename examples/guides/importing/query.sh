# List the jobs, and write a resource and an import block for each job.
terraform query
terraform query -generate-config-out=generated.tf

# Remove running, because the status of a job can change before the apply.
grep -v '^  running ' generated.tf > jobs.tf
rm generated.tf

# The plan has to show the number of jobs to import, 0 to add, 0 to change, 0 to destroy.
terraform plan -out=import.tfplan
terraform apply import.tfplan
