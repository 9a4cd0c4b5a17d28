# Runs the tests of this module with the simulator. The PATH must have modelarts-simulator.
set -eu

# Remove the variables of a real account.
unset $(env | sed -n 's/^\(OS_[A-Z_]*\)=.*/\1/p')

work=$(mktemp -d)
modelarts-simulator -transition 1s -buckets training >"$work/variables" 2>"$work/log" &
simulator=$!
trap 'kill "$simulator"; rm -r "$work"' EXIT

# The simulator prints its variables when it is ready.
until [ -s "$work/variables" ]; do
  kill -0 "$simulator" || { cat "$work/log"; exit 1; }
  sleep 0.1
done
. "$work/variables"

terraform init -input=false
terraform test

# fault METHOD PATH KIND [COUNT] has the next matching requests fail.
fault() {
  curl -fsS -d "$*" "${OS_AUTH_URL%/v3}/simulator/faults" >/dev/null
}

# fails MESSAGE ARGUMENT... runs the tests, which have to fail with the message.
fails() {
  message=$1
  shift
  if terraform test "$@" >"$work/output" 2>&1 || ! grep -q "$message" "$work/output"; then
    cat "$work/output"
    echo "The tests should have failed with $message."
    exit 1
  fi
}

# The response to the create is lost. The provider finds the job, and the tests pass.
fault POST /visualization-jobs drop-after
terraform test -filter=tests/simulator.tftest.hcl

# The bucket doesn't exist.
fails ModelArts.4311 -filter=tests/simulator.tftest.hcl -var bucket=trianing

# The credentials allow a create, but not a stop.
fault POST '/visualization-jobs/.*/stop' denied -1
fails ModelArts.0108 -filter=tests/simulator.tftest.hcl
