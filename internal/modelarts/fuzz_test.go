package modelarts

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/opentelekomcloud-community/terraform-provider-modelarts/internal/acctest"
)

// FuzzResponses has every call get a response of any kind, twice because the client retries. No response is a
// panic. Its error can be shown, the predicates agree about it, and the client waits within its deadline.
func FuzzResponses(f *testing.F) {
	for _, seed := range responseSeeds {
		f.Add(seed.status, seed.retryAfter, seed.location, seed.date, seed.requestID, seed.body)
	}
	f.Fuzz(func(t *testing.T, status int, retryAfter, location, date, requestID, body string) {
		response := acctest.Responds(status, body, "Retry-After", retryAfter, "Location", location, "Date", date, "X-Request-Id", requestID)
		synctest.Test(t, func(t *testing.T) {
			const deadline = 10 * time.Minute
			for _, call := range calls {
				ctx, cancel := context.WithTimeout(t.Context(), deadline)
				start := time.Now()
				err := call.do(ctx, clientOn(on(response), withRetries(1)))
				cancel()
				if took := time.Since(start); took > deadline {
					t.Errorf("%s: took %v", call.name, took)
				}
				if err == nil && (status < 200 || status > 299 || status != http.StatusNoContent && !json.Valid([]byte(body))) {
					t.Errorf("%s: it isn't an error", call.name)
				}
				if status != http.StatusTooManyRequests {
					checkResponseError(t, call, err)
					continue
				}
				// The end of the context, or of the pause, shows the error response.
				e := errorOf[*NoResponseError](t, err)
				if !is[*Error](e.Last) || e.Sent || !is[*ThrottledError](e) && !errors.Is(e, context.DeadlineExceeded) {
					t.Errorf("%s: %+v", call.name, e)
				}
				checkShown(t, err.Error(), 3000)
				checkResponseError(t, call, e.Last)
			}
			if status != http.StatusTooManyRequests {
				checkJobs(t, clientOn(on(response), withRetries(0)))
			}
		})
	})
}

// checkResponseError checks the error of a call that got a response.
func checkResponseError(t *testing.T, call call, err error) {
	t.Helper()
	if err == nil {
		return
	}
	if IsUncertain(err) == IsRejection(err) || IsNotFound(err) && !IsRejection(err) {
		t.Errorf("%s: uncertain %v, not found %v: %v", call.name, IsUncertain(err), IsNotFound(err), err)
	}
	if none, ok := errors.AsType[*NoResponseError](err); ok {
		if !none.Sent || none.Last != nil || none.Err == nil {
			t.Errorf("%s: %+v", call.name, none)
		}
		checkShown(t, err.Error(), 2000)
		checkShown(t, none.RequestID, 210)
		return
	}
	response := errorOf[*Error](t, err)
	checkShown(t, err.Error(), 2000)
	checkShown(t, response.Message, 1010)
	checkShown(t, response.Code, 110)
	checkShown(t, response.RequestID, 210)
}

// checkShown checks that text is sanitized. It doesn't use the code that sanitizes it.
func checkShown[T ~string](t *testing.T, text T, maxBytes int) {
	t.Helper()
	isHidden := func(r rune) bool { return !unicode.IsGraphic(r) }
	if len(text) > maxBytes || !utf8.ValidString(string(text)) || strings.ContainsFunc(string(text), isHidden) {
		t.Errorf("%d bytes: %.100q", len(text), text)
	}
}

// checkJobs checks that a client returns either usable jobs or an error.
func checkJobs(t *testing.T, client *Client) {
	t.Helper()
	created, err := client.CreateVisualizationJob(t.Context(), plain)
	page, listErr := listAll(t.Context(), client, ListOptions{})
	got, getErr := client.GetVisualizationJob(t.Context(), 10)
	if (created == nil) == (err == nil) || (page == nil) == (listErr == nil) || (got == nil) == (getErr == nil) || got != nil && got.ID != 10 {
		t.Errorf("create: %+v, %v; list: %+v, %v; get: %+v, %v", created, err, page, listErr, got, getErr)
	}
	if page != nil && (page.total < 0 || slices.ContainsFunc(page.Jobs, func(job VisualizationJob) bool { return job.ID <= 0 || job.Duration < 0 })) {
		t.Errorf("list: %+v", page)
	}
}

// responseSeeds are responses: the status, the headers Retry-After, Location, Date and X-Request-Id, and the body.
var responseSeeds = []struct {
	status                                      int
	retryAfter, location, date, requestID, body string
}{
	{200, "", "", "Sun, 01 Mar 2026 12:00:00 GMT", "3f9a", success},
	{200, "", "", "", "", `{"is_success": "false", "error_code": 104, "error": [1]}`},
	{307, "", "http://[::1", "", "", ""},
	{429, "Fri, 31 Dec 1999 23:59:59 GMT", "", "Fri, 31 Dec 1999 23:58:59 GMT", "r1", `{"error_code": "APIG.0308", "error_msg": "throttled"}`},
	{503, "99999999999999999999", "", "", "", ""},
	{999, "-1", "", "yesterday", "", success},
	{400, "", "", "", "r\x1b[31m1\r\nX", `{"error_code": "ModelArts.0104\u001b[2J", "error_message": "a\r\nb\u202ec\u0000"}`},
	{200, "", "", "", "", `{"job_id": 10, "job_id": -10, "is_success": false, "is_success": true}`},
	{200, "", "", "", "", `{"job_id": "0xAp0", "duration": 9223372036854775807, "create_time": 9223372036854775807, "status": -9223372036854775808}`},
	{200, "", "", "", "", `{"job_id": 10, "create_time": -1, "duration": -1, "job_name": "` + "\xff\xfe" + `"}`},
	{200, "", "", "", "", `{"job_total_count": -1, "job_count_limit": -5, "quotas": 1e15, "jobs": [{"job_id": 1}, {"job_id": 1}]}`},
	{200, "", "", "", "", `{"job_total_count": 1, "jobs": [` + strings.Repeat("[", 500) + strings.Repeat("]", 500) + `]}`},
}
