package visualizationjob_test

import (
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httptrace"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/opentelekomcloud-community/terraform-provider-modelarts/internal/simulator"
)

// The network in memory fails as a real one does.
func TestNetworkInMemory(t *testing.T) {
	t.Parallel()
	kinds := map[string]struct {
		head, body error // nil where it arrives
		takes      time.Duration
	}{
		"drop-after": {head: io.EOF},
		"hang-after": {head: context.DeadlineExceeded, takes: time.Minute},
		"truncate":   {body: io.ErrUnexpectedEOF},
		"slow":       {takes: 5 * time.Second},
		"redirect":   {},
		"kill":       {head: errKilled, takes: time.Second},
		"refuse":     {head: errors.ErrUnsupported}, // any but the others
	}
	for kind, want := range kinds {
		t.Run(kind, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				sim := simulator.New(simulator.Options{})
				n := newNetwork(sim, sim.IssueToken(), func(v any) { t.Error(v) })
				switch kind {
				case "kill":
					sim.Inject(simulator.Fault{Hang: true})
					time.AfterFunc(time.Second, n.kill)
				case "refuse":
					n.refuses = func() bool { return true }
				default:
					fault, err := simulator.NamedFault(kind)
					if err != nil {
						t.Fatal(err)
					}
					sim.Inject(fault)
				}
				began := time.Now()
				connected, head, body := exchange(t, n)
				if kind != "refuse" && !errors.Is(head, want.head) || !errors.Is(body, want.body) || (head == nil) != (want.head == nil) {
					t.Errorf("the errors are %v, %v", head, body)
				}
				if connected == (kind == "refuse") {
					t.Errorf("connected: %t", connected)
				}
				if took := time.Since(began); took != want.takes {
					t.Errorf("it took %s, want %s", took, want.takes)
				}
			})
		})
	}
}

// exchange makes a request and reads the answer.
func exchange(t *testing.T, n *network) (connected bool, head, body error) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	ctx = httptrace.WithClientTrace(ctx, &httptrace.ClientTrace{GotConn: func(httptrace.GotConnInfo) { connected = true }})
	req, err := http.NewRequestWithContext(ctx, http.MethodPost,
		"https://modelarts.example.com/v1/"+simulator.DefaultProjectID+"/visualization-jobs",
		strings.NewReader(`{"job_name":"board","train_url":"/bucket/logs/"}`))
	if err != nil {
		t.Fatal(err)
	}
	resp, err := n.RoundTrip(req)
	if err != nil {
		return connected, err, nil
	}
	defer resp.Body.Close()
	_, err = io.ReadAll(resp.Body)
	return connected, nil, err
}
