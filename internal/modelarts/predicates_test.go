package modelarts

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/opentelekomcloud-community/terraform-provider-modelarts/internal/auth"
	"github.com/opentelekomcloud-community/terraform-provider-modelarts/internal/httpclient"
	"github.com/opentelekomcloud-community/terraform-provider-modelarts/internal/sanitize"
)

// Each predicate of each kind of error, wrapped or not.
func TestPredicates(t *testing.T) {
	t.Parallel()
	type verdict struct {
		NotFound, Conflict, Parameter, Denied, Refusal, IsUncertain, CanBeConflict, Temporary, Outage bool
	}
	refusal := verdict{Refusal: true}
	wordless := verdict{Refusal: true, CanBeConflict: true} // what is wrong is in no code
	conflict := verdict{Refusal: true, CanBeConflict: true, Conflict: true}
	parameter := verdict{Refusal: true, Parameter: true}
	denied := verdict{Refusal: true, Denied: true}
	lost := verdict{IsUncertain: true, Temporary: true}
	unsent := verdict{Temporary: true, Outage: true}
	type predicate struct {
		name string
		err  error
		want verdict
	}
	tests := []predicate{
		{"nil", nil, verdict{}},
		{"of another kind", errors.New("no"), verdict{}},
		{"never sent", &NoResponseError{}, unsent},
		{"sent", &NoResponseError{Sent: true}, lost},
		{"404 of the service", &Error{StatusCode: 404, Code: "ModelArts.0103"}, verdict{Refusal: true, NotFound: true}},
		{"404 of a job, until 2024", &Error{StatusCode: 404, Code: "ModelArts.0015"}, verdict{Refusal: true, NotFound: true}},
		{"404 that is about the project", &Error{StatusCode: 404, Code: "ModelArts.2786"}, denied},
		{"404 that is about a path", &Error{StatusCode: 404, Code: "ModelArts.2836"}, refusal},
		{"400 of a sibling that is unknown", &Error{StatusCode: 400, Code: "ModelArts.2775"}, refusal},
		{"404 with a message", &Error{StatusCode: 404, Message: "job 10 does not exist"}, wordless},
		{"404 of the gateway", &Error{StatusCode: 404, Code: "APIGW.0101", Message: "no API"}, refusal},
		{"404 in HTML", &Error{StatusCode: 404}, wordless},
		{"200 that says so", &Error{StatusCode: 200, Message: "job does not exist"}, wordless},
		{"0105 under 400", &Error{StatusCode: 400, Code: "ModelArts.0105"}, conflict},
		{"0105 under 200", &Error{StatusCode: 200, Code: "ModelArts.0105"}, conflict},
		{"409", &Error{StatusCode: 409}, conflict},
		{"0105 of a stop", &Error{Operation: "POST /visualization-jobs/10/stop", StatusCode: 400, Code: "ModelArts.0105"}, conflict},
		{"2796 of a stop", &Error{Operation: "POST /visualization-jobs/10/stop", StatusCode: 409, Code: "ModelArts.2796"}, conflict},
		{"0105 of a read", &Error{Operation: "GET /visualization-jobs/10", StatusCode: 400, Code: "ModelArts.0105"}, refusal},
		{"409 of a read", &Error{Operation: "GET /visualization-jobs", StatusCode: 409}, wordless},
		{"0101", &Error{StatusCode: 400, Code: "ModelArts.0101"}, parameter},
		{"0104", &Error{StatusCode: 200, Code: "ModelArts.0104"}, parameter},
		{"0107", &Error{StatusCode: 400, Code: "ModelArts.0107"}, parameter},
		{"0102", &Error{StatusCode: 400, Code: "ModelArts.0102"}, refusal},
		{"0103", &Error{StatusCode: 400, Code: "ModelArts.0103"}, refusal},
		{"400 alone", &Error{StatusCode: 400}, wordless},
		{"401", &Error{StatusCode: 401}, verdict{Refusal: true, CanBeConflict: true, Denied: true}},
		{"403", &Error{StatusCode: 403}, verdict{Refusal: true, CanBeConflict: true, Denied: true}},
		{"0108", &Error{StatusCode: 400, Code: "ModelArts.0108"}, denied},
		{"0109, of alarms", &Error{StatusCode: 200, Code: "ModelArts.0109"}, refusal},
		{"frozen", &Error{StatusCode: 400, Code: "ModelArts.2837"}, denied},
		{"token", &Error{StatusCode: 400, Code: "ModelArts.0204"}, denied},
		{"project of the token", &Error{StatusCode: 400, Code: "ModelArts.0210"}, denied},
		{"0112", &Error{StatusCode: 400, Code: "ModelArts.0112"}, denied},
		{"gateway 0301", &Error{StatusCode: 400, Code: "APIGW.0301"}, denied},
		{"gateway 0302", &Error{StatusCode: 400, Code: "APIGW.0302"}, denied},
		{"gateway 0307", &Error{StatusCode: 400, Code: "APIGW.0307"}, denied},
		{"gateway 0201", &Error{StatusCode: 400, Code: "APIGW.0201"}, refusal},
		{"302", &Error{StatusCode: 302}, wordless},
		{"425", &Error{StatusCode: 425}, wordless},
		{"0105 under 409", &Error{StatusCode: 409, Code: "ModelArts.0105"}, conflict},
		{"0010 of a read", &Error{Operation: "GET /visualization-jobs/10", StatusCode: 200, Code: "ModelArts.0010"}, refusal},
		{"0010 under 200", &Error{StatusCode: 200, Code: "ModelArts.0010"}, lost},
		{"0105 under 500", &Error{StatusCode: 500, Code: "ModelArts.0105"}, verdict{Conflict: true, CanBeConflict: true, IsUncertain: true, Temporary: true}},
		{"0108 under 503", &Error{StatusCode: 503, Code: "ModelArts.0108"}, verdict{Denied: true, IsUncertain: true, Temporary: true}},
		{"cancelled", &NoResponseError{Err: context.Canceled, Last: &Error{StatusCode: 429}}, unsent},
		{"cancelled after it was sent", &NoResponseError{Sent: true, Err: context.Canceled, Last: &Error{StatusCode: 404, Code: "ModelArts.0105"}}, lost},
		{"408", &Error{StatusCode: 408}, lost},
		{"501", &Error{StatusCode: 501}, lost},
		{"999", &Error{StatusCode: 999}, lost},
		{"500", &Error{StatusCode: 500, Code: "ModelArts.0010"}, lost},
		{"502", &Error{StatusCode: 502}, lost},
		{"503", &Error{StatusCode: 503}, lost},
		{"504", &Error{StatusCode: 504}, lost},
	}
	// Time doesn't mend refused credentials, nor a proxy that refuses a request. An IAM or a proxy that is down might be back.
	for err, want := range map[error]verdict{
		&auth.ConfigError{Summary: "wrong password"}:     {Denied: true},
		&auth.RefusedKeyError{}:                          {Denied: true},
		&httpclient.ProxyError{Final: true, Err: io.EOF}: {Denied: true},
		&httpclient.ProxyError{Err: io.EOF}:              unsent,
		errors.New("connection refused"):                 unsent,
	} {
		tests = append(tests, predicate{fmt.Sprint(err), &NoResponseError{Err: &httpclient.CredentialsError{Err: err}}, want})
	}
	for _, code := range []string{"1120", "2763", "2764", "2781", "2787", "2788", "2789", "2790", "2816", "2825", "2826", "2840"} {
		tests = append(tests, predicate{code, &Error{StatusCode: 400, Code: sanitize.Text("ModelArts." + code)}, parameter})
	}
	for _, test := range tests {
		for kind, err := range map[string]error{"": test.err, ", wrapped": fmt.Errorf("stop the job: %w", test.err)} {
			got := verdict{
				IsNotFound(err), IsConflict(err), IsParameterError(err), IsDenied(err), IsRejection(err),
				IsUncertain(err), CanBeConflict(err), IsTemporary(err), IsOutage(err),
			}
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Errorf("%s%s (-want +got):\n%s", test.name, kind, diff)
			}
		}
	}
}

// An internal error can come after the change, whatever its HTTP status is.
func TestInternalErrorOfAChange(t *testing.T) {
	t.Parallel()
	for status, want := range map[int]bool{200: true, 400: true, 500: true, 401: false, 403: false, 409: false, 302: false} {
		for _, call := range calls {
			err := call.do(t.Context(), clientOn(always(status, `{"is_success": false, "error_code": "ModelArts.0010"}`), withRetries(0)))
			if done := want && (status == 500 || call.method != http.MethodGet); IsUncertain(err) != done || IsRejection(err) == done {
				t.Errorf("%s, HTTP %d: IsUncertain %v", call.name, status, !done)
			}
		}
		err := clientOn(always(200, `{"is_success": false, "error_code": "ModelArts.0105"}`)).StopVisualizationJob(t.Context(), 10)
		if IsUncertain(err) {
			t.Errorf("%v", err)
		}
	}
}
