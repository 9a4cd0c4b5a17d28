package visualizationjob_test

import (
	"fmt"
	"net/http"
	"time"

	"pgregory.net/rapid"

	"github.com/opentelekomcloud-community/terraform-provider-modelarts/internal/simulator"
)

// script has all input of one case. It is drawn before the bubble starts, so that rapid can shrink a failure.
type script struct {
	service  simulator.Options
	existing []bool // whether an unmanaged job has the name and path of a resource
	steps    []step
	final    []attrs // the configuration of each resource; nil for an absent one
}

// step is one apply, and the faults and events during it.
type step struct {
	configs []attrs
	retries int
	faults  []simulator.Fault
	events  []event
	ending  ending
	pause   time.Duration // between the plan and the apply
	rest    time.Duration // until the next step
}

// event is a change outside Terraform.
type event struct {
	at   time.Duration
	on   int // index of the job
	what string
	to   int       // the new status
	call [2]string // or a request of another user
}

const (
	// stop is one Ctrl-C: Terraform requests the provider to stop, and waits for the responses.
	stop = "stop"
	// kill is SIGKILL of the provider or of Terraform, which receives no response then.
	kill = "kill"
)

// ending interrupts an apply at a time, or before or after one of its requests.
type ending struct {
	how     string // "" for an apply that ends by itself
	at      time.Duration
	request int // 0 to end at the time
	after   bool
}

// undocumented is a status that the API reference does not have.
const undocumented = 99

var (
	// calls are the requests that fail.
	calls = [][2]string{
		{http.MethodPost, "/visualization-jobs"},
		{http.MethodGet, "/visualization-jobs"},
		{http.MethodGet, "/visualization-jobs/[0-9]+"},
		{http.MethodPut, "/visualization-jobs/[0-9]+"},
		{http.MethodPost, "/visualization-jobs/[0-9]+/stop"},
		{http.MethodPost, "/visualization-jobs/[0-9]+/restart"},
		{http.MethodDelete, "/visualization-jobs/[0-9]+"},
		{"", ""},
	}
	outside = []event{
		{what: "stop", call: [2]string{http.MethodPost, "/stop"}},
		{what: "restart", call: [2]string{http.MethodPost, "/restart"}},
		{what: "delete", call: [2]string{http.MethodDelete, ""}},
		{what: "describe", call: [2]string{http.MethodPut, ""}},
		{what: "remove"},
		{what: "fail", to: simulator.StatusFailed},
		{what: "lose", to: simulator.StatusLost},
		{what: "delete failed", to: simulator.StatusDeleteFailed},
		{what: "undocumented", to: undocumented},
		{what: "complete", to: simulator.StatusCompleted},
		{what: "run", to: simulator.StatusRunning},
	}
)

func among[V any](t *rapid.T, label string, values ...V) V {
	return rapid.SampledFrom(values).Draw(t, label)
}

func upTo(t *rapid.T, label string, limits ...time.Duration) time.Duration {
	limit := among(t, label+" within", limits...)
	return time.Duration(rapid.Int64Range(0, int64(limit/time.Millisecond)).Draw(t, label)) * time.Millisecond
}

func drawScript(t *rapid.T) script {
	s := script{
		service: simulator.Options{
			Transition:    among(t, "transition", 0, time.Second, 20*time.Second, 3*time.Minute),
			Latency:       among(t, "latency", 0, 0, 50*time.Millisecond, 2*time.Second),
			Stale:         among(t, "stale", 0, 0, 0, time.Second, 20*time.Second, 90*time.Second),
			Appear:        among(t, "appear", 0, 0, 0, 500*time.Millisecond, 5*time.Second),
			Rejections:    among(t, "rejections", simulator.RejectionProfiles()...),
			ErrorShape:    among(t, "errors", simulator.ErrorShapes()...),
			NotFoundShape: among(t, "not found", simulator.NotFoundShapes()...),
			PageCap:       among(t, "page", 1000, 1000, 1, 2),
			RateLimit:     among(t, "rate", 0, 0, 0, 5),
			TokenLifetime: 10000 * time.Hour,
		},
	}
	resources := among(t, "resources", 1, 1, 2, 3)
	for i := range resources {
		s.existing = append(s.existing, among(t, "existing", false, false, false, true))
		s.final = append(s.final, drawConfig(t, i, nil))
	}
	for range rapid.IntRange(1, 4).Draw(t, "steps") {
		s.steps = append(s.steps, drawStep(t, resources))
	}
	return s
}

func drawStep(t *rapid.T, resources int) step {
	s := step{
		retries: among(t, "retries", 5, 5, 0, 1),
		pause:   upTo(t, "pause", 0, 0, 10*time.Minute),
		rest:    upTo(t, "rest", 0, time.Minute, 10*time.Minute),
		ending:  ending{how: among(t, "ending", "", "", stop, stop, kill, kill)},
	}
	for i := range resources {
		timeouts := attrs{}
		for _, operation := range []string{"create", "update"} {
			if limit := among(t, operation+" timeout", "", "", "", "500ms", "5s", "1m"); limit != "" {
				timeouts[operation] = limit
			}
		}
		s.configs = append(s.configs, drawConfig(t, i, timeouts))
	}
	for range among(t, "faults", 0, 1, 1, 2, 4, 8) {
		s.faults = append(s.faults, drawFault(t))
	}
	for range among(t, "events", 0, 0, 1, 2, 5) {
		e := among(t, "event", outside...)
		e.at, e.on = upTo(t, "at", time.Second, time.Minute, 10*time.Minute), rapid.IntRange(0, 3).Draw(t, "on")
		s.events = append(s.events, e)
	}
	if s.ending.how != "" {
		s.ending.request = among(t, "request", 0, 1, 2, 3, 4, 5, 8, 13)
		s.ending.after = rapid.Bool().Draw(t, "after")
		s.ending.at = upTo(t, "ending at", time.Second, 20*time.Second, 5*time.Minute)
	}
	return s
}

// drawFault draws a fault, other than those that cost real time and memory.
func drawFault(t *rapid.T) simulator.Fault {
	call := among(t, "call", append(calls, calls[0])...)
	kind := rapid.SampledFrom(simulator.FaultNames()).Filter(func(kind string) bool { return kind != "huge" && kind != "deep" }).Draw(t, "fault")
	if kind == "not-found" && (call == calls[2] || call[0] == "") {
		kind = "not-found-bare" // the provider believes a 404 of the service
	}
	fault, err := simulator.NamedFault(kind)
	if err != nil {
		panic(err)
	}
	fault.Method, fault.Path, fault.Skip, fault.Count = call[0], call[1], among(t, "skip", 0, 0, 0, 1, 2, 5), among(t, "count", 1, 1, 2, 6, 30)
	return fault
}

func nameOf(resource int) string { return fmt.Sprintf("board%d", resource) }

// drawConfig draws the configuration of a resource, nil for an absent one.
func drawConfig(t *rapid.T, resource int, timeouts attrs) attrs {
	if among(t, "absent", false, false, false, false, true) {
		return nil
	}
	config := boardConfig.with(attrs{
		"name":           nameOf(resource),
		"description":    among[any](t, "description", nil, "", "first", "second"),
		"flavor":         among[any](t, "flavor", nil, nil, nil, "large"),
		"running":        among[any](t, "running", nil, true, false),
		"adopt_existing": among[any](t, "adopts", nil, false, true, true),
	})
	if len(timeouts) > 0 {
		config["timeouts"] = timeouts
	}
	return config
}
