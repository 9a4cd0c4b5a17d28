//go:build unix

package faulttest_test

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/opentelekomcloud-community/terraform-provider-modelarts/internal/acctest"
	"github.com/opentelekomcloud-community/terraform-provider-modelarts/internal/simulator"
)

const (
	jobName     = "fault-job"
	jobPath     = "/fault/logs/"
	address     = "modelarts_visualization_job.this"
	unmanagedID = 6500 // of a job with this name and path that is in no state
)

// operation is a command of a user, with the situation before and after it.
type operation struct {
	name      string
	prior     string          // attributes of the resource as applied before; empty without a resource
	unmanaged []simulator.Job // with this name and path, in no state
	config    string          // attributes of the resource
	command   []string
	changes   []string // the requests of an undisturbed run that change a job
	want      wanted
}

// wanted is the job after the operation.
type wanted struct {
	description string
	status      int
}

var (
	apply   = []string{"apply", "-auto-approve", "-no-color"}
	destroy = []string{"destroy", "-auto-approve", "-no-color"}
)

func operations() []*operation {
	running := func(description string) wanted { return wanted{description, simulator.StatusRunning} }
	stopped := func(description string) wanted { return wanted{description, simulator.StatusKilled} }
	unmanaged := func(status int) []simulator.Job {
		return []simulator.Job{{ID: unmanagedID, Name: jobName, TrainURL: jobPath, Description: "theirs", Status: status}}
	}
	const first, second, ours, theirs = `description = "first"`, `description = "second"`, `description = "ours"`, `description = "theirs"`
	const made, adopt, run, stop = `description = "made"`, "\nadopt_existing = true", "\nrunning = true", "\nrunning = false"
	const schedule, small, large = "\nschedule = {\n duration = 24\n}", "\nflavor = \"small\"", "\nflavor = \"large\""
	return []*operation{
		{"create", "", nil, made, apply, []string{"create"}, running("made")},
		{"create-stopped", "", nil, made + stop + schedule, apply, []string{"create", "stop"}, stopped("made")},
		{"create-adopting", "", nil, made + adopt + run, apply, []string{"create"}, running("made")},
		{"adopt-and-stop", "", unmanaged(simulator.StatusRunning), ours + adopt + stop, apply, []string{"update", "stop"}, stopped("ours")},
		{"adopt-and-start", "", unmanaged(simulator.StatusKilled), theirs + adopt + run, apply, []string{"restart"}, running("theirs")},
		{"update-and-stop", first, nil, second + stop, apply, []string{"update", "stop"}, stopped("second")},
		{"update-and-start", first + stop, nil, first + run, apply, []string{"restart"}, running("first")},
		{"replace", first + small, nil, first + large, apply, []string{"delete", "create"}, running("first")},
		{"delete", first, nil, first, destroy, []string{"delete"}, wanted{}},
		{"delete-stopped", first + stop, nil, first + stop, destroy, []string{"delete"}, wanted{}},
		{"plan", first, nil, first, []string{"plan", "-no-color"}, nil, running("first")},
		{"import", "", unmanaged(simulator.StatusRunning), theirs, importCommand(unmanagedID), nil, running("theirs")},
	}
}

func importCommand(id int64) []string {
	return []string{"import", "-no-color", address, fmt.Sprint(id)}
}

func (o *operation) is(command string) bool { return o.command[0] == command }

// setup is the prior state of an operation, which all of its cases share.
type setup struct {
	*operation

	timeouts string // of every operation of the resource
	state    string // empty without a state
	jobs     []simulator.Job
	requests []string // of an undisturbed run
}

// setups has a function for each operation and timeout that returns the setup.
var setups sync.Map

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
	t.Fatalf("there is no setup for %s, because another test has failed", o.name)
	return nil
}

// newSetup creates the prior state with the CLI, and records the requests of an undisturbed run.
func newSetup(t *testing.T, o *operation, timeouts string) *setup {
	t.Helper()
	s := &setup{operation: o, timeouts: timeouts, jobs: o.unmanaged}
	if o.prior != "" {
		w := newWorld(t, s, false)
		w.configure(o.prior, timeouts)
		w.must(0, apply...)
		s.state, s.jobs = acctest.Read(t, w.Folder, stateFile), w.ours()
	}
	w := newWorld(t, s, false)
	w.must(0, o.command...)
	for _, r := range w.sim.Requests() {
		if path, ok := strings.CutPrefix(r.Path, "/v1/"+simulator.DefaultProjectID+"/visualization-jobs"); ok {
			s.requests = append(s.requests, nameOf(r.Method, path))
		}
	}
	if changes := slices.DeleteFunc(slices.Clone(s.requests), isRead); !slices.Equal(changes, o.changes) {
		t.Fatalf("the changes of an undisturbed %s are %q, want %q", o.name, changes, o.changes)
	}
	w.wantReached(true)
	if t.Failed() {
		t.FailNow()
	}
	return s
}

// nameOf returns the name of a request by its method and the part of the path after that of the list.
func nameOf(method, path string) string {
	if method == http.MethodPost && path != "" {
		return path[strings.LastIndex(path, "/")+1:]
	}
	if method == http.MethodGet && path != "" {
		return "get"
	}
	return map[string]string{
		http.MethodGet: "list", http.MethodPost: "create", http.MethodPut: "update", http.MethodDelete: "delete",
	}[method]
}

// isRead reports whether a request changes nothing.
func isRead(request string) bool { return request == "get" || request == "list" }
