package visualizationjob_test

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/opentelekomcloud-community/terraform-provider-modelarts/internal/acctest"
	"github.com/opentelekomcloud-community/terraform-provider-modelarts/internal/simulator"
)

const moveExamples = "../../examples/guides/moving-from-rest-providers"

// newMoveWorkspace returns a workspace with the example files of the guide.
func newMoveWorkspace(t *testing.T, files ...string) *workspace {
	t.Helper()
	// Terraform has such moves from 1.8 on, OpenTofu from 1.10 on.
	acctest.NeedVersion(t, "1.10.0")
	w := newWorkspace(t, acctest.Simulator(t, simulator.Options{}), "")
	w.UseStandIns("mastercard/restapi", "magodo/restful")
	for _, file := range files {
		w.Write(file, readExample(t, file))
	}
	return w
}

func readExample(t *testing.T, file string) string {
	t.Helper()
	content, err := os.ReadFile(filepath.Join(moveExamples, file))
	if err != nil {
		t.Fatal(err)
	}
	return string(content)
}

// keepProvider keeps the block of the other provider.
func (w *workspace) keepProvider(name, source, address string) {
	w.t.Helper()
	w.Write("terraform.tf", requires(fmt.Sprintf("%s = { source = %q }", name, source)))
	w.Write("other_provider.tf", fmt.Sprintf("provider %q {\n  %s = \"http://127.0.0.1:9\"\n}\n", name, address))
}

// example makes a recorded state one of the job of the examples.
func (f foreign) example() foreign {
	f.Attributes = json.RawMessage(strings.NewReplacer(
		`"board"`, `"training-7"`, `\"board\"`, `\"training-7\"`, "/bucket/logs/", "/my-bucket/training-7/events/",
		"theirs", "Loss and accuracy of training run 7", "mindinsight", "tensorboard",
		`"duration": 4,`, `"duration": 8,`, `\"duration\":4,`, `\"duration\":8,`,
	).Replace(string(f.Attributes)))
	return f
}

// writeState writes a state with instances of a resource called training, by their keys.
func (w *workspace) writeState(instances map[string]foreign) {
	w.t.Helper()
	var of foreign
	var entries []map[string]any
	for key, instance := range instances {
		of = instance
		entry := map[string]any{"schema_version": of.SchemaVersion, "attributes": of.Attributes}
		if key != "" {
			entry["index_key"] = key
		}
		if of.Identity != nil {
			entry["identity"], entry["identity_schema_version"] = of.Identity, 0
		}
		entries = append(entries, entry)
	}
	state, err := json.Marshal(map[string]any{
		"version": 4, "serial": 1, "lineage": "3f2c9f5e-8f5b-4b0c-9d54-0a4ff8a4d9d0", "terraform_version": "1.10.0",
		"resources": []any{map[string]any{
			"mode": "managed", "type": of.Type, "name": "training",
			"provider": fmt.Sprintf("provider[%q]", of.Provider), "instances": entries,
		}},
	})
	if err != nil {
		w.t.Fatal(err)
	}
	w.Write("terraform.tfstate", string(state))
}

// exampleJob is the job of the examples.
var exampleJob = simulator.Job{
	ID: 197, Name: "training-7", TrainURL: "/my-bucket/training-7/events/",
	Description: "Loss and accuracy of training run 7", Status: simulator.StatusRunning,
}

// The examples of the guide work. TestProtocolMove has the states of more versions.
func TestMoveWithCLI(t *testing.T) {
	t.Parallel()
	const unchanged, moved = "0 added, 0 changed, 0 destroyed", ".training has moved to modelarts_visualization_job.training"
	t.Run("restapi", func(t *testing.T) {
		t.Parallel()
		w := newMoveWorkspace(t, "job.tf", "restapi-moved.tf")
		w.AddJob(exampleJob)
		w.writeState(map[string]foreign{"": recordedState(t, "restapi-3.0").example()})
		w.apply(0, "restapi_object"+moved, unchanged)
		w.Write("restapi-moved.tf", "")
		w.wantEmptyPlan()
		w.wantNoChanges()
	})
	t.Run("restful, with its provider", func(t *testing.T) {
		t.Parallel()
		w := newMoveWorkspace(t, "job.tf", "restful-moved.tf")
		w.keepProvider("restful", "registry.terraform.io/magodo/restful", "base_url")
		w.AddJob(exampleJob)
		w.writeState(map[string]foreign{"": recordedState(t, "restful-0.25").example()})
		w.apply(0, "restful_resource"+moved, unchanged)
		w.wantNoChanges()
	})
	// A job that can't be moved can be imported.
	t.Run("removed and imported", func(t *testing.T) {
		t.Parallel()
		w := newMoveWorkspace(t, "job.tf", "removed.tf")
		w.keepProvider("restapi", "registry.terraform.io/mastercard/restapi", "uri") // Terraform reads the job with it
		w.AddJob(exampleJob)
		w.writeState(map[string]foreign{"": recordedState(t, "restapi-3.0").example()})
		w.apply(0, "1 imported, 0 added, 1 changed, 0 destroyed")
	})
	t.Run("several instances, into a module", func(t *testing.T) {
		t.Parallel()
		w := newMoveWorkspace(t, "for-each.tf")
		w.Write("variables.tf", "variable \"runs\" {\n  default = [\"a\", \"b\"]\n  type = set(string)\n}\n")
		instances := map[string]foreign{}
		for id, key := range map[int64]string{301: "a", 302: "b"} {
			path := "/my-bucket/" + key + "/events/"
			w.AddJob(simulator.Job{ID: id, Name: key, TrainURL: path, Status: simulator.StatusRunning})
			request := fmt.Sprintf(`{"job_name":%q,"train_url":%q}`, key, path)
			instances[key] = restapiState(fmt.Sprintf(`{"id": "%d", "path": "/visualization-jobs", "data": %q}`, id, request))
		}
		w.writeState(instances)
		const moved = `restapi_object.training["a"] has moved to `
		w.apply(0, moved+`modelarts_visualization_job.training["a"]`, unchanged)

		if err := os.Mkdir(filepath.Join(w.Folder, "boards"), 0o700); err != nil {
			t.Fatal(err)
		}
		job, _, _ := strings.Cut(readExample(t, "for-each.tf"), "# Every instance")
		w.Write("boards/main.tf", "variable \"runs\" {\n  type = set(string)\n}\n"+job)
		w.Write("boards/terraform.tf", requires(""))
		w.Write("for-each.tf", "")
		w.Write("module.tf", readExample(t, "module.tf"))
		w.writeState(instances)
		w.MustRun(0, "get")
		w.apply(0, moved+`module.boards.modelarts_visualization_job.training["a"]`, unchanged)
	})
}
