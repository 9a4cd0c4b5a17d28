package provider_test

import (
	"fmt"
	"io/fs"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/opentelekomcloud-community/terraform-provider-modelarts/internal/acctest"
	"github.com/opentelekomcloud-community/terraform-provider-modelarts/internal/simulator"
)

const jobExamples = "resources/modelarts_visualization_job/"

// newExample returns a workspace with the provider block of the examples and some of their files.
func newExample(t *testing.T, server *simulator.Server, files ...string) *acctest.Workspace {
	t.Helper()
	w := acctest.NewWorkspace(t, server.Env())
	for _, file := range append(files, "provider/provider.tf") {
		w.Write(strings.ReplaceAll(file, "/", "-"), acctest.Read(t, examples, file))
	}
	return w
}

// Each example is applied, and the next plan is empty. Without a variable that enables a log, no provider process writes one.
func TestExamples(t *testing.T) {
	t.Parallel()
	server := acctest.Simulator(t, simulator.Options{})
	server.AddJob(simulator.Job{ID: 197, Name: "training-7", TrainURL: "/my-bucket/training-7/events/", Status: simulator.StatusRunning})
	server.AddJob(simulator.Job{ID: 198, Name: "killed-runner", TrainURL: "/my-bucket/killed-runner/events/", Status: simulator.StatusRunning})
	w := newExample(t, server, jobExamples+"minimal.tf", jobExamples+"import-by-string-id.tf")
	modules := ""
	for _, pattern := range []string{jobExamples + "*.tf", "data-sources/*/*.tf", "provider/complete.tf", "guides/troubleshooting/killed-runner.tf"} {
		files, err := fs.Glob(os.DirFS(examples), pattern)
		if err != nil || len(files) == 0 {
			t.Fatalf("no examples match %s: %v", pattern, err)
		}
		for _, file := range files {
			name := strings.TrimSuffix(filepath.Base(file), ".tf")
			content := acctest.Read(t, examples, file)
			switch {
			case name == "minimal" || strings.HasPrefix(name, "import-"):
				continue // in the root module, or in TestExamplesOfImport
			case !strings.HasPrefix(file, "data-sources/"): // several examples have this job
				content = strings.ReplaceAll(content, "training-7", name)
			}
			modules += addModule(t, w, strings.NewReplacer("/", "-", ".tf", "").Replace(file), content)
		}
	}
	w.Write("modules.tf", modules)
	folder := t.TempDir()
	built, log := w.UseProvider(folder), filepath.Join(folder, "stderr")
	script := fmt.Sprintf("#!/bin/sh\nexec '%s' \"$@\" 2>> '%s'\n", built, log)
	if err := os.WriteFile(filepath.Join(folder, acctest.ProviderProgram), []byte(script), 0o700); err != nil {
		t.Fatal(err)
	}
	w.MustRun(0, "get")
	acctest.WantOutput(t, w.MustRun(0, "apply", "-auto-approve", "-no-color"), "Resources: 1 imported, ", " added, 0 changed, 0 destroyed.",
		`Adopted visualization job "killed-runner" (ID 198)`)
	w.MustRun(0, "plan", "-detailed-exitcode")
	if written := acctest.Read(t, log); strings.Contains(written, `"@module":"sdk.`) {
		t.Errorf("the provider wrote a log:\n%s", written)
	}
}

// Each example of an action is invoked: by hand, and by the trigger if there is one.
func TestExamplesOfActions(t *testing.T) {
	t.Parallel()
	acctest.NeedTerraform(t, actionVersion)
	for file, test := range map[string]struct {
		action   string
		requests []string
	}{
		"actions/modelarts_visualization_job_stop/action.tf":    {"modelarts_visualization_job_stop.training", []string{"stop"}},
		"actions/modelarts_visualization_job_restart/action.tf": {"modelarts_visualization_job_restart.training", []string{"stop", "restart"}},
		"guides/troubleshooting/stop.tf":                        {"modelarts_visualization_job_stop.now", []string{"stop"}},
	} {
		t.Run(file, func(t *testing.T) {
			t.Parallel()
			server := acctest.Simulator(t, simulator.Options{})
			server.AddJob(simulator.Job{ID: 197, Name: "unmanaged", Status: simulator.StatusRunning})
			w := newExample(t, server, file)
			w.MustRun(0, "apply", "-auto-approve")
			invoke := func(args ...string) {
				server.ResetRequests()
				output := w.MustRun(0, append(args, "-auto-approve", "-no-color")...)
				var got []string
				for _, call := range server.Requests() {
					if call.Method == http.MethodPost && strings.Contains(call.Path, "/visualization-jobs/") {
						got = append(got, filepath.Base(call.Path))
					}
				}
				if !slices.Equal(got, test.requests) || !strings.Contains(output, "KILLED") {
					t.Errorf("%q: the requests were %q, want %q, and progress in the output:\n%s", args, got, test.requests, output)
				}
			}
			invoke("apply", "-invoke=action."+test.action)
			if strings.Contains(acctest.Read(t, examples, file), "action_trigger") {
				invoke("apply", "-var=training_run=run-2")
			}
		})
	}
}

