package main

import (
	"flag"
	"fmt"
	"io"
	"strings"
	"text/tabwriter"

	"github.com/opentelekomcloud-community/terraform-provider-modelarts/internal/simulator"
)

const usage = `Usage: modelarts-simulator [flags]

Simulates the IAM and ModelArts services of Open Telekom Cloud in memory, on a
loopback address, until you interrupt it. It prints the environment variables
for a client to standard output, and everything else to standard error.

Example:

  modelarts-simulator -transition 10s -jobs 2 >simulator.env &
  until [ -s simulator.env ]; do sleep 0.1; done
  . ./simulator.env
  terraform plan

The variables configure a user with a password. OS_ACCESS_KEY and OS_SECRET_KEY
follow as comments, because an access key takes precedence over a password. To
sign requests with the access key, remove the #. Five wrong signatures in a row
lock the key for five minutes.

Flags:

`

// Values of flags, one per line.
const (
	rejectionsHelp = `  usual: accepts stop while a job starts or runs, restart after it stopped or failed, delete unless KILLING
  documented: rejects only stop while COMPLETED, restart while RUNNING, delete while KILLING
  strict: accepts stop while RUNNING, restart and delete after a job stopped or failed, update in both cases
(default usual)`
	errorShapeHelp = `  documented: a 4xx status with error_code, error_message and mostly is_success
  ok-200: status 200 with is_success false
  bare: without is_success
  gateway: error_msg instead of error_message, and a request_id
  iam: {"error":{"code","message","title"}}
  empty: no body
(default documented)`
	notFoundShapeHelp = `  400: status 400 with ModelArts.2775, as documented for training jobs
  404: status 404 with ModelArts.0015, as documented until 2024
  bare-404: status 404 without a body
  parameter: status 400 with ModelArts.0104
  ok-200: status 200 with is_success false and ModelArts.2775
  gateway-404: status 404 with APIGW.0101
  conflict: status 400 with ModelArts.0105
(default 400)`
)

const faultsHelp = `
Faults:

The syntax of a fault is ` + simulator.FaultSyntax + `:

  METHOD  GET, POST, PUT, DELETE, or * for any method
  PATH    regular expression that matches the complete path; for ModelArts, the
          path after /v1/{project_id}, for example /visualization-jobs/7/stop; for
          IAM, the path from the root, for example /v3/auth/tokens
  KIND    one of the kinds below
  COUNT   number of requests with the fault; 1 by default, -1 is all requests
  SKIP    number of matching requests without the fault before; 0 by default

For example, the client doesn't receive the response to the second create
request, and all stop requests fail:

  modelarts-simulator \
    -fault 'POST /visualization-jobs drop-after 1 1' \
    -fault 'POST /visualization-jobs/.*/stop conflict -1'

You can also queue faults while the simulator runs, for example between two runs
of Terraform. POST adds one fault per line. GET lists the queue, and DELETE
clears it:

  url="${OS_AUTH_URL%/v3}` + simulator.ControlPath + `"
  curl -d 'POST /visualization-jobs drop-after' "$url"
  curl --data-binary @faults.txt "$url"
  curl "$url"
  curl -X DELETE "$url"

These requests need no credentials, because only this machine can send them. The
simulator rejects requests of web pages, which have an Origin header.

Kinds of faults:

`

// printHelp writes the usage, the flags and the kinds of faults.
func printHelp(flags *flag.FlagSet, stderr io.Writer) error {
	var b strings.Builder

	b.WriteString(usage)
	flags.SetOutput(&b)
	flags.PrintDefaults()
	b.WriteString(faultsHelp)

	table := tabwriter.NewWriter(&b, 0, 0, 2, ' ', 0)
	for _, k := range simulator.FaultKinds() {
		fmt.Fprintf(table, "  %s\t%s\n", k.Name, k.Description)
	}

	_ = table.Flush() // A write to memory doesn't fail.

	if _, err := io.WriteString(stderr, b.String()); err != nil {
		return fmt.Errorf("write help: %w", err)
	}

	return nil
}
