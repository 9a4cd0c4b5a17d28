package visualizationjob_test

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"

	"github.com/opentelekomcloud-community/terraform-provider-modelarts/internal/simulator"
)

// undocumented is a status that the API reference does not have.
const undocumented = 99

func sortedKeys[V any](m map[string]V) []string { return slices.Sorted(maps.Keys(m)) }

// world is one case: the service, what others do to it, and what is known of it.
type world struct {
	*protocol // to encode and decode; it has no server

	sim    *simulator.Simulator
	token  string
	began  time.Time
	timers []*time.Timer

	mu     sync.Mutex
	wrong  []error
	record []string
	theirs map[int64]bool            // jobs that others made
	ever   map[int64]map[string]bool // each job there ever was, and the descriptions it had
	named  map[int64]bool            // with the command that imports it
	owner  map[int64]int             // of jobs in no state: the resource that they were created for
}

// newWorld starts the service of a script.
func newWorld(t *testing.T, types *protocol, options simulator.Options) *world {
	t.Helper()
	w := &world{
		protocol: types.during(t),
		began:    time.Now(),
		theirs:   map[int64]bool{}, ever: map[int64]map[string]bool{}, named: map[int64]bool{},
		owner: map[int64]int{},
	}
	options.ForgetCalls, options.OnCall = true, w.called
	w.sim = simulator.New(options)
	w.token = w.sim.IssueToken()
	return w
}

// failf notes what is wrong with the provider.
func (w *world) failf(format string, args ...any) {
	w.notef("WRONG: "+format, args...)
	w.mu.Lock()
	defer w.mu.Unlock()
	w.wrong = append(w.wrong, fmt.Errorf(format, args...))
}

func (w *world) verdict() error {
	w.mu.Lock()
	defer w.mu.Unlock()
	if len(w.wrong) == 0 {
		return nil
	}
	return fmt.Errorf("%w\n\n%s", errors.Join(w.wrong...), strings.Join(w.record, "\n"))
}

func (w *world) isWrong() bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	return len(w.wrong) > 0
}

// notef writes the record of the case, where the same again is written once.
func (w *world) notef(format string, args ...any) {
	line := fmt.Sprintf(format, args...)
	w.mu.Lock()
	defer w.mu.Unlock()
	if last := len(w.record) - 1; last >= 0 && strings.HasSuffix(w.record[last], " "+line) {
		return
	}
	w.record = append(w.record, fmt.Sprintf("%10s %s", time.Since(w.began).Round(time.Millisecond), line))
}

// called learns from a request what jobs there are, and what they were ever like.
func (w *world) called(call simulator.Call) {
	w.notef("    %s %s %d %s", call.Method, call.Path[strings.LastIndex(call.Path, "/visual"):], call.Status, call.Body)
	if call.Method == http.MethodGet {
		return
	}
	jobs := w.sim.Jobs()
	w.mu.Lock()
	defer w.mu.Unlock()
	for i := range jobs {
		if w.ever[jobs[i].ID] == nil {
			w.ever[jobs[i].ID] = map[string]bool{}
		}
		w.ever[jobs[i].ID][jobs[i].Description] = true
	}
}

// foreignPhrases are the framework's words for a provider that does it wrong.
var foreignPhrases = []string{"provider developer", "bug in the provider", "always an issue", "always a problem", "always an error"}

var importCommand = regexp.MustCompile(`terraform import ADDRESS (\d+)`)

// check checks a diagnostic, and notes which jobs it names.
func (w *world) check(name string, d *tfprotov6.Diagnostic) {
	text := d.Summary + "\n" + d.Detail
	if strings.Contains(text, w.token) {
		w.failf("%s shows the token", name)
	}
	for _, phrase := range foreignPhrases {
		if strings.Contains(text, phrase) {
			w.failf("%s: %s", name, text)
		}
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, match := range importCommand.FindAllStringSubmatch(text, -1) {
		if id, err := strconv.ParseInt(match[1], 10, 64); err == nil {
			w.named[id] = true
		}
	}
}

// isNamed tells whether a diagnostic named a job.
func (w *world) isNamed(id int64) bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.named[id]
}

// wasThere tells whether there ever was a job, and whether it had a description.
func (w *world) wasThere(id int64, description any) (there, described bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	text, _ := description.(string)
	return w.ever[id] != nil, w.ever[id][text]
}

// schedule has the things of a step happen at their time.
func (w *world) schedule(s step) {
	for _, f := range s.faults {
		w.sim.Inject(f.fault())
	}
	for _, e := range s.events {
		w.timers = append(w.timers, time.AfterFunc(e.at, func() { w.outside(e) }))
	}
}

// heal ends all that can go wrong, and lets what goes on come to its end.
func (w *world) heal(options simulator.Options) {
	for _, timer := range w.timers {
		timer.Stop()
	}
	w.sim.ClearFaults()
	<-time.After(10 * time.Second) // what others have begun is done
	for _, job := range w.sim.Jobs() {
		if job.Status == simulator.StatusUnknown || job.Status == undocumented {
			w.sim.SetStatus(job.ID, simulator.StatusRunning) // these last for ever
		}
	}
	<-time.After(options.Transition + options.Stale + options.Appear + 3*time.Minute)
	w.notef("healed")
}

// outside does what somebody else does to one of the jobs.
func (w *world) outside(e event) {
	jobs := w.sim.Jobs()
	if len(jobs) == 0 {
		return
	}
	id := jobs[e.on%len(jobs)].ID
	w.notef("  outside: %s of %d", e.op, id)
	path := fmt.Sprintf("/visualization-jobs/%d", id)
	switch e.op {
	case "stop":
		w.sim.StopJob(id)
	case "remove":
		w.sim.RemoveJob(id)
	case "restart":
		w.request(http.MethodPost, path+"/restart", "")
	case "delete":
		w.request(http.MethodDelete, path, "")
	case "describe":
		w.request(http.MethodPut, path, `{"job_desc":"theirs"}`)
	default:
		w.sim.SetStatus(id, outsideOps[e.op])
	}
}

// request is somebody else's call to the API. What is wrong with it is their loss.
func (w *world) request(method, path, body string) {
	ctx, cancel := context.WithTimeout(w.t.Context(), 5*time.Second)
	defer cancel()
	url := endpointInMemory.String() + "/v1/" + simulator.DefaultProjectID + path
	req, err := http.NewRequestWithContext(ctx, method, url, strings.NewReader(body))
	if err != nil {
		w.failf("request: %v", err)
		return
	}
	theirs := newNetwork(w.t, w.sim, w.token, w.panicked)
	if resp, err := theirs.RoundTrip(req); err == nil {
		resp.Body.Close()
	}
}
