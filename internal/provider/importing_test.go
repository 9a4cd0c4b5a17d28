package provider_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/opentelekomcloud-community/terraform-provider-modelarts/internal/acctest"
	"github.com/opentelekomcloud-community/terraform-provider-modelarts/internal/simulator"
)

// project is a project of many jobs, and a configuration that is to import them.
type project struct {
	*acctest.Workspace
	t      *testing.T
	server *simulator.Server
	jobs   []simulator.Job // of the default workspace
}

const firstID = 197

// newProject makes one with so many jobs, in all statuses and the first of them
// running, the last two of the same name; and one in another workspace.
func newProject(t *testing.T, jobs int, files ...string) *project {
	t.Helper()
	p := &project{t: t, server: acctest.Simulator(t, simulator.Options{})}
	for i := range jobs {
		p.server.AddJob(simulator.Job{
			ID:          firstID + int64(i),
			Name:        fmt.Sprintf("training-%d", min(i, jobs-2)),
			TrainURL:    fmt.Sprintf("/my-bucket/training-%d/events", i) + []string{"/", ""}[i%2],
			Description: []string{"", `With "quotes", ${signs} and %{more}`}[i%2],
			Flavor:      []string{"", "modelarts.vm.cpu.2u"}[i%2],
			Status:      (simulator.StatusRunning + i) % (simulator.StatusCheckFailed + 1),
		})
	}
	p.server.AddJob(simulator.Job{ID: 99, Name: "elsewhere", WorkspaceID: "4711", Status: simulator.StatusRunning})
	p.jobs = p.now()
	env := maps.Clone(p.server.Env())
	env["PATH"] = pathWithTerraform(t)
	p.Workspace = acctest.NewWorkspace(t, env)
	p.Write("provider.tf", read(t, examples, "provider", "provider.tf"))
	for _, file := range files {
		p.Write(file, read(t, examples, "guides", "importing", file))
	}
	return p
}

// now returns the jobs of the default workspace, without what time alone changes.
func (p *project) now() []simulator.Job {
	jobs := slices.DeleteFunc(p.server.Jobs(), func(job simulator.Job) bool { return job.WorkspaceID != "0" })
	for i := range jobs {
		jobs[i].Duration = 0
	}
	return jobs
}

// script runs an example in a shell, as a reader would.
func (p *project) script(file string) (output string) {
	p.t.Helper()
	output, code := runShell(p.t, p.Workspace, "set -u\n"+read(p.t, examples, "guides", "importing", file))
	if code != 0 {
		p.t.Fatalf("%s: exit code %d\n%s", file, code, output)
	}
	return output
}

