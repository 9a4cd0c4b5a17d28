package visualizationjob

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	"strings"
	"testing"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/opentelekomcloud-community/terraform-provider-modelarts/internal/httpclient"
	"github.com/opentelekomcloud-community/terraform-provider-modelarts/internal/lifecycle"
	"github.com/opentelekomcloud-community/terraform-provider-modelarts/internal/modelarts"
)

// Whole texts, as users see them: what is right in its parts may read badly.
func TestDiagnosticTexts(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		operation operation
		err       error
		summary   string
		detail    string
	}{
		"refused create": {
			operation: operation{kind: creating, name: "board", timeout: time.Minute},
			err:       refused("ModelArts.4311", "Bucket logs does not exist"),
			summary:   `Could not create visualization job "board"`,
			detail: `API message: Bucket logs does not exist
Error code: ModelArts.4311
HTTP status: 400
Request ID: req-1
Call: POST /visualization-jobs

The OBS bucket does not exist. Check that the bucket and the path of train_url exist in this region, and that ModelArts may read them (agency authorisation in the ModelArts console).`,
		},
		"unknown code": {
			operation: operation{kind: refreshing, id: "197", timeout: time.Minute},
			err:       refused("ModelArts.9999", "Never heard of"),
			summary:   `Could not read visualization job 197`,
			detail: `API message: Never heard of
Error code: ModelArts.9999
HTTP status: 400
Request ID: req-1
Call: POST /visualization-jobs

If the message does not help, give the request id to support.`,
		},
		"wait for a create is over": {
			operation: operationOf("create"),
			err: &lifecycle.WaitError{
				Goal: "running", ID: 197, Last: jobIn(modelarts.StatusWaiting), Waited: 20 * time.Minute, Err: context.DeadlineExceeded,
			},
			summary: `Could not create visualization job "board" (id 197)`,
			detail: `The job was last seen in status WAITING. The wait for it to be running took 20m0s.

The time of timeouts.create = "20m0s" is over. Raise it if the job only needs longer. The job 197 is in the state and marked as tainted: the next apply replaces it. To keep it, run terraform untaint once it is well.`,
		},
		"wait for a stop is over": {
			operation: operationOf("update"),
			err: &lifecycle.WaitError{
				Goal: "stopped", ID: 197, Last: jobIn(modelarts.StatusRunning), Waited: 1500 * time.Millisecond, Accepted: 1,
				Refusal: refused("ModelArts.0105", "This job can't be stop. job status: 7"), Err: context.DeadlineExceeded,
			},
			summary: `Could not update visualization job "board" (id 197)`,
			detail: `The job was last seen in status RUNNING. The wait for it to be stopped took 2s. The API accepted 1 call(s) on the way.

The last refusal on the way:
API message: This job can't be stop. job status: 7
Error code: ModelArts.0105
HTTP status: 400
Request ID: req-1
Call: POST /visualization-jobs

The time of timeouts.update = "20m0s" is over. Raise it if the job only needs longer. The job 197 is in the state; the next apply goes on from there.`,
		},
		"wait for a delete is over": {
			operation: operationOf("delete"),
			err:       &lifecycle.WaitError{Goal: "deleted", ID: 197, Last: jobIn(modelarts.StatusKilling), Waited: 20 * time.Minute, Err: context.DeadlineExceeded},
			summary:   `Could not delete visualization job "board" (id 197)`,
			detail: `The job was last seen in status KILLING. The wait for it to be deleted took 20m0s.

The time of timeouts.delete = "20m0s" is over. If the job only needs longer, raise it and apply that first: a delete goes by what is in the state. The job 197 is in the state; the next apply goes on from there.`,
		},
		"exists": {
			operation: operation{kind: creating, name: "board", timeout: time.Minute},
			err:       &lifecycle.ExistsError{Jobs: jobsIn(7)},
			summary:   `Could not create visualization job "board"`,
			detail: `A job of this name and train_url exists already, so none was created:
  - id 7, status KILLED, created 2024-02-29T23:30:15Z

If you renamed the resource or its key, a moved block avoids the replacement. Add it before you apply:
  moved {
    from = modelarts_visualization_job.OLD
    to   = modelarts_visualization_job.NEW
  }

If this apply has destroyed the job by now, run terraform apply again.

If the job comes from an apply that was killed, or belongs to another configuration, import it:
  terraform import <address of the resource> 7
Or set adopt_existing = true, so that a create adopts the job. Or choose another name.`,
		},
		"no time for a delete that a create waits for": {
			operation: operation{kind: creating, name: "board", timeout: time.Minute},
			err:       &lifecycle.WaitError{Goal: "deleted", ID: 197, Last: jobIn(modelarts.StatusRunning), Waited: time.Minute, Err: context.DeadlineExceeded},
			summary:   `Could not create visualization job "board"`,
			detail: `This apply deletes the job 197 of the same name and train_url, which was last seen in status RUNNING. The wait for it to be deleted took 1m0s.

The time of timeouts.create = "1m0s" is over. Raise it if the job only needs longer. No job was created. The next apply creates it.`,
		},
		"no credentials": {
			operation: operationOf("read"),
			err:       &modelarts.NoAnswerError{Operation: "GET /visualization-jobs/197", Err: &httpclient.CredentialsError{Err: errors.New("the access key was refused before")}},
			summary:   `Could not read visualization job "board" (id 197)`,
			detail: `The access key was refused before

Check the credentials of the provider.`,
		},
		"advice about the credentials": {
			operation: operationOf("read"),
			err: &modelarts.Error{
				Operation: "GET /visualization-jobs/197", Code: "APIGW.0301", Message: "verify aksk signature fail",
				StatusCode: 401, Advice: "The clock of this machine is wrong.",
			},
			summary: `Could not read visualization job "board" (id 197)`,
			detail: `API message: verify aksk signature fail
Error code: APIGW.0301
HTTP status: 401
Call: GET /visualization-jobs/197

The gateway does not accept the credentials. The clock of this machine is wrong.`,
		},
		"a policy under the status of credentials": {
			operation: operationOf("read"),
			err: &modelarts.Error{
				Operation: "GET /visualization-jobs/197", Code: "ModelArts.0112", Message: "no", StatusCode: 401, Advice: "The key is wrong.",
			},
			summary: `Could not read visualization job "board" (id 197)`,
			detail: `API message: no
Error code: ModelArts.0112
HTTP status: 401
Call: GET /visualization-jobs/197

A policy or the workspace forbids this. Ask for the ModelArts permissions on the resource type tensorboard in this project.`,
		},
		"an invalid token under the status of permissions": {
			operation: operationOf("read"),
			err: &modelarts.Error{
				Operation: "GET /visualization-jobs/197", Code: "ModelArts.0203", Message: "Invalid token", StatusCode: 403, Advice: "Get a new token.",
			},
			summary: `Could not read visualization job "board" (id 197)`,
			detail: `API message: Invalid token
Error code: ModelArts.0203
HTTP status: 403
Call: GET /visualization-jobs/197

The token isn't valid. Get a new token.`,
		},
		"a proxy that refuses": {
			operation: operationOf("read"),
			err: &modelarts.NoAnswerError{Operation: "GET /visualization-jobs/197", Err: &httpclient.ProxyError{
				Proxy: "http://proxy:3128", Variable: "HTTPS_PROXY", Host: "ma.example.com", Status: 407, Final: true, Err: errors.New("HTTP 407"),
			}},
			summary: `Could not read visualization job "board" (id 197)`,
			detail: `The proxy http://proxy:3128 (from HTTPS_PROXY) refused the connection to ma.example.com: HTTP 407.

Set HTTPS_PROXY to a URL with the proxy's user name and password, such as http://USER:PASSWORD@proxy.example.com:3128. Special characters in them have to be percent-encoded. The request isn't repeated, because repeated wrong passwords can lock an account. If ma.example.com can be reached without a proxy, add it to NO_PROXY.`,
		},
		"a proxy that is down when a token is renewed": {
			operation: operationOf("read"),
			err: &modelarts.NoAnswerError{Operation: "GET /visualization-jobs/197", Err: &httpclient.CredentialsError{
				Err: fmt.Errorf("IAM gave no new one: %w", &httpclient.ProxyError{
					Proxy: "http://proxy:3128", Variable: "https_proxy", Host: "iam.example.com", Err: errors.New("connection refused"),
				}),
			}},
			summary: `Could not read visualization job "board" (id 197)`,
			detail: `IAM gave no new one: the proxy http://proxy:3128 (from https_proxy) can't be reached: connection refused

Check https_proxy, which has to be the URL of a proxy that allows connections to iam.example.com. If iam.example.com can be reached without a proxy, add it to NO_PROXY.`,
		},
		"a certificate of ours is missing": {
			operation: operationOf("read"),
			err: &modelarts.NoAnswerError{
				Operation: "GET /visualization-jobs/197", Err: &net.OpError{Op: "remote error", Err: errors.New("tls: certificate required")},
			},
			summary: `Could not read visualization job "board" (id 197)`,
			detail: `The API ended the TLS connection: GET /visualization-jobs/197: remote error: tls: certificate required

If it asks for a certificate of yours, set cert and key (OS_CERT and OS_KEY). TLS 1.2 is the oldest version that is spoken here.`,
		},
		"a certificate of nobody known": {
			operation: operationOf("read"),
			err: &modelarts.NoAnswerError{
				Operation: "GET /visualization-jobs/197", Err: &tls.CertificateVerificationError{Err: x509.UnknownAuthorityError{}},
			},
			summary: `Could not read visualization job "board" (id 197)`,
			detail: `The certificate of the API is not trusted: GET /visualization-jobs/197: tls: failed to verify certificate: x509: certificate signed by unknown authority

If its authority is your own, set cacert_file (OS_CACERT) to the certificate of the authority. If it is of another host, check auth_url and endpoint. insecure = true (OS_INSECURE) accepts any certificate, and is for tests.`,
		},
		"nothing but a status": {
			operation: operationOf("read"),
			err:       &modelarts.Error{Operation: "GET /visualization-jobs/197", StatusCode: 404},
			summary:   `Could not read visualization job "board" (id 197)`,
			detail: `API message: (no message)
HTTP status: 404
Call: GET /visualization-jobs/197

Check endpoint and region of the provider.`,
		},
		"a create that nobody goes on with": {
			operation: operationOf("create"),
			err:       &modelarts.Error{Operation: "GET /visualization-jobs/197", StatusCode: 503},
			summary:   `Could not create visualization job "board" (id 197)`,
			detail: `API message: (no message)
HTTP status: 503
Call: GET /visualization-jobs/197

Run it again.

The job 197 is in the state and marked as tainted: the next apply replaces it. To keep it, run terraform untaint once it is well.`,
		},
		"gone after a create": {
			operation: operationOf("create"),
			err:       &lifecycle.NotFoundError{ID: 197, Err: refused("ModelArts.0104", "x")},
			summary:   `Could not create visualization job "board" (id 197)`,
			detail: `The API accepted the create, and does not show the job: somebody deleted it, or it shows very late.

The job 197 is in the state and marked as tainted: the next apply replaces it. To keep it, run terraform untaint once it is well.`,
		},
		"gone": {
			operation: operationOf("update"),
			err:       &lifecycle.NotFoundError{ID: 197, Err: refused("ModelArts.0104", "x")},
			summary:   `Could not update visualization job "board" (id 197)`,
			detail: `The job does not exist any more.

Run terraform plan: it shows what is there now.`,
		},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			wantText(t, errorDiagnostic(test.operation, test.err), test.summary, test.detail)
		})
	}
}

