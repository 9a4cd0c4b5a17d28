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

// scenario is one random case: the service, the changes outside Terraform, and the record of both.
type scenario struct {
	*protocol // to encode and decode; it has no server

	sim    *simulator.Simulator
	token  string
	began  time.Time
	timers []*time.Timer

	mu           sync.Mutex
	failures     []error
	record       []string
	unmanaged    map[int64]bool            // jobs that others created
	descriptions map[int64]map[string]bool // of each job that ever existed
	named        map[int64]bool            // jobs whose import command was in a diagnostic
	owner        map[int64]int             // the resource that a job in no state was created for
}

// newScenario starts the service of a script.
func newScenario(t *testing.T, types *protocol, options simulator.Options) *scenario {
	t.Helper()
	sc := &scenario{
		protocol:  types.during(t),
		began:     time.Now(),
		unmanaged: map[int64]bool{}, descriptions: map[int64]map[string]bool{}, named: map[int64]bool{},
		owner: map[int64]int{},
	}
	options.ForgetRequests, options.OnRequest = true, sc.called
	sc.sim = simulator.New(options)
	sc.token = sc.sim.IssueToken()
	return sc
}

// failf records a failure of the provider.
func (sc *scenario) failf(format string, args ...any) {
	sc.notef("WRONG: "+format, args...)
	sc.mu.Lock()
	defer sc.mu.Unlock()
	sc.failures = append(sc.failures, fmt.Errorf(format, args...))
}

func (sc *scenario) result() error {
	sc.mu.Lock()
	defer sc.mu.Unlock()
	if len(sc.failures) == 0 {
		return nil
	}
	return fmt.Errorf("%w\n\n%s", errors.Join(sc.failures...), strings.Join(sc.record, "\n"))
}

func (sc *scenario) hasFailures() bool {
	sc.mu.Lock()
	defer sc.mu.Unlock()
	return len(sc.failures) > 0
}

// notef adds a line to the record, unless the last line is the same.
func (sc *scenario) notef(format string, args ...any) {
	line := fmt.Sprintf(format, args...)
	sc.mu.Lock()
	defer sc.mu.Unlock()
	if last := len(sc.record) - 1; last >= 0 && strings.HasSuffix(sc.record[last], " "+line) {
		return
	}
	sc.record = append(sc.record, fmt.Sprintf("%10s %s", time.Since(sc.began).Round(time.Millisecond), line))
}

// called records the jobs and their descriptions after each request.
func (sc *scenario) called(call simulator.Request) {
	sc.notef("    %s %s %d %s", call.Method, call.Path[strings.LastIndex(call.Path, "/visual"):], call.Status, call.Body)
	if call.Method == http.MethodGet {
		return
	}
	jobs := sc.sim.Jobs()
	sc.mu.Lock()
	defer sc.mu.Unlock()
	for i := range jobs {
		if sc.descriptions[jobs[i].ID] == nil {
			sc.descriptions[jobs[i].ID] = map[string]bool{}
		}
		sc.descriptions[jobs[i].ID][jobs[i].Description] = true
	}
}

// foreignPhrases are texts of the framework about a bug in the provider.
var foreignPhrases = []string{"provider developer", "bug in the provider", "always an issue", "always a problem", "always an error"}

var importCommand = regexp.MustCompile(`terraform import ADDRESS (\d+)`)

// check checks a diagnostic, and records the jobs that it names.
func (sc *scenario) check(name string, d *tfprotov6.Diagnostic) {
	text := d.Summary + "\n" + d.Detail
	if strings.Contains(text, sc.token) {
		sc.failf("%s shows the token", name)
	}
	for _, phrase := range foreignPhrases {
		if strings.Contains(text, phrase) {
			sc.failf("%s: %s", name, text)
		}
	}
	sc.mu.Lock()
	defer sc.mu.Unlock()
	for _, checkFinal := range importCommand.FindAllStringSubmatch(text, -1) {
		if id, err := strconv.ParseInt(checkFinal[1], 10, 64); err == nil {
			sc.named[id] = true
		}
	}
}

// isNamed reports whether a diagnostic named the job.
func (sc *scenario) isNamed(id int64) bool {
	sc.mu.Lock()
	defer sc.mu.Unlock()
	return sc.named[id]
}

// existed reports whether a job ever existed, and whether it ever had the description.
func (sc *scenario) existed(id int64, description any) (there, described bool) {
	sc.mu.Lock()
	defer sc.mu.Unlock()
	text, _ := description.(string)
	return sc.descriptions[id] != nil, sc.descriptions[id][text]
}

// schedule schedules the faults and the events of a step.
func (sc *scenario) schedule(s step) {
	for _, f := range s.faults {
		sc.sim.Inject(f.fault())
	}
	for _, e := range s.events {
		sc.timers = append(sc.timers, time.AfterFunc(e.at, func() { sc.changeOutside(e) }))
	}
}

// settle ends all faults and waits for all operations.
func (sc *scenario) settle(options simulator.Options) {
	for _, timer := range sc.timers {
		timer.Stop()
	}
	sc.sim.ClearFaults()
	<-time.After(10 * time.Second) // for the requests of others
	for _, job := range sc.sim.Jobs() {
		if job.Status == simulator.StatusUnknown || job.Status == undocumented {
			sc.sim.SetStatus(job.ID, simulator.StatusRunning) // these don't end by themselves
		}
	}
	<-time.After(options.Transition + options.Stale + options.Appear + 3*time.Minute)
	sc.notef("healed")
}

// changeOutside changes a job outside Terraform.
func (sc *scenario) changeOutside(e event) {
	jobs := sc.sim.Jobs()
	if len(jobs) == 0 {
		return
	}
	id := jobs[e.on%len(jobs)].ID
	sc.notef("  outside: %s of %d", e.op, id)
	path := fmt.Sprintf("/visualization-jobs/%d", id)
	switch e.op {
	case "stop":
		sc.sim.StopJob(id)
	case "remove":
		sc.sim.RemoveJob(id)
	case "restart":
		sc.request(http.MethodPost, path+"/restart", "")
	case "delete":
		sc.request(http.MethodDelete, path, "")
	case "describe":
		sc.request(http.MethodPut, path, `{"job_desc":"theirs"}`)
	default:
		sc.sim.SetStatus(id, outsideOps[e.op])
	}
}

// request sends a request of another user. Its errors don't matter.
func (sc *scenario) request(method, path, body string) {
	ctx, cancel := context.WithTimeout(sc.t.Context(), 5*time.Second)
	defer cancel()
	url := endpointInMemory.String() + "/v1/" + simulator.DefaultProjectID + path
	req, err := http.NewRequestWithContext(ctx, method, url, strings.NewReader(body))
	if err != nil {
		sc.failf("request: %v", err)
		return
	}
	network := newNetwork(sc.t, sc.sim, sc.token, sc.panicked)
	if resp, err := network.RoundTrip(req); err == nil {
		resp.Body.Close()
	}
}