// imported checks that the jobs are in the state, and that nothing was done to any job.
func (p *project) imported(ids ...string) {
	p.t.Helper()
	var state struct {
		Values struct {
			Root struct {
				Resources []struct {
					Mode   string
					Values struct{ ID string }
				}
			} `json:"root_module"`
		}
	}
	if err := json.Unmarshal([]byte(p.MustRun(0, "show", "-json")), &state); err != nil {
		p.t.Fatal(err)
	}
	var inState []string
	for _, resource := range state.Values.Root.Resources {
		if resource.Mode == "managed" {
			inState = append(inState, resource.Values.ID)
		}
	}
	slices.Sort(inState)
	if diff := cmp.Diff(ids, inState); diff != "" {
		p.t.Errorf("in the state (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff(p.jobs, p.now()); diff != "" {
		p.t.Errorf("the jobs were changed (-before +after):\n%s", diff)
	}
	for _, call := range p.server.Calls() {
		if call.Method != http.MethodGet && strings.HasPrefix(call.Path, "/v1/") {
			p.t.Errorf("%s %s", call.Method, call.Path)
		}
	}
}

// stopped checks that the next plan is empty, also after somebody stopped all jobs.
func (p *project) stopped() {
	p.t.Helper()
	var stopped int
	for _, job := range p.jobs {
		if p.server.StopJob(job.ID) {
			stopped++
		}
	}
	if stopped == 0 {
		p.t.Error("no job could be stopped")
	}
	p.MustRun(0, "plan", "-detailed-exitcode")
}

func (p *project) ids() []string {
	ids := make([]string, len(p.jobs))
	for i, job := range p.jobs {
		ids[i] = strconv.FormatInt(job.ID, 10)
	}
	return ids
}

func TestImportingByQuery(t *testing.T) {
	t.Parallel()
	acctest.NeedTerraform(t, "1.14.0")
	const jobs = 105 // more than Terraform shows by default
	p := newProject(t, jobs, "query.tfquery.hcl")
	output := p.script("query.sh")
	if want := "105 to import, 0 to add, 0 to change, 0 to destroy."; !strings.Contains(output, want) {
		t.Errorf("the plan is not %q:\n%s", want, output)
	}
	p.imported(p.ids()...)
	p.stopped()
}

func TestImportingByInventory(t *testing.T) {
	t.Parallel()
	const jobs = 25
	p := newProject(t, jobs, "inventory.tf", "jobs.tf", "unmanaged.tf")
	output := p.script("inventory.sh")
	if want := "25 to import, 0 to add, 0 to change, 0 to destroy."; !strings.Contains(output, want) {
		t.Errorf("the plan is not %q:\n%s", want, output)
	}
	p.imported(p.ids()...)

	// A job that others make is told of, and imported when the inventory is made again.
	// One that they delete is not made again by that.
	p.server.AddJob(simulator.Job{ID: 500, Name: "new", Status: simulator.StatusKilled})
	p.server.RemoveJob(firstID + 1)
	p.jobs = p.now()
	output = p.MustRun(0, "plan", "-no-color")
	if !strings.Contains(output, "Made outside of this configuration: 500.") {
		t.Errorf("the plan does not tell of job 500:\n%s", output)
	}
	output = p.script("inventory.sh")
	if want := "1 to import, 0 to add, 0 to change, 0 to destroy."; !strings.Contains(output, want) {
		t.Errorf("the plan is not %q:\n%s", want, output)
	}
	p.imported(p.ids()...)
	p.stopped()

	// One that drops out of the file, while it exists, is not deleted.
	var values map[string]map[string]any
	if err := json.Unmarshal([]byte(read(t, p.Folder, "jobs.auto.tfvars.json")), &values); err != nil {
		t.Fatal(err)
	}
	delete(values["jobs"], strconv.Itoa(firstID))
	content, err := json.Marshal(values)
	if err != nil {
		t.Fatal(err)
	}
	p.Write("jobs.auto.tfvars.json", string(content))
	if output, code := p.Run("plan", "-no-color"); code == 0 || !strings.Contains(output, "prevent_destroy") {
		t.Errorf("exit code %d\n%s", code, output)
	}

	// It can be given a block of its own.
	p.Write("moved.tf", read(t, examples, "guides", "importing", "moved.tf"))
	p.Write("training.tf", fmt.Sprintf("resource \"modelarts_visualization_job\" \"training\" {\n  name = %q\n  train_url = %q\n}\n",
		p.jobs[0].Name, p.jobs[0].TrainURL))
	p.MustRun(0, "apply", "-auto-approve")
	p.jobs = p.now() // they were stopped
	p.imported(p.ids()...)
	p.MustRun(0, "plan", "-detailed-exitcode")
}

func TestImportingOne(t *testing.T) {
	t.Parallel()
	p := newProject(t, 25, "one.tf")
	output := p.script("one.sh")
	if want := "1 to import, 0 to add, 0 to change, 0 to destroy."; !strings.Contains(output, want) {
		t.Errorf("the plan is not %q:\n%s", want, output)
	}
	p.imported(strconv.Itoa(firstID))
	p.stopped()

	// It can be left alone again.
	for _, file := range []string{"one.tf", "job.tf"} {
		if err := os.Remove(filepath.Join(p.Folder, file)); err != nil {
			t.Fatal(err)
		}
	}
	p.Write("removed.tf", read(t, examples, "guides", "importing", "removed.tf"))
	p.MustRun(0, "apply", "-auto-approve")
	p.jobs = p.now() // it was stopped
	p.imported()
}