// A project can have hundreds of jobs of one name.
func TestDiagnosticOfManyJobs(t *testing.T) {
	t.Parallel()
	var ids []int64
	for id := range int64(25) {
		ids = append(ids, id+1)
	}
	for _, err := range []error{
		&lifecycle.ExistsError{Jobs: jobsIn(ids...)},
		&lifecycle.LostError{Err: errors.New("connection reset"), Candidates: jobsIn(ids...)},
	} {
		detail := errorDiagnostic(operation{kind: creating, name: "board"}, err).Detail()
		for word, want := range map[string]int{"status KILLED": 20, "\n  - and 5 more\n": 1, "terraform import": 20} {
			if got := strings.Count(detail, word); got != want {
				t.Errorf("%q is there %d times, want %d:\n%s", word, got, want, detail)
			}
		}
	}
}

func TestOperationOfModel(t *testing.T) {
	t.Parallel()
	for want, m := range map[string]jobModel{
		`visualization job "board" (id 197)`: {ID: types.StringValue("197"), Name: types.StringValue("board")},
		`visualization job "board"`:          {Name: types.StringValue("board")},
		`visualization job 197`:              {ID: types.StringValue("197")}, // as after an import
	} {
		if got := m.operation(refreshing, time.Minute).job(); got != want {
			t.Errorf("got %s, want %s", got, want)
		}
	}
}

// What a provider hands over is either its data, or nothing yet.
func TestProviderDataFrom(t *testing.T) {
	t.Parallel()
	if data, diags := providerDataFrom(nil); data != nil || diags.HasError() {
		t.Errorf("nothing yet: %v, %v", data, diags)
	}
	want := &ProviderData{ProjectID: project}
	if data, diags := providerDataFrom(want); data != want || diags.HasError() {
		t.Errorf("data: %v, %v", data, diags)
	}
	data, diags := providerDataFrom("else")
	if data != nil || !diags.HasError() {
		t.Errorf("something else: %v, %v", data, diags)
	}
}
