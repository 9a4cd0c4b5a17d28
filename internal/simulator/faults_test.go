package simulator_test

import (
	"context"
	"encoding/json"
	"fmt"
	"net"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/opentelekomcloud-community/terraform-provider-modelarts/internal/simulator"
)

// pipes is a listener within the process, for testing/synctest.
type pipes chan net.Conn

func (p pipes) Addr() net.Addr { return &net.TCPAddr{} }

func (p pipes) Close() error {
	close(p)
	return nil
}

func (p pipes) Accept() (net.Conn, error) {
	if conn, ok := <-p; ok {
		return conn, nil
	}
	return nil, net.ErrClosed
}

func (p pipes) dial(context.Context, string, string) (net.Conn, error) {
	client, server := net.Pipe()
	p <- server
	return client, nil
}

// outcome sends a create request with a fault, for at most an hour. It returns whether the request was
// processed, the response, and the time that it took. Of a long body it returns the beginning.
func outcome(t *testing.T, f *simulator.Fault, latency time.Duration) string {
	t.Helper()
	s := simulator.New(simulator.Options{Now: (&clock{}).Now, Latency: latency})
	if f != nil {
		s.Inject(*f)
	}
	listener, server := make(pipes), &http.Server{Handler: s}
	go func() { _ = server.Serve(listener) }()
	defer server.Close()
	ctx, cancel := context.WithTimeout(t.Context(), time.Hour)
	defer cancel()
	began := time.Now()
	transport := &http.Transport{DialContext: listener.dial, DisableKeepAlives: true}
	resp, body, err := exchange(transport, createRequest(t, "http://pipe", s.IssueToken(), plainJob).WithContext(ctx))
	got := "lost, "
	if len(s.Jobs()) == 1 {
		got = "processed, "
	}
	if all := s.Requests(); len(all) != 1 || (all[0].Status == 0) != (f != nil && (f.Hang || f.Drop)) {
		t.Errorf("requests: %+v", all)
	}
	if resp != nil {
		got += fmt.Sprint(resp.StatusCode)
		for _, name := range []string{"Content-Type", "Location", "Retry-After"} {
			if value := resp.Header.Get(name); value != "" {
				got += " " + value
			}
		}
		if resp.ContentLength < 0 {
			got += ", no length"
		} else if resp.ContentLength != int64(len(body)) {
			got += fmt.Sprint(", announced ", resp.ContentLength)
		}
		got += ", " + shorten(t, response{status: resp.StatusCode, header: resp.Header}, body)
	}
	if err != nil {
		got += ", " + err.Error()
	}
	if took := time.Since(began).Round(time.Millisecond); took > 0 {
		got += fmt.Sprint(", in ", took)
	}
	return strings.Replace(got, ", , ", ", ", 1)
}

// shorten returns the code and message of an error response, or the beginning of another body.
func shorten(t *testing.T, r response, body string) string {
	t.Helper()
	if json.Valid([]byte(body)) && strings.HasPrefix(body, "{") {
		r.body = object(t, []byte(body))
		if _, line, _ := strings.Cut(r.String(), " "); !strings.HasPrefix(line, "map[") {
			return line
		}
	}
	if len(body) > 100 {
		return fmt.Sprintf("%.20s... %d bytes", body, len(body))
	}
	return body
}

// TestFaults covers each kind of fault, and faults without a name.
func TestFaults(t *testing.T) { synctest.Test(t, testFaults) }

