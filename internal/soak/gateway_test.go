//go:build unix

package main

import (
	"context"
	"io"
	"maps"
	"net/http"
	"slices"
	"testing"
	"time"

	"github.com/opentelekomcloud-community/terraform-provider-modelarts/internal/simulator"
)

func newTestGateway(t *testing.T) *gateway {
	t.Helper()
	g, err := startGateway(t.Context(), 10, settings{seed: 7}.random(3))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = g.server.Close() })
	return g
}

// ask sends a request for the versions of IAM, and reports whether the whole response arrived.
// Without reading the body to its end, the client would close the connection.
func ask(t *testing.T, client *http.Client, g *gateway) bool {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, g.url+"/v3", http.NoBody)
	if err != nil {
		t.Fatal(err)
	}
	resp, err := client.Do(r)
	if ctx.Err() != nil {
		t.Fatal("it hangs")
	}
	if err != nil {
		return false
	}
	defer resp.Body.Close()
	_, err = io.Copy(io.Discard, resp.Body)
	return err == nil && resp.StatusCode == http.StatusOK && resp.Header.Get("Content-Type") == "application/json"
}

// As many calls go wrong as are to, in all ways, and none when none is to.
func TestGatewayDisturbs(t *testing.T) {
	t.Parallel()
	g := newTestGateway(t)
	client := &http.Client{Transport: &http.Transport{}}
	t.Cleanup(client.CloseIdleConnections)
	const calls = 100
	failed := 0
	g.disturb(0.3)
	for range calls {
		if !ask(t, client, g) {
			failed++
		}
	}
	g.disturb(0)
	if failed < calls/10 || failed > calls/2 {
		t.Errorf("%d of %d calls failed, want some three tenths", failed, calls)
	}
	for range calls {
		if !ask(t, client, g) {
			t.Fatal("a call went wrong, and none was to")
		}
	}
	made, faults := g.count()
	// net/http repeats some calls by itself.
	if made < 2*calls || faults < failed {
		t.Errorf("it counted %d calls and %d faults", made, faults)
	}
}

func TestGatewayFaults(t *testing.T) {
	t.Parallel()
	g := newTestGateway(t)
	var kinds []string
	for _, fault := range slices.Concat(g.again, g.stay) {
		kinds = append(kinds, fault.Kind)
		if fault.Slow > slowAnswer || fault.Size > hugeAnswer || fault.Path == "" {
			t.Errorf("%+v", fault)
		}
	}
	want := slices.DeleteFunc(simulator.FaultNames(), func(kind string) bool { return kind == lie })
	slices.Sort(kinds)
	slices.Sort(want)
	if !slices.Equal(kinds, want) {
		t.Errorf("the kinds are %q, want %q", kinds, want)
	}
	for kind, again := range map[string]bool{
		"drop-after": true, "hang-before": true, "truncate": true, "slow": true, "throttled": true, "internal-error": true,
		"token-expired": true, "token-invalid": true, "timeout-after": true, "denied": false, "conflict": false, "html": false, "huge": false, "redirect": false,
	} {
		if slices.ContainsFunc(g.again, func(f simulator.Fault) bool { return f.Kind == kind }) != again {
			t.Errorf("%s: want again = %t", kind, again)
		}
	}
}

// A fault that did not happen to anything is none.
func TestGatewayCountsWhatHappened(t *testing.T) {
	t.Parallel()
	g := newTestGateway(t)
	fault := g.again[0]
	g.happened[fault.Kind] = 3
	g.Inject(fault)
	g.disturb(0)
	if _, faults := g.count(); faults != 2 || len(g.Faults()) > 0 {
		t.Errorf("it counted %d faults, want 2, and %d are left", faults, len(g.Faults()))
	}
}

func TestGatewayConnections(t *testing.T) {
	t.Parallel()
	g := newTestGateway(t)
	client := &http.Client{Transport: &http.Transport{}}
	if !ask(t, client, g) {
		t.Fatal("the call failed")
	}
	until(t, func() bool { open, idle := g.connections(); return open == 1 && idle > 0 })
	client.CloseIdleConnections()
	until(t, func() bool { open, idle := g.connections(); return open == 0 && idle == 0 })
}

// until polls until the server has noticed a change of a connection. Only the time limit of
// the test binary ends it, so that a busy machine can't.
func until(t *testing.T, holds func() bool) {
	t.Helper()
	tick := time.NewTicker(time.Millisecond)
	defer tick.Stop()
	for !holds() {
		<-tick.C
	}
}

// What is done outside of the configuration is done to as many, and nobody else.
func TestMeddle(t *testing.T) {
	t.Parallel()
	g := newTestGateway(t)
	strangers := g.addStrangers()
	const jobs, share = 100, 2
	var ids []int64
	for range jobs {
		ids = append(ids, g.AddJob(simulator.Job{Status: simulator.StatusRunning}))
	}
	if changes := g.meddle(ids, settings{seed: 7}.random(2)); changes != 3*share {
		t.Errorf("it says %d changes, want %d", changes, 3*share)
	}
	got := map[int]int{}
	for _, job := range g.Jobs() {
		if _, ok := strangers[job.ID]; !ok {
			got[job.Status]++
		}
	}
	want := map[int]int{
		simulator.StatusRunning: jobs - 3*share, simulator.StatusKilling: share, simulator.StatusFailed: share,
	}
	if !maps.Equal(got, want) {
		t.Errorf("the statuses are %v, want %v", got, want)
	}
	for id, want := range strangers {
		have, _ := g.Job(id)
		have.Duration = want.Duration
		if have != want {
			t.Errorf("the stranger is %+v, want %+v", have, want)
		}
	}
}
