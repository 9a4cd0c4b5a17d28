# Runs the tests of this module without a cloud. modelarts-simulator has to be on the PATH.
set -eu

# Nothing of a real account.
unset $(env | sed -n 's/^\(OS_[A-Z_]*\)=.*/\1/p')

work=$(mktemp -d)
modelarts-simulator -transition 1s -buckets training >"$work/variables" 2>"$work/log" &
simulator=$!
trap 'kill "$simulator"; rm -r "$work"' EXIT

# It prints its variables when it is ready.
until [ -s "$work/variables" ]; do
  kill -0 "$simulator" || { cat "$work/log"; exit 1; }
  sleep 0.1
done
. "$work/variables"

faults="${OS_AUTH_URL%/v3}/simulator/faults"

# fails MESSAGE ARGUMENT... runs tests that have to fail, and say the message.
fails() {
  message=$1
  shift
  if terraform test "$@" >"$work/output" 2>&1 || ! grep -q "$message" "$work/output"; then
    cat "$work/output"
    echo "This should have failed with $message."
    exit 1
  fi
}

terraform init -input=false
terraform test

# The answer to the create is lost: the provider finds the job that was made.
curl -fsS -d 'POST /visualization-jobs drop-after' "$faults" >/dev/null
terraform test -filter=tests/simulator.tftest.hcl

# A bucket that is not there.
fails ModelArts.4311 -filter=tests/simulator.tftest.hcl -var bucket=trianing

# Credentials that may create a job, and not stop it.
curl -fsS -d 'POST /visualization-jobs/.*/stop denied -1' "$faults" >/dev/null
fails ModelArts.0108 -filter=tests/simulator.tftest.hcl
