package provider_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/opentelekomcloud-community/terraform-provider-modelarts/internal/acctest"
	"github.com/opentelekomcloud-community/terraform-provider-modelarts/internal/simulator"
)

const examples = "../../examples"

// Every example is applied as it stands, and its second plan is empty.
func TestExamplesOfResources(t *testing.T) {
	folders, err := filepath.Glob(filepath.Join(examples, "resources", "*"))
	if err != nil || len(folders) == 0 {
		t.Fatalf("no examples: %v", err)
	}
	for _, folder := range folders {
		t.Run(filepath.Base(folder), func(t *testing.T) {
			t.Parallel()
			server := acctest.Simulator(t, simulator.Options{})
			w := acctest.NewWorkspace(t, server.Env())
			w.Write("provider.tf", read(t, examples, "provider", "provider.tf"))
			w.Write("resource.tf", read(t, folder, "resource.tf"))
			w.MustRun(0, "apply", "-auto-approve")
			w.MustRun(0, "plan", "-detailed-exitcode")
			if len(server.Jobs()) == 0 {
				t.Error("the example made nothing")
			}
			w.MustRun(0, "destroy", "-auto-approve")
			if jobs := server.Jobs(); len(jobs) > 0 {
				t.Errorf("%d jobs are left", len(jobs))
			}
		})
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

func TestExamplesAreFormatted(t *testing.T) {
	w := acctest.NewWorkspace(t, nil)
	folder, err := filepath.Abs(examples)
	if err != nil {
		t.Fatal(err)
	}
	w.MustRun(0, "fmt", "-check", "-diff", "-recursive", folder)
}

func read(t *testing.T, parts ...string) string {
	t.Helper()
	content, err := os.ReadFile(filepath.Join(parts...))
	if err != nil {
		t.Fatal(err)
	}
	return string(content)
}
