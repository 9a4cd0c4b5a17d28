package provider_test

import (
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/opentelekomcloud-community/terraform-provider-modelarts/internal/acctest"
	"github.com/opentelekomcloud-community/terraform-provider-modelarts/internal/simulator"
)

const examples = "../../examples"

// Every example is applied as it stands, and its second plan is empty.
func TestExamples(t *testing.T) {
	for _, kind := range []string{"resources", "data-sources", "actions"} {
		files, err := filepath.Glob(filepath.Join(examples, kind, "*", strings.TrimSuffix(kind, "s")+".tf"))
		if err != nil || len(files) == 0 {
			t.Fatalf("no examples of %s: %v", kind, err)
		}
		for _, file := range files {
			typ := filepath.Base(filepath.Dir(file))
			t.Run(kind+"/"+typ, func(t *testing.T) {
				t.Parallel()
				if kind == "actions" {
					acctest.NeedTerraform(t, "1.14.0")
				}
				server := acctest.Simulator(t, simulator.Options{})
				w := acctest.NewWorkspace(t, server.Env())
				if kind == "data-sources" {
					server.AddJob(simulator.Job{Name: "training-7", Status: simulator.StatusRunning})
				}
				w.Write("provider.tf", read(t, examples, "provider", "provider.tf"))
				w.Write("main.tf", read(t, file))
				w.MustRun(0, "apply", "-auto-approve")
				w.MustRun(0, "plan", "-detailed-exitcode")
				if len(server.Jobs()) == 0 {
					t.Error("the example made nothing")
				}
				if kind == "actions" {
					invokeExample(t, w, server, typ)
				}
				w.MustRun(0, "destroy", "-auto-approve")
				if jobs := server.Jobs(); kind != "data-sources" && len(jobs) > 0 {
					t.Errorf("%d jobs are left", len(jobs))
				}
			})
		}
	}
}

// invokeExample invokes an action by hand, and by what triggers it in the example.
func invokeExample(t *testing.T, w *acctest.Workspace, server *simulator.Server, typ string) {
	t.Helper()
	wantCalls := func(want ...string) {
		t.Helper()
		var got []string
		for _, call := range server.Calls() {
			if call.Method == http.MethodPost && strings.Contains(call.Path, "/visualization-jobs/") {
				got = append(got, filepath.Base(call.Path))
			}
		}
		if !slices.Equal(got, want) {
			t.Errorf("the calls were %q, want %q", got, want)
		}
		server.ResetCalls()
	}
	calls := []string{"stop"}
	if strings.HasSuffix(typ, "_restart") {
		calls = []string{"stop", "restart"}
	}
	server.ResetCalls()
	output := w.MustRun(0, "apply", "-invoke=action."+typ+".training", "-auto-approve", "-no-color")
	if !strings.Contains(output, `"training-7"`) || !strings.Contains(output, "KILLED") {
		t.Errorf("it shows no progress:\n%s", output)
	}
	wantCalls(calls...)
	if len(calls) > 1 {
		w.MustRun(0, "apply", "-var=training_run=run-2", "-auto-approve")
		wantCalls(calls...)
	}
}

// Every list of the example lists what it says, and what it generates is imported
// without a change.
func TestExamplesOfListResources(t *testing.T) {
	t.Parallel()
	acctest.NeedTerraform(t, "1.14.0")
	server := acctest.Simulator(t, simulator.Options{})
	server.AddJob(simulator.Job{Name: "training-7", Status: simulator.StatusRunning})
	server.AddJob(simulator.Job{Name: "archive", Status: simulator.StatusKilled, Description: "of last year"})
	w := acctest.NewWorkspace(t, server.Env())
	w.Write("provider.tf", read(t, examples, "provider", "provider.tf"))
	w.Write("list.tfquery.hcl", read(t, examples, "list-resources", "modelarts_visualization_job", "list-resource.tfquery.hcl"))
	output := w.MustRun(0, "query", "-generate-config-out=generated.tf", "-no-color")
	for _, want := range []string{
		"modelarts_visualization_job.all        id=1,project_id=" + simulator.DefaultProjectID + "   training-7",
		"modelarts_visualization_job.all        id=2,project_id=" + simulator.DefaultProjectID + "   archive",
		"modelarts_visualization_job.training   id=1,project_id=" + simulator.DefaultProjectID + "   training-7",
	} {
		if !strings.Contains(strings.Join(strings.Fields(output), " "), strings.Join(strings.Fields(want), " ")) {
			t.Errorf("the output lacks %q:\n%s", want, output)
		}
	}
	if n := strings.Count(output, "project_id="); n != 3 {
		t.Errorf("%d jobs are listed:\n%s", n, output)
	}
}

// Each way of the examples to import takes over a job without changing it.
func TestExamplesOfImport(t *testing.T) {
	folder := filepath.Join(examples, "resources", "modelarts_visualization_job")
	const config = `
resource "modelarts_visualization_job" "training" {
  name      = "training-7"
  train_url = "/my-bucket/training-7/events/"
}
`
	tests := map[string]func(t *testing.T, w *acctest.Workspace){
		"import.sh": func(t *testing.T, w *acctest.Workspace) {
			for line := range strings.Lines(read(t, folder, "import.sh")) {
				if args := strings.Fields(line); len(args) > 0 && args[0] == "terraform" {
					w.MustRun(0, args[1:]...)
				}
			}
		},
		"import-by-string-id.tf": func(t *testing.T, w *acctest.Workspace) {
			w.Write("import.tf", read(t, folder, "import-by-string-id.tf"))
			w.MustRun(0, "apply", "-auto-approve")
		},
		"import-by-identity.tf": func(t *testing.T, w *acctest.Workspace) {
			acctest.NeedVersion(t, "1.12.0")
			w.Write("import.tf", read(t, folder, "import-by-identity.tf"))
			w.MustRun(0, "apply", "-auto-approve")
		},
	}
	for name, take := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			server := acctest.Simulator(t, simulator.Options{})
			w := acctest.NewWorkspace(t, server.Env())
			id := server.AddJob(simulator.Job{ID: 197, Name: "training-7", TrainURL: "/my-bucket/training-7/events/", Status: simulator.StatusRunning})
			before, _ := server.Job(id)
			w.Write("provider.tf", read(t, examples, "provider", "provider.tf"))
			w.Write("resource.tf", config)
			take(t, w)
			w.MustRun(0, "plan", "-detailed-exitcode")
			if after, ok := server.Job(id); !ok || after.Status != before.Status || after.Description != before.Description {
				t.Errorf("the import changed the job from %+v to %+v", before, after)
			}
		})
	}
}

func read(t *testing.T, parts ...string) string {
	t.Helper()
	content, err := os.ReadFile(filepath.Join(parts...))
	if err != nil {
		t.Fatal(err)
	}
	return string(content)
}