func testFaults(t *testing.T) {
	const (
		inJSON      = " application/json, "
		created     = `{"is_success":true,"job_id":"1","job_name":"board","status":"1","create_time":"1772366400000"}`
		cut         = `announced 94, {"is_success":true,"job_id":"1","job_name":"boa`
		conflict    = "ModelArts.0105: This job can't be changed in its present status."
		loginPage   = " text/html, <!DOCTYPE html>\n<htm... 125 bytes"
		gatewayPage = " text/html, <html>\r\n<head><title... 114 bytes"
		eof         = ", unexpected EOF"
	)
	want := map[string]string{
		"drop-before": "lost, EOF",
		"drop-after":  "processed, EOF",
		"hang-before": "lost, context deadline exceeded, in 1h0m0s",
		"hang-after":  "processed, context deadline exceeded, in 1h0m0s",
		"truncate":    "processed, 200" + inJSON + cut + eof,
		"slow":        "processed, 200" + inJSON + created + ", in 5s",
		"redirect":    "lost, 307 http://127.0.0.1:9/, ",
		"html":        "lost, 200" + loginPage,
		"html-after":  "processed, 200" + loginPage,
		"html-502":    "lost, 502" + gatewayPage,
		"empty":       "processed, 200, ",
		"not-json":    "processed, 200 text/plain; charset=utf-8, Your request was received.\n",
		"wrong-types": "processed, 200" + inJSON + `{"is_success":["true... 477 bytes`,
		"null":        "processed, 200" + inJSON + "null",
		"deep":        "processed, 200 application/json, no length, " + `{"is_success":true,"... 200027 bytes`,
		"huge":        "processed, 200 application/json, no length, " + strings.Repeat(" ", 20) + "... 1000 bytes",

		"no-success-200":      "lost, 200" + inJSON + conflict,
		"conflict":            "lost, 400" + inJSON + conflict,
		"conflict-409":        "lost, 409" + inJSON + `{"error_message":"This job can't be changed in its present status."}`,
		"parameter":           "lost, 400" + inJSON + "ModelArts.0104: Illegal parameter",
		"denied":              "lost, 403" + inJSON + "ModelArts.0108: You are not authorized to perform the operation.",
		"unauthorized":        "lost, 401" + inJSON + "gateway APIGW.0301: Incorrect IAM authentication information",
		"token-expired":       "lost, 401" + inJSON + "gateway APIGW.0307: The token must be updated.",
		"token-invalid":       "lost, 403" + inJSON + "ModelArts.0203: Invalid token.",
		"not-found":           "lost, 404" + inJSON + "ModelArts.0104: The visualization job does not exist",
		"not-found-bare":      "lost, 404, ",
		"not-found-gateway":   "lost, 404" + inJSON + "gateway APIGW.0101: The API does not exist or is not published in this environment",
		"throttled":           "lost, 429 application/json 1, gateway APIGW.0308: The throttling threshold has been reached",
		"throttled-by-window": "lost, 429" + inJSON + "gateway APIGW.0308: policy user over ratelimit,limit:1,time:1 second",

		"internal-error":     "lost, 500" + inJSON + "ModelArts.0010: Internal error.",
		"bad-gateway-before": "lost, 502" + gatewayPage,
		"bad-gateway-after":  "processed, 502" + gatewayPage,
		"unavailable-before": "lost, 503" + gatewayPage,
		"unavailable-after":  "processed, 503" + gatewayPage,
		"timeout-before":     "lost, 504" + gatewayPage,
		"timeout-after":      "processed, 504" + gatewayPage,
	}
	got := make(map[string]string)
	for _, kind := range simulator.FaultNames() {
		f, err := simulator.NamedFault(kind)
		if err != nil || f.Kind != kind || f.Size != 0 && f.Size != 1<<30 {
			t.Errorf("%s: kind %q, size %d; %v", kind, f.Kind, f.Size, err)
		}
		f.Size = min(f.Size, 1000) // A test has no time for more.
		got[kind] = outcome(t, &f, 0)
		clear(f.Header) // The caller can change the fault.
	}
	got["latency"], want["latency"] = outcome(t, nil, time.Minute), "processed, 200"+inJSON+created+", in 1m0s"
	got["canceled"], want["canceled"] = outcome(t, nil, 2*time.Hour), "processed, context deadline exceeded, in 1h0m0s"

	for name, c := range map[string]struct {
		fault simulator.Fault
		want  string
	}{
		"nothing": {simulator.Fault{}, "lost, 500, "},
		"body": {
			simulator.Fault{Status: 503, Body: "<html>", Header: http.Header{"content-type": {"text/html"}}},
			"lost, 503 text/html, <html>",
		},
		"code": {simulator.Fault{Code: "ModelArts.0112", Message: "100%"}, "lost, 400" + inJSON + "ModelArts.0112: 100%"},
		"code of the gateway": {
			simulator.Fault{Status: 429, Code: "APIGW.0308", Message: "m", Header: http.Header{"Retry-After": {"3"}}},
			"lost, 429 application/json 3, gateway APIGW.0308: m",
		},
		"code of an older gateway": {
			simulator.Fault{Status: 401, Code: "APIG.0301", Message: "m"},
			"lost, 401" + inJSON + "gateway APIG.0301: m",
		},
		"truncated, slow":   {simulator.Fault{Truncate: true, Slow: 9 * time.Second}, "processed, 200 application/json, " + cut + eof + ", in 9s"},
		"truncated body":    {simulator.Fault{Truncate: true, Body: "012345678"}, "lost, 500 text/plain; charset=utf-8, announced 9, 0123" + eof},
		"truncated, empty":  {simulator.Fault{Truncate: true, Status: 200}, "lost, 200, announced 1" + eof},
		"truncated, padded": {simulator.Fault{Truncate: true, Size: 100}, "processed, 200 application/json, announced 100, " + strings.Repeat(" ", 6) + created[:44] + eof},
		"padded":            {simulator.Fault{Size: 96}, "processed, 200 application/json, no length,   " + created},
	} {
		want[name], got[name] = c.want, outcome(t, &c.fault, 0)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// TestFaultQueue sends requests and lists their statuses with the number of jobs afterwards.
func TestFaultQueue(t *testing.T) {
	for name, c := range map[string]struct {
		faults []simulator.Fault
		steps  []string // method, path, status and jobs
		left   string
	}{
		"by method and path": {
			[]simulator.Fault{
				{Method: "GET", Path: `/visualization-jobs/\d+`, Status: 501, Count: 2},
				{Path: "/v3/auth/c[a-z]*", Status: 502},
				{Path: ".*/stop", Status: 503, Count: -1},
				{Status: 504},
			},
			[]string{
				"GET JOBS/1 501 1", "POST JOBS/1/stop 503 1", "GET JOBS/1 501 1", "POST JOBS/1/stop 503 1",
				"GET /v3 200 1", // A fault without a path is for ModelArts.
				"GET JOBS/1 504 1", "GET JOBS/1 200 1",
				"GET /v3/auth/catalog/x 404 1", // The path doesn't match completely.
				"GET /v3/auth/catalog 502 1", "GET /v3/auth/catalog 200 1",
			},
			"* .*/stop custom -1 0",
		},
		"by count": {
			[]simulator.Fault{
				{Method: "POST", Status: 501, Skip: 1, Count: 2, After: true},
				{Method: "POST", Status: 502, Skip: 2},
				{Path: jobs, Status: 503, Skip: 4, Count: -1},
			},
			[]string{
				"POST JOBS 200 2",                    // All three skip it.
				"GET JOBS 200 2",                     // The third skips it.
				"POST JOBS 501 3", "POST JOBS 501 4", // A fault that another fault precedes doesn't count the request.
				"POST JOBS 200 5", // The second and the third skip it.
				"POST JOBS 502 5",
				"GET JOBS 200 5", // The third skips it for the last time.
				"POST JOBS 503 5",
			},
			"* /visualization-jobs custom -1 0",
		},
	} {
		t.Run(name, func(t *testing.T) {
			f := newFixture(t, simulator.Options{})
			f.AddJob(simulator.Job{Status: simulator.StatusRunning})
			for _, fault := range c.faults {
				f.Inject(fault)
			}
			for i, step := range c.steps {
				s := strings.SplitN(strings.Replace(step, "JOBS", projectJobs, 1), " ", 3)
				r := f.send(s[0], s[1], plainJob, "X-Auth-Token", f.token)
				if got := fmt.Sprint(r.status, " ", len(f.Jobs())); got != s[2] {
					t.Errorf("step %d, %s: %s", i, step, got)
				}
			}
			if left := f.Faults(); len(left) != 1 || left[0].String() != c.left {
				t.Errorf("left: %+v", left)
			}
			f.ClearFaults()
			f.succeed("POST", jobs+"/1/stop", "")
		})
	}
}

// wantPanic checks that do panics with a text, or with any if it is empty.
func wantPanic(t *testing.T, want string, do func()) {
	t.Helper()
	defer func() {
		if got := recover(); got == nil || want != "" && fmt.Sprint(got) != want {
			t.Errorf("panic %v, want %s", got, want)
		}
	}()
	do()
}
