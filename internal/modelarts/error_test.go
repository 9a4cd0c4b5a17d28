package modelarts

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/opentelekomcloud-community/terraform-provider-modelarts/internal/auth"
	"github.com/opentelekomcloud-community/terraform-provider-modelarts/internal/httpclient"
	"github.com/opentelekomcloud-community/terraform-provider-modelarts/internal/sanitize"
)

func TestErrorShapes(t *testing.T) {
	t.Parallel()
	const redirect = "redirect not followed: the provider sends credentials only to the configured endpoint"
	id := func(value string) []string { return []string{"X-Request-Id", value} }
	for name, test := range map[string]struct {
		status int
		body   string
		header []string
		want   Error
	}{
		"ModelArts": {
			400, `{"is_success": false, "error_message": "This job can't be stop. job status: 10", "error_code": "ModelArts.0105"}`, id("req-1"),
			Error{Code: "ModelArts.0105", Message: "This job can't be stop. job status: 10", RequestID: "req-1"},
		},
		"rejection with 200":      {200, `{"is_success": false, "error_message": "m", "error_code": "ModelArts.0104"}`, nil, Error{Code: "ModelArts.0104", Message: "m"}},
		"flag alone":              {200, `{"is_success": false}`, nil, Error{}},
		"no flag":                 {200, `{"error_message": "m", "error_code": "ModelArts.0104"}`, nil, Error{Code: "ModelArts.0104", Message: "m"}},
		"a code outweighs a flag": {200, `{"is_success": true, "error_code": "ModelArts.0010"}`, nil, Error{Code: "ModelArts.0010"}},
		"gateway":                 {404, `{"error_msg": "m", "error_code": "APIGW.0101", "request_id": "gw-1"}`, nil, Error{Code: "APIGW.0101", Message: "m", RequestID: "gw-1"}},
		"older gateway":           {401, `{"error_code": "APIG.0301", "request_id": "gw-2"}`, id("header-1"), Error{Code: "APIGW.0301", RequestID: "header-1"}},
		"IAM": {
			401, `{"error": {"code": 401, "message": "m", "title": "Unauthorized"}}`,
			[]string{"X-Openstack-Request-Id", "iam-1"},
			Error{Message: "m", RequestID: "iam-1"},
		},
		"IAM with a title alone": {403, `{"error_code": "", "error": {"code": "IAM.0003", "title": "Forbidden"}}`, nil, Error{Code: "IAM.0003", Message: "Forbidden"}},
		"a proxy's message":      {404, `{"error": "Not Found", "message": "no Route"}`, nil, Error{Message: "no Route"}},
		"the last resort":        {404, `{"message": "a", "error": {"code": null, "title": "b"}}`, nil, Error{Message: "b"}},
		"a code as a number":     {400, `{"error_code": 104, "error_msg": "m"}`, nil, Error{Message: "m"}},
		"HTML":                   {404, "<html><title>Not Found</title></html>", id("req-2"), Error{RequestID: "req-2"}},
		"to forge a line":        {400, `{"error_code": "ModelArts.0105\nHTTP status: 200", "request_id": "a\r\nb", "error_message": "\u001b[2J\u009bm\u202e\u2028x"}`, nil, Error{Code: "ModelArts.0105 HTTP status: 200", RequestID: "a b", Message: "[2Jmx"}},
		"without bounds":         {400, `{"error_code": "` + strings.Repeat("c.", 2500) + `", "request_id": "` + strings.Repeat("i.", 2500) + `"}`, nil, Error{Code: sanitize.Text(strings.Repeat("c.", 50) + "…"), RequestID: sanitize.Text(strings.Repeat("i.", 100) + "…")}},
		"a long message":         {400, `{"error_message": "x` + strings.Repeat("ä", 5_000) + `"}`, nil, Error{Message: sanitize.Text("x" + strings.Repeat("ä", 499) + "…")}}, // cut between characters
		"not modified":           {304, "", nil, Error{Message: redirect}},
		"redirect":               {302, "<html>", []string{"Location", "https://user:password@elsewhere.example.com/login?next=1"}, Error{Message: redirect + ", not to elsewhere.example.com"}},
		"redirect on the host":   {399, success, []string{"Location", "/login"}, Error{Message: redirect + ", not to modelarts.example.com"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			for _, call := range calls {
				network := always(test.status, test.body, test.header...)
				err := errorOf[*Error](t, call.do(t.Context(), clientOn(network, withRetries(0))))
				test.want.Operation, test.want.Host, test.want.StatusCode = err.Operation, "modelarts.example.com", test.status
				if diff := cmp.Diff(&test.want, err); diff != "" || !strings.HasPrefix(err.Operation, call.method+" /visualization-jobs") {
					t.Errorf("%s, error (-want +got):\n%s", call.name, diff)
				}
				checkResponseError(t, call, err)
			}
		})
	}
}

