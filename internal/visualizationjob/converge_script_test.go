package visualizationjob_test

import (
	"fmt"
	"time"

	"pgregory.net/rapid"

	"github.com/opentelekomcloud-community/terraform-provider-modelarts/internal/simulator"
)

// script has all input of one case. It is drawn before the bubble starts, so that rapid can shrink a failure.
type script struct {
	service  simulator.Options
	existing []bool // whether an unmanaged job has the name and path of a resource
	steps    []step
	final    []resourceConfig
	imports  bool // at the end, import the jobs that are in no state instead of adopting them
}

// step is one apply, and the faults and events during it.
type step struct {
	configs []resourceConfig
	retries int
	faults  []scriptedFault
	events  []event
	ending  scriptedEnding
	pause   time.Duration // between the plan and the apply
	rest    time.Duration // until the next step
	imports bool          // import the jobs that are in no state
}

// resourceConfig is a resource in the configuration.
type resourceConfig struct {
	absent         bool
	name           int // 0 or 1 for a name of its own, 2 for the name that all resources share
	description    any
	flavor         any
	running        any
	adopt          any
	create, update string // timeouts, "" for the default
}

type scriptedFault struct {
	call        string
	kind        string
	skip, count int
}

type event struct {
	at time.Duration
	op string
	on int // index of the job
}

// scriptedEnding interrupts a run at a time, or before or after one of its requests.
type scriptedEnding struct {
	how     ending
	inPlan  bool
	at      time.Duration
	request int // 0 to end at the time
	after   bool
}

// paths are the requests that fail.
var paths = map[string][2]string{
	"create":   {"POST", "/visualization-jobs"},
	"list":     {"GET", "/visualization-jobs"},
	"get":      {"GET", "/visualization-jobs/[0-9]+"},
	"describe": {"PUT", "/visualization-jobs/[0-9]+"},
	"stop":     {"POST", "/visualization-jobs/[0-9]+/stop"},
	"restart":  {"POST", "/visualization-jobs/[0-9]+/restart"},
	"delete":   {"DELETE", "/visualization-jobs/[0-9]+"},
	"any":      {"", ""},
}

// outsideOps are the changes outside Terraform, with the new status.
var outsideOps = map[string]int{
	"stop": -1, "restart": -1, "delete": -1, "remove": -1, "describe": -1,
	"fail": simulator.StatusFailed, "lose": simulator.StatusLost, "delete failed": simulator.StatusDeleteFailed,
	"unknown": simulator.StatusUnknown, "undocumented": undocumented, "complete": simulator.StatusCompleted, "run": simulator.StatusRunning,
}

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
			Rejections:    among(t, "refusals", simulator.RejectionProfiles()...),
			ErrorShape:    among(t, "errors", simulator.ErrorShapes()...),
			NotFoundShape: among(t, "not found", simulator.NotFoundShapes()...),
			PageCap:       among(t, "page", 1000, 1000, 1, 2),
			RateLimit:     among(t, "rate", 0, 0, 0, 5),
			TokenLifetime: 10000 * time.Hour,
		},
		imports: rapid.Bool().Draw(t, "imports"),
	}
	resources := among(t, "resources", 1, 1, 2, 3)
	for range resources {
		s.existing = append(s.existing, among(t, "existing", false, false, false, true))
	}
	for range rapid.IntRange(1, 4).Draw(t, "steps") {
		s.steps = append(s.steps, drawStep(t, resources))
	}
	for range resources {
		s.final = append(s.final, drawResourceConfig(t, true))
	}
	return s
}

