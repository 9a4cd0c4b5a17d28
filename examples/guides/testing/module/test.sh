# Runs all tests of this module.
set -eu

terraform init -input=false

sh with-simulator.sh "terraform test" -transition 1s

# ModelArts creates the job, but the provider doesn't receive the response.
# The provider finds the job, so the tests pass.
sh with-simulator.sh "terraform test -filter=tests/simulator.tftest.hcl" \
  -transition 1s -fault "POST /visualization-jobs drop-after"

# fails CODE FLAG... runs the tests, which must fail with the error code.
fails() {
  code=$1
  shift
  if output=$(sh with-simulator.sh "terraform test -no-color -filter=tests/simulator.tftest.hcl" "$@" 2>&1); then
    echo "The tests passed, but should have failed with $code."
    exit 1
  fi
  case $output in
    *"Error code: $code"*) echo "The tests failed with $code, as expected." ;;
    *) echo "$output"; echo "The tests should have failed with $code."; exit 1 ;;
  esac
}

# The project can't have more jobs.
fails ModelArts.0118 -jobs 1 -job-limit 1

# The bucket doesn't exist.
fails ModelArts.4311 -buckets archive

# The credentials allow a create, but not a stop.
fails ModelArts.0108 -transition 1s -fault "POST /visualization-jobs/.*/stop denied -1"
