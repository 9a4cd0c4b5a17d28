package modelarts

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"

	"github.com/opentelekomcloud-community/terraform-provider-modelarts/internal/auth"
)

func TestErrorShapes(t *testing.T) {
	t.Parallel()

	const (
		id       = "X-Request-Id"
		redirect = "redirect refused: credentials are sent to the configured endpoint alone"
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
		{"error as a string", 400, `{"error": "no"}`, nil, Error{Message: "no", StatusCode: 400}},
		{"error null", 400, `{"error": null, "error_msg": "m"}`, nil, Error{Message: "m", StatusCode: 400}},
		{
			"two messages", 400, `{"error_msg": "gateway", "error_message": "service"}`, nil,
			Error{Message: "service", StatusCode: 400},
		},
		{"code as a number", 400, `{"error_code": 104}`, nil, Error{Code: "104", StatusCode: 400}},
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
		{"code as an object", 400, `{"error_code": {"a": 1}}`, nil, Error{Code: `{"a": 1}`, StatusCode: 400}},
		{
			"lines of a message", 400, "{\"error_message\": \"a\\r\\nb\\tc\"}", nil,
			Error{Message: "a\nb c", StatusCode: 400},
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
			"without bounds", 400, `{"error_code": "` + strings.Repeat("c", 5000) + `"}`,
			[]string{id, strings.Repeat("i", 5000)},
			Error{Code: strings.Repeat("c", 100) + "…", RequestID: strings.Repeat("i", 200) + "…", StatusCode: 400},
		},
		{
			"without bounds, in the body", 400, `{"request_id": "` + strings.Repeat("i", 5000) + `"}`, nil,
			Error{RequestID: strings.Repeat("i", 200) + "…", StatusCode: 400},
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

			c := clientOn(always(test.status, test.body, test.header...), WithMaxRetries(0))
			_, err := c.GetVisualizationJob(t.Context(), 10)
			test.want.Operation = "GET /visualization-jobs/10"

			if diff := cmp.Diff(&test.want, errorFrom(t, err)); diff != "" {
				t.Errorf("error (-want +got):\n%s", diff)
			}
		})
	}
}

// One decoder serves all calls.
func TestErrorOfEachCall(t *testing.T) {
	t.Parallel()

	for _, call := range calls {
		body := `{"is_success": false, "error_message": "error message", "error_code": "ModelArts.0103"}`
		if e := errorFrom(t, call.do(t.Context(), clientOn(always(http.StatusOK, body)))); e.Code != "ModelArts.0103" {
			t.Errorf("%s: %+v", call.name, e)
		}
	}
}

func TestLongMessageIsCut(t *testing.T) {
	t.Parallel()

	// The odd byte puts the cut into the middle of a character.
	body := `{"error_message": "x` + strings.Repeat("ä", 100_000) + `"}`
	_, err := clientOn(always(http.StatusBadRequest, body)).GetVisualizationJob(t.Context(), 10)

	got := errorFrom(t, err).Message
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
			op + ": refused without a message (ModelArts.0105, HTTP 200)",
		},
		{&Error{Operation: op, StatusCode: 502}, op + ": refused without a message (HTTP 502)"},
		{&NoAnswerError{Operation: op, Err: cause}, op + ": connection reset"},
		{&NoAnswerError{Operation: op, Err: cause, RequestID: "r1"}, op + ": connection reset (request r1)"},
		{
			&NoAnswerError{Operation: op, Err: context.Canceled, Last: cause},
			op + ": context canceled; the attempt before: connection reset",
		},
		{
			&NoAnswerError{Operation: op, Err: context.Canceled, Last: &Error{
				Operation: op, Message: "a\nb" + strings.Repeat("c", 2000), StatusCode: 429, RequestID: "r1",
			}},
			op + ": context canceled; the attempt before: a b" + strings.Repeat("c", 997) + "…",
		},
		{
			&NoAnswerError{Operation: op, Err: errors.New("\x1b[2Ja\nb" + strings.Repeat("c", 2000))},
			op + ": [2Ja b" + strings.Repeat("c", 994) + "…",
		},
	}
	for _, test := range tests {
		if got := test.err.Error(); got != test.want {
			t.Errorf("got  %s\nwant %s", got, test.want)
		}
	}

	if !errors.Is(&NoAnswerError{Err: cause}, cause) {
		t.Error("the cause of a NoAnswerError is hidden")
	}

	// What an attempt before was refused with is not what became of the call.
	err := &NoAnswerError{Err: context.Canceled, Last: &Error{StatusCode: 404, Code: "ModelArts.0105"}}
	if errors.Is(err, err.Last) || IsConflict(err) || IsNotFound(err) || IsRefusal(err) || !errors.Is(err, context.Canceled) {
		t.Errorf("%v", err)
	}
}

