//go:build unix

package faulttest_test

import (
	"encoding/json"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/opentelekomcloud-community/terraform-provider-modelarts/internal/acctest"
	"github.com/opentelekomcloud-community/terraform-provider-modelarts/internal/simulator"
)

// instance is a resource instance in a state.
type instance struct {
	Status     string     `json:"status"` // tainted, or empty
	Deposed    string     `json:"deposed"`
	Attributes attributes `json:"attributes"`

	resource string // its name
}

// attributes are those of a job in a state.
type attributes struct {
	ID          int64  `json:"id,string"`
	Name        string `json:"name"`
	Description string `json:"description"`
	Status      string `json:"status"`
	Running     bool   `json:"running"`
}

// readState reads the state from its file, because the CLI would refresh it.
func readState(t *testing.T, folder string) (instances []instance) {
	t.Helper()
	content, err := os.ReadFile(filepath.Join(folder, stateFile))
	switch {
	case errors.Is(err, fs.ErrNotExist), err == nil && len(content) == 0: // A killed CLI leaves an empty file.
		return nil
	case err != nil:
		t.Fatal(err)
	}
	var state struct {
		Resources []struct {
			Name      string     `json:"name"`
			Instances []instance `json:"instances"`
		} `json:"resources"`
	}
	if err := json.Unmarshal(content, &state); err != nil {
		t.Fatalf("%s: %v\n%s", stateFile, err, content)
	}
	if strings.Contains(string(content), "simulated-") {
		t.Error("the state has a secret")
	}
	for _, resource := range state.Resources {
		for _, instance := range resource.Instances {
			instance.resource = resource.Name
			instances = append(instances, instance)
		}
	}
	return instances
}

// instances returns the jobs in the state.
func (w *world) instances() map[int64]attributes {
	w.t.Helper()
	found := map[int64]attributes{}
	for _, instance := range readState(w.t, w.Folder) {
		found[instance.Attributes.ID] = instance.Attributes
	}
	return found
}

// wantTrueState checks that no job of another user has changed, and that the state is as before, or
// claims no more of the operation's result than the simulator has.
func (w *world) wantTrueState() {
	w.t.Helper()
	for _, want := range otherJobs() {
		have, _ := w.sim.Job(want.ID)
		have.Duration, have.Type, have.WorkspaceID = 0, "", ""
		if have != want {
			w.t.Errorf("another job has changed: %+v, want %+v", have, want)
		}
	}
	for _, job := range w.unmanaged {
		if _, exists := w.sim.Job(job.ID); !exists {
			w.t.Errorf("the job %d of another user was deleted", job.ID)
		}
	}
	for id, have := range w.instances() {
		job, exists := w.sim.Job(id)
		if !exists {
			continue
		}
		before, known := w.before[id]
		if have.Description == w.want.description && have.Description != job.Description && have.Description != before.Description {
			w.t.Errorf("the state has the description %q of the job %d, and it is %q", have.Description, id, job.Description)
		}
		reached := have.Running == (w.want.status == simulator.StatusRunning)
		if reached && have.Running != isActive(job) && (!known || have.Running != before.Running) {
			w.t.Errorf("the state has running = %t of the job %d, and it has the status %d", have.Running, id, job.Status)
		}
	}
}

// isActive reports whether a job starts or runs.
func isActive(job simulator.Job) bool {
	return job.Status != simulator.StatusKilling && job.Status != simulator.StatusKilled
}

// missing returns the jobs that were created for the resource and aren't in the state.
func (w *world) missing() []simulator.Job {
	w.t.Helper()
	state := w.instances()
	return slices.DeleteFunc(w.ours(), func(job simulator.Job) bool {
		_, known := state[job.ID]
		return known || job.ID == unmanagedID
	})
}

// wantAccounted checks that every job is in the state, or that a diagnostic has its ID and the
// import command. If there was no time to search for it, a diagnostic says so. Then the next apply
// has to find it.
func (w *world) wantAccounted(output string, hasty bool) {
	w.t.Helper()
	for _, job := range w.missing() {
		if !slices.Contains(importsIn(output), job.ID) && (!hasty || !strings.Contains(acctest.Unwrapped(output), "so the job might exist")) {
			w.t.Errorf("the job %d is lost: %+v", job.ID, job)
		}
	}
}

// wantReached checks that the job and the state are as the operation leaves them. After more than
// one run, the status in the state can be that before the last one.
func (w *world) wantReached(atOnce bool) {
	w.t.Helper()
	state, jobs := w.instances(), w.ours()
	if w.is("destroy") {
		if len(jobs)+len(state) > 0 {
			w.t.Errorf("the destroy left %+v, and in the state %+v", jobs, state)
		}
		return
	}
	if len(jobs) != 1 || len(state) != 1 {
		w.t.Errorf("there are %d jobs, and %d in the state, want 1", len(jobs), len(state))
		return
	}
	job := jobs[0]
	if have := (wanted{job.Description, job.Status}); have != w.want {
		w.t.Errorf("the job is %+v, want %+v", have, w.want)
	}
	status := map[int]string{simulator.StatusRunning: "RUNNING", simulator.StatusKilled: "KILLED"}[job.Status]
	want := attributes{ID: job.ID, Name: job.Name, Description: job.Description, Running: isActive(job), Status: status}
	have := state[job.ID]
	if !atOnce {
		want.Status = have.Status
	}
	if have != want {
		w.t.Errorf("the job in the state is %+v, want %+v", have, want)
	}
}

// importHint matches the command that a diagnostic recommends.
var importHint = regexp.MustCompile(`terraform import ADDRESS (\d+)`)

// importsIn returns the IDs that an output recommends to import.
func importsIn(output string) (ids []int64) {
	for _, found := range importHint.FindAllStringSubmatch(acctest.Unwrapped(output), -1) {
		id, _ := strconv.ParseInt(found[1], 10, 64)
		ids = append(ids, id)
	}
	return ids
}

// converge checks that one apply or destroy after the disturbance succeeds and leaves nothing to
// do. The output is that of the disturbed run.
func (w *world) converge(output string) {
	w.t.Helper()
	w.configure(w.config, patient)
	if ids := importsIn(output); len(ids) > 1 {
		w.t.Fatalf("the output recommends to import all of the jobs %d", ids)
	} else if len(ids) == 1 {
		w.must(0, importCommand(ids[0])...)
	}
	// The next apply finds a job that the disturbed run didn't know.
	if lost := w.missing(); len(lost) > 0 && !strings.Contains(w.config, "adopt_existing") {
		w.wantAccounted(w.must(1, apply...), false)
		w.must(0, importCommand(lost[0].ID)...)
	}
	if w.is("import") && len(w.instances()) == 0 {
		w.must(0, w.command...)
	}
	if w.is("destroy") {
		w.must(0, destroy...)
	} else {
		w.must(0, apply...)
		w.passed.Add(int64(transition))
		w.must(0, "plan", "-detailed-exitcode", "-no-color")
	}
	w.wantReached(false)
	w.wantTrueState()
}
