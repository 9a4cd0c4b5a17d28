package faulttest_test

import (
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/opentelekomcloud-community/terraform-provider-modelarts/internal/simulator"
)

const (
	jobName = "fault-job"
	jobPath = "/fault/logs/"
	address = "modelarts_visualization_job.this"
	strayID = 6500 // of a job of this name and path that no state knows
)

// operation is something a user does with the resource, from where it begins to
// where it has to end.
type operation struct {
	name    string
	prior   string          // attributes of the resource as applied before; empty when it was not
	stray   []simulator.Job // of this name and path, in no state
	config  string          // attributes of the resource as they are to be
	command []string
	changes []string // the changing calls of an undisturbed run
	want    wanted
}

// wanted is what a job is like in the end.
type wanted struct {
	description string
	status      int
}

func operations() []*operation {
	apply := []string{"apply", "-auto-approve", "-no-color"}
	destroy := []string{"destroy", "-auto-approve", "-no-color"}
	running := func(description string) wanted { return wanted{description, simulator.StatusRunning} }
	stopped := func(description string) wanted { return wanted{description, simulator.StatusKilled} }
	stray := func(status int) []simulator.Job {
		return []simulator.Job{{ID: strayID, Name: jobName, TrainURL: jobPath, Description: "theirs", Status: status}}
	}
	return []*operation{
		{
			name: "create", config: `description = "made"`,
			command: apply, changes: []string{"create"}, want: running("made"),
		},
		{
			name: "create-stopped", config: "description = \"made\"\nrunning = false\nschedule = {\n duration = 24\n}",
			command: apply, changes: []string{"create", "stop"}, want: stopped("made"),
		},
		{
			name: "create-adopting", config: "description = \"made\"\nadopt_existing = true\nrunning = true",
			command: apply, changes: []string{"create"}, want: running("made"),
		},
		{
			name: "adopt-and-stop", stray: stray(simulator.StatusRunning),
			config:  "description = \"ours\"\nadopt_existing = true\nrunning = false",
			command: apply, changes: []string{"update", "stop"}, want: stopped("ours"),
		},
		{
			name: "adopt-and-start", stray: stray(simulator.StatusKilled),
			config:  "description = \"theirs\"\nadopt_existing = true\nrunning = true",
			command: apply, changes: []string{"restart"}, want: running("theirs"),
		},
		{
			name: "update-and-stop", prior: `description = "first"`,
			config:  "description = \"second\"\nrunning = false",
			command: apply, changes: []string{"update", "stop"}, want: stopped("second"),
		},
		{
			name: "update-and-start", prior: "description = \"first\"\nrunning = false",
			config:  "description = \"first\"\nrunning = true",
			command: apply, changes: []string{"restart"}, want: running("first"),
		},
		{
			name: "replace", prior: "description = \"first\"\nflavor = \"small\"",
			config:  "description = \"first\"\nflavor = \"large\"",
			command: apply, changes: []string{"delete", "create"}, want: running("first"),
		},
		{
			name: "delete", prior: `description = "first"`, config: `description = "first"`,
			command: destroy, changes: []string{"delete"},
		},
		{
			name: "delete-stopped", prior: "description = \"first\"\nrunning = false", config: "description = \"first\"\nrunning = false",
			command: destroy, changes: []string{"delete"},
		},
		{
			name: "plan", prior: `description = "first"`, config: `description = "first"`,
			command: []string{"plan", "-no-color"}, want: running("first"),
		},
		{
			name: "import", stray: stray(simulator.StatusRunning), config: `description = "theirs"`,
			command: importCommand(strayID), want: running("theirs"),
		},
	}
}

func importCommand(id int64) []string {
	return []string{"import", "-no-color", address, fmt.Sprint(id)}
}

func (o *operation) is(command string) bool { return o.command[0] == command }

// adopts says whether the configuration takes over a job that exists.
func (o *operation) adopts() bool { return strings.Contains(o.config, "adopt_existing") }

// setup is how all cases of an operation begin, made once.
type setup struct {
	*operation

	timeouts string // of every operation of the resource
	state    []byte // nil when there is none
	jobs     []simulator.Job
	calls    []string // of an undisturbed run
}

// setups have a function for each operation and timeout, which makes the setup once.
var setups sync.Map

// setupOf returns the setup of an operation that all its cases share.
func setupOf(t *testing.T, o *operation, timeouts string) *setup {
	t.Helper()
	var once sync.Once
	var s *setup
	get, _ := setups.LoadOrStore([2]string{o.name, timeouts}, func(t *testing.T) *setup {
		once.Do(func() { s = newSetup(t, o, timeouts) })
		return s
	})
	if s := get.(func(*testing.T) *setup)(t); s != nil {
		return s
	}
	t.Fatalf("there is no setup for %s: another test says why", o.name)
	return nil
}

// newSetup makes the prior state with the CLI, and looks what the operation does
// when nothing disturbs it.
func newSetup(t *testing.T, o *operation, timeouts string) *setup {
	t.Helper()
	s := &setup{operation: o, timeouts: timeouts, jobs: o.stray}
	if o.prior != "" {
		w := newWorld(t, s, onlyOnce)
		w.configure(o.prior, timeouts)
		w.must(0, "apply", "-auto-approve", "-no-color")
		state, err := os.ReadFile(filepath.Join(w.Folder, stateFile))
		if err != nil {
			t.Fatal(err)
		}
		s.state, s.jobs = state, w.ours()
	}
	w := newWorld(t, s, onlyOnce)
	w.must(0, o.command...)
	var changes []string
	for _, call := range w.sim.Requests() {
		path, isCall := strings.CutPrefix(call.Path, "/v1/"+simulator.DefaultProjectID+"/visualization-jobs")
		if !isCall {
			continue
		}
		verb := verbOf(call.Method, path)
		s.calls = append(s.calls, verb)
		if call.Method != http.MethodGet {
			changes = append(changes, verb)
		}
	}
	if !slices.Equal(changes, o.changes) {
		t.Fatalf("the changes of an undisturbed %s are %q, want %q", o.name, changes, o.changes)
	}
	w.wantReached(true)
	if t.Failed() {
		t.FailNow()
	}
	return s
}

// verbOf is what a call does, by its method and what follows the path of the list.
func verbOf(method, path string) string {
	switch one := path != ""; method {
	case http.MethodGet:
		if one {
			return "get"
		}
		return "list"
	case http.MethodPost:
		if one {
			return path[strings.LastIndex(path, "/")+1:]
		}
		return "create"
	case http.MethodPut:
		return "update"
	case http.MethodDelete:
		return "delete"
	default:
		return method
	}
}

// looks says whether a call changes nothing.
func looks(call string) bool { return call == "get" || call == "list" }
