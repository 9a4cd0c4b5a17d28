package modelarts

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"

	"github.com/opentelekomcloud-community/terraform-provider-modelarts/internal/sanitize"
)

func TestErrorShapes(t *testing.T) {
	t.Parallel()
	const (
		id       = "X-Request-Id"
		redirect = "redirect not followed: the provider sends credentials only to the configured endpoint"
	)
	tests := []struct {
		name   string
		status int
		body   string
		header []string
		want   Error
	}{
		{
			"ModelArts", 400,
			`{"is_success": false, "error_message": "This job can't be stop. job status: 10", "error_code": "ModelArts.0105"}`,
			[]string{id, "req-1"},
			Error{Code: "ModelArts.0105", Message: "This job can't be stop. job status: 10", StatusCode: 400, RequestID: "req-1"},
		},
		{
			"refusal under 200", 200,
			`{"is_success": false, "error_message": "Illegal name: %%123", "error_code": "ModelArts.0104"}`, nil,
			Error{Code: "ModelArts.0104", Message: "Illegal name: %%123", StatusCode: 200},
		},
		{
			"flag as a string", 200,
			`{"is_success": "false", "error_message": "error message", "error_code": "ModelArts.0103"}`, nil,
			Error{Code: "ModelArts.0103", Message: "error message", StatusCode: 200},
		},
		{"flag alone", 200, `{"is_success": false}`, nil, Error{StatusCode: 200}},
		{
			"details without a flag", 200,
			`{"error_message": "The length of search content should be in [0,100]", "error_code": "ModelArts.0104"}`, nil,
			Error{Code: "ModelArts.0104", Message: "The length of search content should be in [0,100]", StatusCode: 200},
		},
		{"code alone", 200, `{"error_code": "ModelArts.0010"}`, nil, Error{Code: "ModelArts.0010", StatusCode: 200}},
		{
			"a code outweighs a flag", 200, `{"is_success": true, "error_code": "ModelArts.0010"}`, nil,
			Error{Code: "ModelArts.0010", StatusCode: 200},
		},
		{
			"true flag, refusing status", 403, `{"is_success": true, "error_message": "m"}`, nil,
			Error{Message: "m", StatusCode: 403},
		},
		{
			"gateway", 404,
			`{"error_msg": "The API does not exist", "error_code": "APIGW.0101", "request_id": "gw-1"}`, nil,
			Error{Code: "APIGW.0101", Message: "The API does not exist", StatusCode: 404, RequestID: "gw-1"},
		},
		{
			"older gateway", 401,
			`{"error_msg": "Incorrect IAM authentication information", "error_code": "APIG.0301", "request_id": "gw-2"}`,
			[]string{id, "header-1"},
			Error{
				Code: "APIGW.0301", Message: "Incorrect IAM authentication information", StatusCode: 401, RequestID: "header-1",
			},
		},
		{
			"a code that begins alike", 400, `{"error_code": "APIGX.0301"}`, nil,
			Error{Code: "APIGX.0301", StatusCode: 400},
		},
		{
			"IAM", 401, `{"error": {"code": 401, "message": "The token must be updated.", "title": "Unauthorized"}}`,
			[]string{"X-Openstack-Request-Id", "iam-1"},
			Error{Code: "401", Message: "The token must be updated.", StatusCode: 401, RequestID: "iam-1"},
		},
		{
			"IAM with a title alone", 403, `{"error": {"code": "IAM.0003", "title": "Forbidden"}}`, nil,
			Error{Code: "IAM.0003", Message: "Forbidden", StatusCode: 403},
		},
		{"error as a string", 400, `{"error": "Bad Request", "message": "no"}`, nil, Error{Message: "no", StatusCode: 400}},
		{"error null", 400, `{"error": null, "error_msg": "m"}`, nil, Error{Message: "m", StatusCode: 400}},
		{
			"two messages", 400, `{"error_msg": "gateway", "error_message": "service"}`, nil,
			Error{Message: "service", StatusCode: 400},
		},
		{"code as a number", 400, `{"error_code": 104, "error_msg": "m"}`, nil, Error{Message: "m", StatusCode: 400}},
		{"HTML", 404, "<html><title>Not Found</title></html>", []string{id, "req-2"}, Error{StatusCode: 404, RequestID: "req-2"}},
		{"empty", 403, "", nil, Error{StatusCode: 403}},
		{"truncated", 400, `{"is_success": false, "error_code": "ModelA`, nil, Error{StatusCode: 400}},
		{"array", 400, `[1]`, nil, Error{StatusCode: 400}},
		{"deep", 400, strings.Repeat("[", 100_000), nil, Error{StatusCode: 400}},
		{
			"refusal under 202", 202, `{"is_success": false, "error_code": "ModelArts.0105", "error_message": "m"}`, nil,
			Error{Code: "ModelArts.0105", Message: "m", StatusCode: 202},
		},
		{
			"an odd flag hides no code", 200, `{"is_success": 0, "error_code": "ModelArts.0105", "error_message": "m"}`, nil,
			Error{Code: "ModelArts.0105", Message: "m", StatusCode: 200},
		},
		{
			"an odd flag hides no refusal", 400, `{"is_success": {}, "error_code": "ModelArts.0105", "error_message": "m"}`, nil,
			Error{Code: "ModelArts.0105", Message: "m", StatusCode: 400},
		},
		{
			"an empty code before IAM's", 401, `{"error_code": "", "error": {"code": "IAM.0011", "message": "m"}}`, nil,
			Error{Code: "IAM.0011", Message: "m", StatusCode: 401},
		},
		{
			"a code of the service with 500", 500, `{"error_code": "ModelArts.0010", "error_message": "m"}`, nil,
			Error{Code: "ModelArts.0010", Message: "m", StatusCode: 500},
		},
		{"a proxy's message", 404, `{"message": "no Route matched with those values"}`, nil, Error{Message: "no Route matched with those values", StatusCode: 404}},
		{"a proxy's message is the last resort", 404, `{"message": "a", "error": {"title": "b"}}`, nil, Error{Message: "b", StatusCode: 404}},
		{"IAM code as an object", 400, `{"error": {"code": {"a": 1}}}`, nil, Error{Code: `{"a": 1}`, StatusCode: 400}},
		{
			"several lines", 400, "{\"error_message\": \"a\\r\\nb\\tc\"}", nil,
			Error{Message: "a b c", StatusCode: 400},
		},
		{
			"to forge a line", 400,
			`{"error_code": "ModelArts.0105\nHTTP status: 200", "request_id": "a\r\nb", "error_message": "\u001b[2J\u009bm\u202e\u0000\u200b\u2028x"}`, nil,
			Error{Code: "ModelArts.0105 HTTP status: 200", RequestID: "a b", Message: "[2Jmx", StatusCode: 400},
		},
		{
			"to forge a line with a header", 400, "",
			[]string{id, "a\n2026-01-01 [INFO] done\x1b[0m"},
			Error{RequestID: "a 2026-01-01 [INFO] done[0m", StatusCode: 400},
		},
		{
			"without bounds", 400, `{"error_code": "` + strings.Repeat("c.", 2500) + `"}`,
			[]string{id, strings.Repeat("i.", 2500)},
			Error{Code: sanitize.Text(strings.Repeat("c.", 50) + "…"), RequestID: sanitize.Text(strings.Repeat("i.", 100) + "…"), StatusCode: 400},
		},
		{
			"without bounds, in the body", 400, `{"request_id": "` + strings.Repeat("i.", 2500) + `"}`, nil,
			Error{RequestID: sanitize.Text(strings.Repeat("i.", 100) + "…"), StatusCode: 400},
		},
		{"nothing to show", 400, `{"error_code": "\u0000\u0001", "error_message": "\u200b"}`, []string{id, "\x00"}, Error{StatusCode: 400}},
		{"not modified", 304, "", nil, Error{Message: redirect, StatusCode: 304}},
		{
			"redirect", 302, "<html>",
			[]string{"Location", "https://elsewhere.example.com/login?next=1"},
			Error{Message: redirect + ", not to elsewhere.example.com", StatusCode: 302},
		},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			for _, call := range calls {
				err := errorFrom(t, call.do(t.Context(), clientOn(always(test.status, test.body, test.header...), withRetries(0))))
				test.want.Operation = err.Operation
				if diff := cmp.Diff(&test.want, err); diff != "" {
					t.Errorf("%s, error (-want +got):\n%s", call.name, diff)
				}
			}
		})
	}
}

