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

	"github.com/opentelekomcloud-community/terraform-provider-modelarts/internal/simulator"
)

// instance is a resource instance in a state.
type instance struct {
	Key        string     `json:"index_key"`
	Status     string     `json:"status"` // "tainted", or nothing
	Deposed    string     `json:"deposed"`
	Attributes attributes `json:"attributes"`
}

// attributes are those of a job in a state.
type attributes struct {
	ID          int64  `json:"id,string"`
	Name        string `json:"name"`
	Description string `json:"description"`
	Status      string `json:"status"`
	Running     bool   `json:"running"`
}

// readState reads the state in a folder from its file: the CLI would refresh it.
func readState(t *testing.T, folder string) (instances []instance) {
	t.Helper()
	content, err := os.ReadFile(filepath.Join(folder, stateFile))
	switch {
	case errors.Is(err, fs.ErrNotExist), err == nil && len(content) == 0: // a CLI that was killed leaves an empty file
		return nil
	case err != nil:
		t.Fatal(err)
	}
	var state struct {
		Resources []struct {
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
		instances = append(instances, resource.Instances...)
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

// wantTrueState checks that the state is as it was before, or says of what the
// operation was to bring about no more than was.
func (w *world) wantTrueState() {
	w.t.Helper()
	for id, have := range w.instances() {
		if !w.was(id) {
			w.t.Errorf("the state has the job %d, which never was", id)
		}
		job, exists := w.sim.Job(id)
		if !exists {
			continue
		}
		before, known := w.before[id]
		newly := !known || have.Description != before.Description
		if newly && have.Description != job.Description && have.Description == w.want.description {
			w.t.Errorf("the state has the description %q of the job %d, and it is %q", have.Description, id, job.Description)
		}
		newly = !known || have.Running != before.Running
		if newly && have.Running != isActive(job) && have.Running == (w.want.status == simulator.StatusRunning) {
			w.t.Errorf("the state has running = %t of the job %d, and it has the status %d", have.Running, id, job.Status)
		}
	}
}

// isActive says whether a job runs or is about to.
func isActive(job simulator.Job) bool {
	switch job.Status {
	case simulator.StatusKilling, simulator.StatusKilled:
		return false
	default:
		return true
	}
}

// unknown are the jobs that somebody made for the state that is not in it.
func (w *world) unknown() []simulator.Job {
	w.t.Helper()
	state := w.instances()
	return slices.DeleteFunc(w.ours(), func(job simulator.Job) bool {
		_, known := state[job.ID]
		return known || job.ID == strayID
	})
}

// uncertain is what a diagnostic says when the time was over before the provider
// could find out.
const uncertain = "so the job might exist"

// wantAccounted checks that every job is in the state, or named with the way to
// get it there. Where there was no time to look, it is enough to say so: then the
// next apply has to find it.
func (w *world) wantAccounted(output string, hasty bool) {
	w.t.Helper()
	named := importsIn(output)
	for _, job := range w.unknown() {
		switch {
		case slices.Contains(named, job.ID):
		case hasty && strings.Contains(unwrap(output), uncertain):
			total.later.Add(1)
		default:
			total.lost.Add(1)
			w.t.Errorf("the job %d is lost: %+v", job.ID, job)
		}
	}
}

// wantStrangers checks that nothing happened to other people's jobs.
func (w *world) wantStrangers() {
	w.t.Helper()
	for _, want := range strangers() {
		have, _ := w.sim.Job(want.ID)
		have.Duration, have.Type, have.WorkspaceID = 0, "", ""
		if have != want {
			w.t.Errorf("something happened to another job: %+v, want %+v", have, want)
		}
	}
}

// wantReached checks that the operation got where it was to, and that the state
// says so. When that took more than one run, the status in the state may be that
// from before the last one.
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

// importHint finds the command that a diagnostic tells the user to run.
var importHint = regexp.MustCompile(`terraform import ADDRESS (\d+)`)

// importsIn returns the ids that an output says to import.
func importsIn(output string) (ids []int64) {
	for _, found := range importHint.FindAllStringSubmatch(unwrap(output), -1) {
		id, _ := strconv.ParseInt(found[1], 10, 64)
		ids = append(ids, id)
	}
	return ids
}

// unwrap makes one line of the lines of a text.
func unwrap(text string) string { return strings.Join(strings.Fields(text), " ") }

// beginnings finds where a diagnostic begins.
var beginnings = regexp.MustCompile(`(?m)^(Error|Warning): `)

// diagnostics returns the errors of an output, each as one line.
func diagnostics(output string) (found []string) {
	begins := beginnings.FindAllStringIndex(output, -1)
	for i, begin := range begins {
		end := len(output)
		if i+1 < len(begins) {
			end = begins[i+1][0]
		}
		if text := unwrap(output[begin[0]:end]); strings.HasPrefix(text, "Error: ") {
			found = append(found, text)
		}
	}
	return found
}

// named is what a user knows the job by.
var named = regexp.MustCompile(`visualization job ("` + jobName + `"|[67]\d{3})`)

// wantNamed checks that each error says which job it is about.
func (w *world) wantNamed(output string) {
	w.t.Helper()
	errors := diagnostics(output)
	if len(errors) == 0 {
		w.t.Error("the run failed, and says no error")
	}
	for _, line := range errors {
		if !named.MatchString(line) {
			w.t.Errorf("the error does not name the job: %s", line)
		}
	}
}

// imported does what a diagnostic asks for.
func (w *world) imported(id int64) {
	w.t.Helper()
	total.imports.Add(1)
	w.must(0, importCommand(id)...)
}

// converge checks that after the disturbance one apply, or destroy, ends well,
// that it leaves nothing to do, and that all can be destroyed in the end. The
// output is that of the disturbed run.
func (w *world) converge(output string) {
	w.t.Helper()
	w.configure(w.config, patient)
	if ids := importsIn(output); len(ids) > 0 {
		if len(ids) > 1 {
			w.t.Fatalf("it is to be chosen from the jobs %d", ids)
		}
		w.imported(ids[0])
	}
	// A job that the disturbed run could not know of is found as soon as it is in
	// the way.
	if lost := w.unknown(); len(lost) > 0 && !w.adopts() {
		output := w.must(1, "apply", "-auto-approve", "-no-color")
		w.wantNamed(output)
		w.wantAccounted(output, false)
		w.imported(lost[0].ID)
	}
	if w.is("import") && len(w.instances()) == 0 {
		w.must(0, w.command...)
	}
	if !w.is("destroy") {
		w.must(0, "apply", "-auto-approve", "-no-color")
		w.clock.calls.Add(int64(transition/callTime) + 1)
		w.must(0, "plan", "-detailed-exitcode", "-no-color")
		w.wantReached(false)
	}
	w.must(0, "destroy", "-auto-approve", "-no-color")
	w.wantStrangers()
	if jobs, state := w.ours(), w.instances(); len(jobs)+len(state) > 0 {
		w.t.Errorf("the destroy left %+v, and in the state %+v", jobs, state)
	}
}