func TestPredicates(t *testing.T) {
	t.Parallel()

	type verdict struct{ NotFound, Conflict, Parameter, Denied, Refusal, MayHaveBeenDone bool }

	refusal := verdict{Refusal: true}
	conflict := verdict{Refusal: true, Conflict: true}
	parameter := verdict{Refusal: true, Parameter: true}
	denied := verdict{Refusal: true, Denied: true}
	lost := verdict{MayHaveBeenDone: true}

	tests := []struct {
		name string
		err  error
		want verdict
	}{
		{"nil", nil, verdict{}},
		{"of another kind", errors.New("no"), verdict{}},
		{"never sent", &NoAnswerError{}, verdict{}},
		{"sent", &NoAnswerError{Sent: true}, lost},

		{"404 of the service", &Error{StatusCode: 404, Code: "ModelArts.0103"}, verdict{Refusal: true, NotFound: true}},
		{"404 with a message", &Error{StatusCode: 404, Message: "job 10 does not exist"}, verdict{Refusal: true}},
		{"404 of the gateway", &Error{StatusCode: 404, Code: "APIGW.0101", Message: "no API"}, refusal},
		{"404 in HTML", &Error{StatusCode: 404}, refusal},
		{"200 that says so", &Error{StatusCode: 200, Message: "job does not exist"}, refusal},

		{"0105 under 400", &Error{StatusCode: 400, Code: "ModelArts.0105"}, conflict},
		{"0105 under 200", &Error{StatusCode: 200, Code: "ModelArts.0105"}, conflict},
		{"409", &Error{StatusCode: 409}, conflict},

		{"0101", &Error{StatusCode: 400, Code: "ModelArts.0101"}, parameter},
		{"0104", &Error{StatusCode: 200, Code: "ModelArts.0104"}, parameter},
		{"0107", &Error{StatusCode: 400, Code: "ModelArts.0107"}, parameter},
		{"0102", &Error{StatusCode: 400, Code: "ModelArts.0102"}, refusal},
		{"0103", &Error{StatusCode: 400, Code: "ModelArts.0103"}, refusal},
		{"400 alone", &Error{StatusCode: 400}, refusal},

		{"401", &Error{StatusCode: 401}, denied},
		{"403", &Error{StatusCode: 403}, denied},
		{"0108", &Error{StatusCode: 400, Code: "ModelArts.0108"}, denied},
		{"0109", &Error{StatusCode: 200, Code: "ModelArts.0109"}, denied},
		{"0112", &Error{StatusCode: 400, Code: "ModelArts.0112"}, denied},
		{"gateway 0301", &Error{StatusCode: 400, Code: "APIGW.0301"}, denied},
		{"gateway 0302", &Error{StatusCode: 400, Code: "APIGW.0302"}, denied},
		{"gateway 0307", &Error{StatusCode: 400, Code: "APIGW.0307"}, denied},
		{"gateway 0201", &Error{StatusCode: 400, Code: "APIGW.0201"}, refusal},

		{"302", &Error{StatusCode: 302}, refusal},
		{"429", &Error{StatusCode: 429, Code: "APIGW.0308"}, refusal},
		{"429 alone", &Error{StatusCode: 429}, refusal},
		{"425", &Error{StatusCode: 425}, refusal},
		{"0105 under 409", &Error{StatusCode: 409, Code: "ModelArts.0105"}, conflict},
		{"0010 under 200", &Error{StatusCode: 200, Code: "ModelArts.0010"}, refusal},
		{"0010 under 200, unclear", &Error{StatusCode: 200, Code: "ModelArts.0010", Unclear: true}, lost},
		{"0105 under 500", &Error{StatusCode: 500, Code: "ModelArts.0105"}, verdict{Conflict: true, MayHaveBeenDone: true}},
		{"0108 under 503", &Error{StatusCode: 503, Code: "ModelArts.0108"}, verdict{Denied: true, MayHaveBeenDone: true}},
		{"cancelled", &NoAnswerError{Err: context.Canceled, Last: &Error{StatusCode: 429}}, verdict{}},
		{"cancelled after it was sent", &NoAnswerError{Sent: true, Err: context.Canceled, Last: &Error{StatusCode: 404, Code: "ModelArts.0105"}}, lost},
		{"408", &Error{StatusCode: 408}, lost},
		{"501", &Error{StatusCode: 501}, lost},
		{"999", &Error{StatusCode: 999}, lost},
		{"500", &Error{StatusCode: 500, Code: "ModelArts.0010"}, lost},
		{"502", &Error{StatusCode: 502}, lost},
		{"503", &Error{StatusCode: 503}, lost},
		{"504", &Error{StatusCode: 504}, lost},
	}
	for _, test := range tests {
		for kind, err := range map[string]error{"": test.err, ", wrapped": fmt.Errorf("stop the job: %w", test.err)} {
			got := verdict{
				IsNotFound(err), IsConflict(err), IsParameterError(err), IsDenied(err), IsRefusal(err), MayHaveBeenDone(err),
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

	for status, want := range map[int]bool{200: true, 400: true, 500: true, 401: false, 403: false, 429: false, 409: false, 302: false} {
		for _, call := range calls {
			err := call.do(t.Context(), clientOn(always(status, `{"is_success": false, "error_code": "ModelArts.0010"}`), WithMaxRetries(0)))
			if done := want && (status == 500 || call.method != http.MethodGet); MayHaveBeenDone(err) != done || IsRefusal(err) == done {
				t.Errorf("%s, HTTP %d: MayHaveBeenDone %v", call.name, status, !done)
			}
		}

		err := clientOn(always(200, `{"is_success": false, "error_code": "ModelArts.0105"}`)).StopVisualizationJob(t.Context(), 10)
		if MayHaveBeenDone(err) {
			t.Errorf("%v", err)
		}
	}
}

func TestNotFoundOverTheWire(t *testing.T) {
	t.Parallel()

	for body, want := range map[string]bool{
		`{"is_success": false, "error_code": "ModelArts.0103", "error_message": "no such job"}`:   true,
		`{"error_code": "APIG.0101", "error_msg": "The API does not exist", "request_id": "r1"}`:  false,
		`{"error_code": "APIGW.0101", "error_msg": "The API does not exist", "request_id": "r1"}`: false,
		`{"message": "no Route matched with those values"}`:                                       false,
		"<html><head><title>404 Not Found</title></head><body>nginx</body></html>":                false,
		"": false,
	} {
		_, err := clientOn(always(http.StatusNotFound, body)).GetVisualizationJob(t.Context(), 10)
		if errorFrom(t, err).StatusCode != http.StatusNotFound || IsNotFound(err) != want {
			t.Errorf("%s: %v", body, err)
		}
	}
}

// A token that IAM would not renew for these credentials is asked for once, and a
// key that was refused is not tried; an IAM that is down may be back in a moment.
func TestRenewalThatIsDenied(t *testing.T) {
	t.Parallel()

	for err, denied := range map[error]bool{
		&auth.ConfigError{Summary: "wrong password"}: true,
		&auth.RefusedKeyError{}:                      true,
		errors.New("connection refused"):             false,
	} {
		err := &NoAnswerError{Err: &auth.CredentialsError{Err: err}}
		if IsDenied(err) != denied || IsTemporary(err) == denied {
			t.Errorf("%v: denied %t, temporary %t", err, IsDenied(err), IsTemporary(err))
		}
	}
}

// An outage is what no other call would fare better in.
func TestIsOutage(t *testing.T) {
	t.Parallel()

	for err, want := range map[error]bool{
		&NoAnswerError{Err: errors.New("connection refused")}:                     true,
		&NoAnswerError{Sent: true, Err: errors.New("connection reset")}:           false,
		&NoAnswerError{Err: &auth.CredentialsError{Err: &auth.RefusedKeyError{}}}: false,
		&Error{StatusCode: http.StatusTooManyRequests, Code: "APIGW.0308"}:        true,
		&Error{StatusCode: http.StatusServiceUnavailable}:                         false,
		&Error{StatusCode: http.StatusForbidden}:                                  false,
		context.Canceled:                                                          false,
		nil:                                                                       false,
	} {
		if got := IsOutage(err); got != want {
			t.Errorf("%v: got %t, want %t", err, got, want)
		}
	}
}
