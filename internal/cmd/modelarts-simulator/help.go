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

Serves an in-memory imitation of Open Telekom Cloud's IAM and ModelArts on a
loopback address until it is interrupted. The environment variables that a
client needs go to standard output, everything else to standard error.

Example:

  modelarts-simulator -transition 10s -jobs 2 >simulator.env &
  until [ -s simulator.env ]; do sleep 0.1; done
  . ./simulator.env
  terraform plan

The variables are those of a user with a password. After them come OS_ACCESS_KEY
and OS_SECRET_KEY, as comments, since a client takes an access key first: take
away the # to have it sign its requests. Five wrong signatures in a row lock the
key for five minutes.

Flags:

`

// What the values of a flag mean, one line each.
const (
	refusalsHelp = `  usual: stop is accepted while a job starts or runs, restart at an end, delete unless KILLING
  documented: refused is only stop while COMPLETED, restart while RUNNING, delete while KILLING
  strict: stop is accepted only while RUNNING, restart and delete at an end, update in either
(default usual)`
	errorShapeHelp = `  documented: a 4xx status with error_code, error_message and mostly is_success
  ok-200: status 200 with is_success false
  bare: without is_success
  gateway: error_msg for error_message, and a request_id
  iam: {"error":{"code","message","title"}}
  empty: the status without a body
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

A fault is written ` + simulator.FaultSyntax + `:

  METHOD  GET, POST, PUT, DELETE, or * for any
  PATH    regular expression for the whole path; that of a ModelArts call is what
          follows /v1/{project_id}, such as /visualization-jobs/7/stop, that of an
          IAM call is complete, such as /v3/auth/tokens
  KIND    one of the list below
  COUNT   how many requests it happens to; 1 by default, -1 is all of them
  SKIP    how many requests pass before; 0 by default

This loses the answer to the second job that is created, and has every stop
refused:

  modelarts-simulator \
    -fault 'POST /visualization-jobs drop-after 1 1' \
    -fault 'POST /visualization-jobs/.*/stop conflict -1'

Faults can also be queued while it runs, one on each line, for instance between
two runs of terraform; GET lists those that are left, and DELETE clears them:

  url="${OS_AUTH_URL%/v3}` + simulator.ControlPath + `"
  curl -d 'POST /visualization-jobs drop-after' "$url"
  curl --data-binary @faults.txt "$url"
  curl "$url"
  curl -X DELETE "$url"

This needs no credentials, as only this machine can reach it. What a web page
sends, which has an Origin header, is refused.

Kinds of faults:

`

// printHelp writes all that -help shows.
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

	_ = table.Flush() // Into memory, which does not fail.

	if _, err := io.WriteString(stderr, b.String()); err != nil {
		return fmt.Errorf("write help: %w", err)
	}

	return nil
}
