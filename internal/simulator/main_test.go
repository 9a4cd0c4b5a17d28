package simulator_test

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"go.uber.org/goleak"

	"github.com/opentelekomcloud-community/terraform-provider-modelarts/internal/simulator"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

const (
	jobs       = "/visualization-jobs"
	transition = 70 * time.Second // ten seconds for each of the seven starting statuses
)

// start is when the clock of every bench starts, in whole milliseconds.
var start = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)

// bench is a simulator under test, with its clock and a token for it.
type bench struct {
	*simulator.Simulator

	t     *testing.T
	clock *simulator.ManualClock
	token string
}

func newBench(t *testing.T, options simulator.Options) *bench {
	t.Helper()

	clock := simulator.NewManualClock(start)
	options.Clock = clock
	s := simulator.New(options)

	return &bench{Simulator: s, t: t, clock: clock, token: s.IssueToken()}
}

// stillClock stands at start, and waits for nothing.
type stillClock struct{}

func (stillClock) Now() time.Time { return start }

func (stillClock) After(time.Duration) <-chan time.Time {
	ring := make(chan time.Time, 1)
	ring <- start

	return ring
}

// serve starts a server that ends with the test.
func serve(t *testing.T, options simulator.Options) *simulator.Server {
	t.Helper()

	s, err := simulator.Start(options)
	if err != nil {
		t.Fatal(err)
	}

	t.Cleanup(s.Close)

	return s
}

// createRequest is a create call, for a server at base or, without one, for a
// handler.
func createRequest(ctx context.Context, base, token, body string) *http.Request {
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, base+ownJobs, strings.NewReader(body))
	if err != nil {
		panic(err)
	}

	if token != "" {
		r.Header.Set("X-Auth-Token", token)
	}

	return r
}

// transport keeps no connections, and follows no redirects.
var transport = &http.Transport{DisableKeepAlives: true}

// exchange sends a request over the network, and returns what arrived of the
// answer.
func exchange(r *http.Request) (*http.Response, string, error) {
	response, err := transport.RoundTrip(r)
	if err != nil {
		return nil, "", err
	}
	defer response.Body.Close()

	got, err := io.ReadAll(response.Body)

	return response, string(got), err
}

// create makes a create call over the network; see exchange.
func create(ctx context.Context, base, token, body string) (*http.Response, string, error) {
	return exchange(createRequest(ctx, base, token, body))
}

// reply is an answer with its body taken apart; numbers are json.Number, so
// that they differ from strings.
type reply struct {
	status int
	header http.Header
	body   map[string]any
}

// call sends a ModelArts request with the bench's token.
func (b *bench) call(method, path, body string) reply {
	b.t.Helper()

	return b.send(method, "/v1/"+simulator.DefaultProjectID+path, body, "X-Auth-Token", b.token)
}

// send sends any request, with pairs of header names and values.
func (b *bench) send(method, target, body string, header ...string) reply {
	b.t.Helper()

	return send(b.t, b, method, target, body, header...)
}

func send(t *testing.T, h http.Handler, method, target, body string, header ...string) reply {
	t.Helper()

	r := httptest.NewRequestWithContext(t.Context(), method, target, strings.NewReader(body))
	for i := 0; i+1 < len(header); i += 2 {
		r.Header.Set(header[i], header[i+1])
	}

	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)

	return reply{w.Code, w.Header(), object(t, w.Body.Bytes())}
}

// object decodes a JSON object, and returns nil for a body that is empty.
func object(t *testing.T, body []byte) map[string]any {
	t.Helper()

	if len(body) == 0 {
		return nil
	}

	var v map[string]any

	d := json.NewDecoder(bytes.NewReader(body))
	d.UseNumber()

	if err := d.Decode(&v); err != nil {
		t.Fatalf("answer %q is no JSON object: %v", body, err)
	}

	return v
}

// want checks the status and the whole body of an answer.
func (r reply) want(t *testing.T, status int, body string) {
	t.Helper()

	if r.status != status {
		t.Errorf("status = %d, want %d", r.status, status)
	}

	if diff := cmp.Diff(object(t, []byte(body)), r.body); diff != "" {
		t.Errorf("body (-want +got):\n%s", diff)
	}
}

// wantRefusal checks for a refusal of the usual ModelArts shape.
func (r reply) wantRefusal(t *testing.T, status int, code, message string) {
	t.Helper()

	body, err := json.Marshal(map[string]any{"is_success": false, "error_code": code, "error_message": message})
	if err != nil {
		t.Fatal(err)
	}

	r.want(t, status, string(body))
}

func (r reply) text(key string) string {
	s, _ := r.body[key].(string)

	return s
}

func (r reply) number(key string) string {
	n, _ := r.body[key].(json.Number)

	return n.String()
}

// statusOf returns the status of a job, and fails the test when it is gone.
func (b *bench) statusOf(id int64) int {
	b.t.Helper()

	j, ok := b.Job(id)
	if !ok {
		b.t.Fatalf("job %d is gone", id)
	}

	return j.Status
}
