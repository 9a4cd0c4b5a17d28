package simulator_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"go.uber.org/goleak"

	"github.com/opentelekomcloud-community/terraform-provider-modelarts/internal/simulator"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

const (
	jobs        = "/visualization-jobs"
	projectJobs = "/v1/" + simulator.DefaultProjectID + jobs
	plainJob    = `{"job_name":"board","train_url":"/bucket/logs/"}`
	transition  = 70 * time.Second // ten seconds for each of the seven starting statuses
)

// start is the first time of every fixture. It has no fraction of a millisecond.
var start = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)

// clock is a time that begins at start and that only Advance moves.
type clock struct{ passed atomic.Int64 }

func (c *clock) Now() time.Time          { return start.Add(time.Duration(c.passed.Load())) }
func (c *clock) Advance(d time.Duration) { c.passed.Add(int64(d)) }

// fixture is a simulator under test, with its clock and a token for its project.
type fixture struct {
	*simulator.Simulator

	t     *testing.T
	clock *clock
	token string
	ids   sync.Map // of the requests
}

func newFixture(t *testing.T, options simulator.Options) *fixture {
	t.Helper()
	f := &fixture{t: t, clock: &clock{}}
	options.Now = f.clock.Now
	f.Simulator = simulator.New(options)
	f.token = f.IssueToken()
	return f
}

// request sends a ModelArts request of the project with the fixture's token.
func (f *fixture) request(method, path, body string) response {
	f.t.Helper()
	return f.send(method, "/v1/"+simulator.DefaultProjectID+path, body, "X-Auth-Token", f.token)
}

// succeed sends a ModelArts request that has to succeed.
func (f *fixture) succeed(method, path, body string) response {
	f.t.Helper()
	r := f.request(method, path, body)
	if r.status != http.StatusOK || r.body["is_success"] != true {
		f.t.Fatalf("%s %s: %v", method, path, r)
	}
	return r
}

// send sends any request, with pairs of header names and values.
func (f *fixture) send(method, target, body string, header ...string) response {
	f.t.Helper()
	r := httptest.NewRequestWithContext(f.t.Context(), method, target, strings.NewReader(body))
	for i := 0; i+1 < len(header); i += 2 {
		r.Header.Set(header[i], header[i+1])
	}
	return f.do(r)
}

// do sends a request. Every response has a unique ID, a date and, if it has a body, a content type.
func (f *fixture) do(r *http.Request) response {
	f.t.Helper()
	w, before := httptest.NewRecorder(), f.clock.Now().Truncate(time.Second)
	f.ServeHTTP(w, r)
	id, contentType := w.Header().Get("X-Request-Id"), w.Header().Get("Content-Type")
	date, err := http.ParseTime(w.Header().Get("Date"))
	_, repeated := f.ids.LoadOrStore(id, true)
	if len(id) != 32 || repeated || err != nil || date.Before(before) || date.After(f.clock.Now()) ||
		w.Body.Len() > 0 && contentType != "application/json" {
		f.t.Errorf("%s %s: X-Request-Id %q, Date %s, Content-Type %q", r.Method, r.URL, id, date, contentType)
	}
	return response{w.Code, w.Header(), object(f.t, w.Body.Bytes())}
}

// response is a response with its body decoded. Numbers are json.Number, so that they
// differ from strings.
type response struct {
	status int
	header http.Header
	body   map[string]any
}

// String returns the response in one line: the status and, if the body is exactly one of
// the documented forms, its code and message.
func (r response) String() string {
	code, keys := r.text("error_code"), strings.Join(slices.Sorted(maps.Keys(r.body)), " ")
	failure, _ := r.body["error"].(map[string]any)
	switch {
	case r.body == nil:
		return fmt.Sprintf("%d no body", r.status)
	case keys == "is_success" && r.body["is_success"] == true:
		return fmt.Sprintf("%d success", r.status)
	case keys == "error_code error_message is_success" && r.body["is_success"] == false:
		return fmt.Sprintf("%d %s: %s", r.status, code, r.text("error_message"))
	case keys == "error_code error_message":
		return fmt.Sprintf("%d bare %s: %s", r.status, code, r.text("error_message"))
	case keys == "error_code error_msg request_id" && r.text("request_id") == r.header.Get("X-Request-Id"):
		return fmt.Sprintf("%d gateway %s: %s", r.status, code, r.text("error_msg"))
	case keys == "error" && len(failure) == 3 && failure["title"] == http.StatusText(r.status) &&
		failure["code"] == json.Number(strconv.Itoa(r.status)):
		return fmt.Sprintf("%d IAM: %s", r.status, failure["message"])
	default:
		return fmt.Sprintf("%d %v", r.status, r.body)
	}
}

// want compares the response with a line as of String, or with a status alone.
func (r response) want(t *testing.T, want string) {
	t.Helper()
	if got := r.String(); got != want && strconv.Itoa(r.status) != want {
		t.Errorf("response %s, want %s", got, want)
	}
}

// wantBody compares the status and the body of the response.
func (r response) wantBody(t *testing.T, status int, body string) {
	t.Helper()
	if diff := cmp.Diff(object(t, []byte(body)), r.body); diff != "" || r.status != status {
		t.Errorf("status %d, want %d; body (-want +got):\n%s", r.status, status, diff)
	}
}

func (r response) text(key string) string {
	s, _ := r.body[key].(string)
	return s
}

func (r response) number(key string) string {
	n, _ := r.body[key].(json.Number)
	return n.String()
}

// object decodes a JSON object, and returns nil for an empty body.
func object(t *testing.T, body []byte) (v map[string]any) {
	t.Helper()
	if len(body) > 0 {
		d := json.NewDecoder(bytes.NewReader(body))
		d.UseNumber()
		if err := d.Decode(&v); err != nil {
			t.Fatalf("response %q isn't a JSON object: %v", body, err)
		}
	}
	return v
}

// createRequest returns a create request for a server at base.
func createRequest(t *testing.T, base, token, body string) *http.Request {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, base+projectJobs, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("X-Auth-Token", token)
	return r
}

// transport keeps no connections, and follows no redirects.
var transport = &http.Transport{DisableKeepAlives: true}

// exchange sends a request over the network, and returns the received part of the response.
func exchange(transport *http.Transport, r *http.Request) (*http.Response, string, error) {
	resp, err := transport.RoundTrip(r)
	if err != nil {
		return nil, "", err
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	return resp, string(body), err
}
