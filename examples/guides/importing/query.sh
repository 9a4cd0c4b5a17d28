# Show what there is, and write a resource and an import block for each job.
terraform query
terraform query -generate-config-out=generated.tf

# Take out whether the jobs run: it is of this minute.
grep -v '^  running ' generated.tf > jobs.tf
rm generated.tf

# It has to say: so many to import, 0 to add, 0 to change, 0 to destroy.
terraform plan -out=import.tfplan
terraform apply import.tfplan
