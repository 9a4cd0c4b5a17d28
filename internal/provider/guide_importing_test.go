package provider_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/opentelekomcloud-community/terraform-provider-modelarts/internal/acctest"
	"github.com/opentelekomcloud-community/terraform-provider-modelarts/internal/provider"
	"github.com/opentelekomcloud-community/terraform-provider-modelarts/internal/simulator"
)

// project is a project with jobs, and a workspace that imports them.
type project struct {
	*acctest.Workspace

	t      *testing.T
	server *simulator.Server
	jobs   []simulator.Job // of the default workspace
}

const firstID = 197

// newProject returns a project with a number of jobs in different statuses, of which the first one runs and the last two have the
// same name, and with a job in another workspace of ModelArts.
func newProject(t *testing.T, jobs int, files ...string) *project {
	t.Helper()
	p := &project{t: t, server: acctest.Simulator(t, simulator.Options{ShowSchedule: true})}
	for i := range jobs {
		p.server.AddJob(simulator.Job{
			ID:          firstID + int64(i),
			Name:        fmt.Sprintf("training-%d", min(i, jobs-2)),
			TrainURL:    fmt.Sprintf("/my-bucket/training-%d/events", i) + []string{"/", ""}[i%2],
			Description: []string{"", `With "quotes", ${signs} and %{more}`}[i%2],
			Flavor:      []string{"", "modelarts.vm.cpu.2u"}[i%2],
			Schedule:    []*simulator.Schedule{nil, {Type: "stop", TimeUnit: "HOURS", Duration: 8}}[i%2],
			Status:      (simulator.StatusRunning + 3*i) % (simulator.StatusCheckFailed + 1),
		})
	}
	p.server.AddJob(simulator.Job{ID: 99, Name: "elsewhere", WorkspaceID: "4711", Status: simulator.StatusRunning})
	p.jobs = p.now()
	p.Workspace = newExample(t, p.server)
	for _, file := range files {
		p.Write(file, p.file(file))
	}
	return p
}

func (p *project) file(name string) string {
	return acctest.Read(p.t, examples, "guides", "importing", name)
}

// now returns the jobs of the default workspace without their duration.
func (p *project) now() []simulator.Job {
	jobs := slices.DeleteFunc(p.server.Jobs(), func(job simulator.Job) bool { return job.WorkspaceID != "0" })
	for i := range jobs {
		jobs[i].Duration = 0
	}
	return jobs
}

// imports runs an example in a shell, checks that it imports a number of jobs and changes nothing else, and returns the output.
func (p *project) imports(file string, jobs int) (output string) {
	p.t.Helper()
	output, code := runShell(p.t, p.Workspace, "export TF_CLI_ARGS=-no-color\nset -u\n"+p.file(file))
	if code != 0 {
		p.t.Fatalf("%s: exit code %d\n%s", file, code, output)
	}
	acctest.WantOutput(p.t, output, fmt.Sprintf("%d to import, 0 to add, 0 to change, 0 to destroy.", jobs))
	return output
}

// wantInState checks that some jobs are in the state, and that no request changed a job.
func (p *project) wantInState(jobs []simulator.Job) {
	p.t.Helper()
	var state struct {
		Resources []struct {
			Mode      string
			Instances []struct{ Attributes struct{ ID string } }
		}
	}
	if err := json.Unmarshal([]byte(acctest.Read(p.t, p.Folder, stateFile)), &state); err != nil {
		p.t.Fatal(err)
	}
	var want, got []string
	for _, job := range jobs {
		want = append(want, strconv.FormatInt(job.ID, 10))
	}
	for _, resource := range state.Resources {
		for _, instance := range resource.Instances {
			if resource.Mode == "managed" {
				got = append(got, instance.Attributes.ID)
			}
		}
	}
	slices.Sort(got)
	provider.WantEqual(p.t, want, got)
	provider.WantEqual(p.t, p.jobs, p.now()) // no job changed
	for _, call := range p.server.Requests() {
		if call.Method != http.MethodGet && strings.HasPrefix(call.Path, "/v1/") {
			p.t.Errorf("%s %s", call.Method, call.Path)
		}
	}
}

// stopAll stops all jobs outside Terraform. No configuration of the guide has running, so the next plan must not change them.
func (p *project) stopAll() {
	p.t.Helper()
	for _, job := range p.jobs {
		p.server.StopJob(job.ID)
	}
	stopped := p.now()
	if cmp.Equal(p.jobs, stopped) {
		p.t.Error("no job was stopped")
	}
	p.jobs = stopped
}

func TestImportingByQuery(t *testing.T) {
	t.Parallel()
	acctest.NeedTerraform(t, actionVersion)
	const jobs = 105 // more than Terraform shows by default
	p := newProject(t, jobs, "query.tfquery.hcl")
	p.imports("query.sh", jobs)
	p.wantInState(p.jobs)
	p.stopAll()
	p.MustRun(0, "plan", "-detailed-exitcode")
}

func TestImportingByInventory(t *testing.T) {
	t.Parallel()
	const jobs = 7
	p := newProject(t, jobs, "inventory.tf", "jobs.tf", "unmanaged.tf")
	p.imports("inventory.sh", jobs)
	p.wantInState(p.jobs)

	// Each run reports a new job, and a new inventory imports it. Terraform doesn't recreate a job that is deleted elsewhere.
	p.stopAll()
	p.server.AddJob(simulator.Job{ID: 500, Name: "new", Status: simulator.StatusKilled})
	p.server.RemoveJob(firstID + 1)
	p.jobs = p.now()
	acctest.WantOutput(t, p.imports("inventory.sh", 1), "Made outside of this configuration: 500.")
	p.wantInState(p.jobs)

	// A job that is missing from the file and exists isn't deleted.
	var values map[string]map[string]any
	if err := json.Unmarshal([]byte(acctest.Read(t, p.Folder, "jobs.auto.tfvars.json")), &values); err != nil {
		t.Fatal(err)
	}
	delete(values["jobs"], strconv.Itoa(firstID))
	content, err := json.Marshal(values)
	if err != nil {
		t.Fatal(err)
	}
	p.Write("jobs.auto.tfvars.json", string(content))
	acctest.WantOutput(t, p.MustRun(1, "plan", "-no-color"), "prevent_destroy")

	// It can get a block of its own.
	p.Write("moved.tf", p.file("moved.tf"))
	p.Write("training.tf", fmt.Sprintf("resource \"modelarts_visualization_job\" \"training\" {\n  name = %q\n  train_url = %q\n}\n",
		p.jobs[0].Name, p.jobs[0].TrainURL))
	acctest.WantOutput(t, p.MustRun(0, "apply", "-auto-approve", "-no-color"), "0 added, 0 changed, 0 destroyed")
	p.wantInState(p.jobs)
}

func TestImportingOne(t *testing.T) {
	t.Parallel()
	p := newProject(t, 3, "one.tf")
	p.imports("one.sh", 1)
	p.wantInState(p.jobs[:1])
	p.stopAll()
	p.MustRun(0, "plan", "-detailed-exitcode")

	// Terraform can stop managing it.
	for _, file := range []string{"one.tf", "job.tf"} {
		if err := os.Remove(filepath.Join(p.Folder, file)); err != nil {
			t.Fatal(err)
		}
	}
	p.Write("removed.tf", p.file("removed.tf"))
	p.MustRun(0, "apply", "-auto-approve")
	p.wantInState(nil)
}