func drawStep(t *rapid.T, resources int) step {
	s := step{
		retries: among(t, "retries", 5, 5, 0, 1),
		pause:   upTo(t, "pause", 0, 0, 10*time.Minute),
		rest:    upTo(t, "rest", 0, time.Minute, 10*time.Minute),
		imports: rapid.Bool().Draw(t, "import"),
	}
	for range resources {
		s.configs = append(s.configs, drawResourceConfig(t, false))
	}
	for range among(t, "faults", 0, 1, 1, 2, 4, 8) {
		f := scriptedFault{
			call:  among(t, "call", "create", "create", "list", "get", "describe", "stop", "restart", "delete", "any"),
			kind:  rapid.SampledFrom(faultKinds()).Draw(t, "fault"),
			skip:  among(t, "skip", 0, 0, 0, 1, 2, 5),
			count: among(t, "count", 1, 1, 2, 6, 30),
		}
		s.faults = append(s.faults, f)
	}
	for range among(t, "events", 0, 0, 1, 2, 5) {
		s.events = append(s.events, event{
			at: upTo(t, "at", time.Second, time.Minute, 10*time.Minute),
			op: rapid.SampledFrom(sortedKeys(outsideOps)).Draw(t, "event"),
			on: rapid.IntRange(0, 3).Draw(t, "on"),
		})
	}
	s.ending = scriptedEnding{how: among(t, "ending", endsByItself, endsByItself, endStop, endCancel, endKill, endKill)}
	if s.ending.how != endsByItself {
		s.ending.inPlan = among(t, "in plan", false, false, false, true)
		s.ending.request = among(t, "request", 0, 1, 2, 3, 4, 5, 8, 13)
		s.ending.after = rapid.Bool().Draw(t, "after")
		s.ending.at = upTo(t, "ending at", time.Second, 20*time.Second, 5*time.Minute)
	}
	return s
}

func drawResourceConfig(t *rapid.T, final bool) resourceConfig {
	c := resourceConfig{
		absent:      among(t, "absent", false, false, false, false, true),
		name:        among(t, "name", 0, 0, 0, 1),
		description: among[any](t, "description", nil, "", "first", "second"),
		flavor:      among[any](t, "flavor", nil, nil, nil, "large"),
		running:     among[any](t, "running", nil, true, false),
		adopt:       among[any](t, "adopts", nil, false, true, true),
	}
	if !final {
		c.create = among(t, "create timeout", "", "", "", "500ms", "5s", "1m")
		c.update = among(t, "update timeout", "", "", "", "500ms", "5s", "1m")
		if among(t, "shared", false, false, false, false, false, false, false, true) {
			c.name = 2
		}
	}
	return c
}

// faultKinds returns the faults of the simulator without those that cost real time and memory.
func faultKinds() []string {
	var kinds []string
	for _, kind := range simulator.FaultNames() {
		if kind != "huge" && kind != "deep" {
			kinds = append(kinds, kind)
		}
	}
	return kinds
}

// fault returns the fault for the simulator.
func (f scriptedFault) fault() simulator.Fault {
	if f.kind == "not-found" && (f.call == "get" || f.call == "any") {
		f.kind = "not-found-bare" // the provider believes a 404 of the service
	}
	fault, err := simulator.NamedFault(f.kind)
	if err != nil {
		panic(err)
	}
	fault.Method, fault.Path, fault.Skip, fault.Count = paths[f.call][0], paths[f.call][1], f.skip, f.count
	return fault
}

// nameOf returns the name of a job.
func nameOf(resource, name int) string {
	if name == 2 {
		return "shared"
	}
	return fmt.Sprintf("board-%d-%d", resource, name)
}

// config returns the attributes of a resource, nil for an absent one.
func (sc *scenario) config(resource int, s resourceConfig) attrs {
	if s.absent {
		return nil
	}
	config := attrs{
		"name": nameOf(resource, s.name), "train_url": "/bucket/logs/", "description": s.description,
		"flavor": s.flavor, "running": s.running, "adopt_existing": s.adopt,
	}
	if s.name == 2 {
		config["adopt_existing"] = nil // two resources would adopt each other's job
	}
	limits := attrs{}
	for operation, limit := range map[string]string{"create": s.create, "update": s.update} {
		if limit != "" {
			limits[operation] = limit
		}
	}
	return sc.withTimeouts(config.with(attrs{"timeouts": limits}))
}