// The example lists the jobs that it describes, and generates a configuration.
func TestExamplesOfListResources(t *testing.T) {
	t.Parallel()
	acctest.NeedTerraform(t, actionVersion)
	server := acctest.Simulator(t, simulator.Options{})
	server.AddJob(simulator.Job{Name: "training-7", Status: simulator.StatusRunning})
	server.AddJob(simulator.Job{Name: "archive", Status: simulator.StatusKilled, Description: "of last year"})
	w := newExample(t, server, "list-resources/modelarts_visualization_job/list-resource.tfquery.hcl")
	output := acctest.Unwrapped(w.MustRun(0, "query", "-generate-config-out=generated.tf", "-no-color"))
	for _, want := range []string{
		"modelarts_visualization_job.all id=1,project_id=" + simulator.DefaultProjectID + " training-7",
		"modelarts_visualization_job.all id=2,project_id=" + simulator.DefaultProjectID + " archive",
		"modelarts_visualization_job.training id=1,project_id=" + simulator.DefaultProjectID + " training-7",
	} {
		if !strings.Contains(output, want) {
			t.Errorf("the output lacks %q:\n%s", want, output)
		}
	}
	if n := strings.Count(output, "project_id="); n != 3 {
		t.Errorf("%d jobs are listed:\n%s", n, output)
	}
}

// The other examples of an import add the job to the state without changing the job.
func TestExamplesOfImport(t *testing.T) {
	t.Parallel()
	server := acctest.Simulator(t, simulator.Options{})
	server.AddJob(simulator.Job{ID: 197, Name: "training-7", TrainURL: "/my-bucket/training-7/events/", Status: simulator.StatusRunning})
	t.Run("import.sh", func(t *testing.T) {
		w := newExample(t, server, jobExamples+"minimal.tf")
		if output, code := runShell(t, w, acctest.Read(t, examples, jobExamples, "import.sh")); code != 0 {
			t.Fatalf("exit code %d\n%s", code, output)
		}
		if state := acctest.Read(t, w.Folder, stateFile); !strings.Contains(state, `"id": "197"`) {
			t.Errorf("the state is %s", state)
		}
	})
	t.Run("import-by-identity.tf", func(t *testing.T) {
		acctest.NeedVersion(t, identityVersion)
		w := newExample(t, server, jobExamples+"minimal.tf", jobExamples+"import-by-identity.tf")
		acctest.WantOutput(t, w.MustRun(0, "apply", "-auto-approve", "-no-color"), "1 imported, 0 added, 0 changed, 0 destroyed")
	})
}

// A reader follows the end-to-end guide. The first apply creates the bucket, the policy and the agency. After an administrator
// has selected the agency, the second one creates a job, which reads from the bucket. The job stops in the evening and starts in the
// morning, and is deleted before the agency. A stand-in has the schemas of the opentelekomcloud provider.
func TestEndToEnd(t *testing.T) {
	t.Parallel()
	cloud := acctest.Simulator(t, simulator.Options{})
	w := acctest.NewWorkspace(t, cloud.Env())
	w.UseStandIns("opentelekomcloud/opentelekomcloud")
	if err := os.CopyFS(w.Folder, os.DirFS(filepath.Join(examples, "guides", "end-to-end"))); err != nil {
		t.Fatal(err)
	}
	acctest.WantOutput(t, w.MustRun(0, "apply", "-auto-approve", "-no-color"), "3 added", `agency = "my-team-training-modelarts"`)
	if jobs := cloud.Jobs(); len(jobs) > 0 {
		t.Fatalf("%d jobs after the first apply", len(jobs))
	}
	w.Write("terraform.tfvars", acctest.Read(t, w.Folder, "terraform.tfvars")+"runs = [\"run-7\"]\n")
	acctest.WantOutput(t, w.MustRun(0, "apply", "-auto-approve", "-no-color"), "1 added, 0 changed, 0 destroyed")
	jobs := cloud.Jobs()
	if len(jobs) != 1 || jobs[0].Name != "run-7" || jobs[0].TrainURL != "/my-team-training/events/run-7/" || jobs[0].Status != simulator.StatusRunning {
		t.Fatalf("the jobs are %+v, want run-7, which runs", jobs)
	}
	w.MustRun(0, "plan", "-detailed-exitcode")
	for _, step := range []struct {
		running string
		status  int
	}{{"false", simulator.StatusKilled}, {"true", simulator.StatusRunning}} {
		output := w.MustRun(0, "apply", "-auto-approve", "-no-color", "-var=running="+step.running)
		acctest.WantOutput(t, output, "0 added, 1 changed, 0 destroyed")
		if jobs := cloud.Jobs(); jobs[0].Status != step.status {
			t.Errorf("with running=%s, the job has the status %d, want %d", step.running, jobs[0].Status, step.status)
		}
	}

	output := w.MustRun(0, "destroy", "-auto-approve", "-no-color")
	job, agency := strings.Index(output, `board["run-7"]: Destruction complete`), strings.Index(output, "v3.modelarts: Destroying")
	if job < 0 || agency < job || len(cloud.Jobs()) > 0 {
		t.Errorf("the job wasn't deleted before the agency:\n%s", output)
	}
}
