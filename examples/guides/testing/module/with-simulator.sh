# Runs one command with a new simulator: sh with-simulator.sh COMMAND [FLAG...]
set -eu
command=$1
shift

# Remove the variables of a real account.
unset $(env | sed -n 's/^\(OS_[A-Z_]*\)=.*/\1/p')

work=$(mktemp -d)
modelarts-simulator "$@" >"$work/variables" 2>"$work/log" &
simulator=$!
trap 'kill "$simulator"; rm -r "$work"' EXIT

# The simulator prints the variables when it is ready.
until [ -s "$work/variables" ]; do
  kill -0 "$simulator" || { cat "$work/log"; exit 1; }
  sleep 0.1
done
. "$work/variables"

eval "$command"