// Each predicate of each kind of error.
func TestPredicates(t *testing.T) {
	t.Parallel()
	// verdict has the predicates that are true, in this order.
	type verdict string
	const (
		rejection = "rejection"
		wordless  = "rejection canBeConflict" // what is wrong is in no code
		conflict  = "conflict rejection canBeConflict"
		parameter = "parameter rejection"
		denied    = "denied rejection"
		uncertain = "uncertain temporary"
		unsent    = "temporary outage"
	)
	type predicate struct {
		name string
		err  error
		want verdict
	}
	tests := []predicate{
		{"of another kind", errors.New("no"), ""},
		{"never sent", &NoResponseError{}, unsent},
		{"sent", &NoResponseError{Sent: true}, uncertain},
		{"throttled", &NoResponseError{Err: &ThrottledError{}}, ""},
		{"404 of the service", &Error{StatusCode: 404, Code: "ModelArts.0103"}, "notFound rejection"},
		{"404 that is about the project", &Error{StatusCode: 404, Code: "ModelArts.2786"}, denied},
		{"404 that is about a path", &Error{StatusCode: 404, Code: "ModelArts.2836"}, rejection},
		{"404 of the gateway", &Error{StatusCode: 404, Code: "APIGW.0101"}, rejection},
		{"404 with a message", &Error{StatusCode: 404, Message: "job 10 does not exist"}, wordless},
		{"0105 of a stop", &Error{Operation: "POST /visualization-jobs/10/stop", StatusCode: 400, Code: "ModelArts.0105"}, conflict},
		{"0105 with 200", &Error{StatusCode: 200, Code: "ModelArts.0105"}, conflict},
		{"0105 of a read", &Error{Operation: "GET /visualization-jobs/10", StatusCode: 400, Code: "ModelArts.0105"}, rejection},
		{"0105 with 500", &Error{StatusCode: 500, Code: "ModelArts.0105"}, "conflict uncertain canBeConflict temporary"},
		{"409", &Error{StatusCode: 409}, conflict},
		{"401", &Error{StatusCode: 401}, "denied " + wordless},
		{"403", &Error{StatusCode: 403}, "denied " + wordless},
		{"0108 with 503", &Error{StatusCode: 503, Code: "ModelArts.0108"}, "denied uncertain temporary"},
		{"0010 with 200", &Error{StatusCode: 200, Code: "ModelArts.0010"}, uncertain},
		{"0010 with 400", &Error{StatusCode: 400, Code: "ModelArts.0010"}, uncertain},
		{"0010 with 403", &Error{StatusCode: 403, Code: "ModelArts.0010"}, denied},
		{"0010 of a read", &Error{Operation: "GET /visualization-jobs/10", StatusCode: 200, Code: "ModelArts.0010"}, rejection},
		{"408", &Error{StatusCode: 408}, uncertain},
		{"500", &Error{StatusCode: 500, Code: "ModelArts.0010"}, uncertain},
		{"999", &Error{StatusCode: 999}, uncertain},
		{"cancelled", &NoResponseError{Err: context.Canceled, Last: &Error{StatusCode: 404, Code: "ModelArts.0105"}}, unsent},
	}
	// Rejected credentials stay rejected, and so does a request that a proxy rejects. IAM and a proxy can recover.
	for err, want := range map[error]verdict{
		&auth.ConfigError{Summary: "wrong password"}:     "denied",
		&httpclient.ProxyError{Final: true, Err: io.EOF}: "denied",
		&httpclient.ProxyError{Err: io.EOF}:              unsent,
		errors.New("connection refused"):                 unsent,
	} {
		tests = append(tests, predicate{fmt.Sprint(err), &NoResponseError{Err: &httpclient.CredentialsError{Err: err}}, want})
	}
	for want, codes := range map[verdict]string{
		parameter: "0101 0104 0107 1120 2763 2764 2781 2787 2788 2789 2790 2816 2825 2826 2840",
		denied:    "0108 0112 0201 0202 0203 0204 0207 0210 0212 2784 2786 2823 2837 2838 APIGW.0301 APIGW.0302 APIGW.0307 APIGW.1009 APIGW.2201",
	} {
		for code := range strings.FieldsSeq(codes) {
			if !strings.Contains(code, ".") {
				code = "ModelArts." + code
			}
			tests = append(tests, predicate{code, &Error{StatusCode: 400, Code: sanitize.Text(code)}, want})
		}
	}
	for _, test := range tests {
		var got []string
		for i, is := range []func(error) bool{
			IsNotFound, IsConflict, IsParameterError, IsDenied, IsUncertain, IsRejection, CanBeConflict, IsTemporary, IsOutage,
		} {
			if is(fmt.Errorf("stop the job: %w", test.err)) {
				got = append(got, strings.Fields("notFound conflict parameter denied uncertain rejection canBeConflict temporary outage")[i])
			}
		}
		if got := verdict(strings.Join(got, " ")); got != test.want {
			t.Errorf("%s: %s, want %s", test.name, got, test.want)
		}
	}
}