func TestLongMessageIsCut(t *testing.T) {
	t.Parallel()
	// The odd byte puts the cut into the middle of a character.
	body := `{"error_message": "x` + strings.Repeat("ä", 5_000) + `"}`
	_, err := clientOn(always(http.StatusBadRequest, body)).GetVisualizationJob(t.Context(), 10)
	got := string(errorFrom(t, err).Message)
	if len(got) < 900 || len(got) > 1010 || !utf8.ValidString(got) || !strings.HasSuffix(got, "ä…") {
		t.Errorf("%d bytes: …%q", len(got), got[max(0, len(got)-20):])
	}
}

func TestErrorText(t *testing.T) {
	t.Parallel()
	const op = "POST /visualization-jobs/10/stop"
	cause := errors.New("connection reset")
	tests := []struct {
		err  error
		want string
	}{
		{
			&Error{Operation: op, Code: "ModelArts.0105", Message: "status: 10", StatusCode: 400, RequestID: "r1"},
			op + ": status: 10 (ModelArts.0105, HTTP 400, request r1)",
		},
		{&Error{Operation: op, Message: "status: 10", StatusCode: 400}, op + ": status: 10 (HTTP 400)"},
		{
			&Error{Operation: op, Code: "ModelArts.0105", StatusCode: 200},
			op + ": no message (ModelArts.0105, HTTP 200)",
		},
		{&Error{Operation: op, StatusCode: 502}, op + ": no message (HTTP 502)"},
		{&NoResponseError{Operation: op, Err: cause}, op + ": connection reset"},
		{&NoResponseError{Operation: op, Err: cause, RequestID: "r1"}, op + ": connection reset (request r1)"},
		{
			&NoResponseError{Operation: op, Err: context.Canceled, Last: cause},
			op + ": context canceled; the previous attempt: connection reset",
		},
		{
			&NoResponseError{Operation: op, Err: context.Canceled, Last: &Error{Operation: op, Message: "no", StatusCode: 429, RequestID: "r1"}},
			op + ": context canceled; the previous attempt: no (HTTP 429, request r1)",
		},
	}
	for _, test := range tests {
		if got := test.err.Error(); got != test.want {
			t.Errorf("got  %s\nwant %s", got, test.want)
		}
	}
	if !errors.Is(&NoResponseError{Err: cause}, cause) {
		t.Error("the cause of a NoResponseError is hidden")
	}
	// What an attempt before was refused with is not what became of the call.
	err := &NoResponseError{Err: context.Canceled, Last: &Error{StatusCode: 404, Code: "ModelArts.0105"}}
	if errors.Is(err, err.Last) || IsConflict(err) || IsNotFound(err) || IsRejection(err) || !errors.Is(err, context.Canceled) {
		t.Errorf("%v", err)
	}
}
