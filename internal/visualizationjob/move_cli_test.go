package visualizationjob_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/opentelekomcloud-community/terraform-provider-modelarts/internal/acctest"
	"github.com/opentelekomcloud-community/terraform-provider-modelarts/internal/simulator"
)

// moveWorkspace is a workspace with a state of another provider, and the example
// files of the guide.
type moveWorkspace struct {
	*acctest.Workspace
	*simulator.Server

	t *testing.T
}

func newMoveWorkspace(t *testing.T, files ...string) *moveWorkspace {
	t.Helper()
	// Terraform has such moves from 1.8 on, OpenTofu from 1.10 on.
	acctest.NeedVersion(t, "1.10.0")
	server := acctest.Simulator(t, simulator.Options{})
	w := &moveWorkspace{acctest.NewWorkspace(t, server.Env()), server, t}
	w.UseRESTProviders()
	for _, file := range files {
		content, err := os.ReadFile(filepath.Join("../../examples/guides/moving-from-rest-providers", file))
		if err != nil {
			t.Fatal(err)
		}
		w.Write(file, string(content))
	}
	w.require("")
	return w
}

// require requires this provider, and what else it is given.
func (w *moveWorkspace) require(more string) {
	w.t.Helper()
	w.Write("terraform.tf", `
terraform {
  required_providers {
    modelarts = { source = "opentelekomcloud-community/modelarts" }
    `+more+`
  }
}
`)
}

// keepProvider keeps the block of the other provider.
func (w *moveWorkspace) keepProvider(name, source, address string) {
	w.t.Helper()
	w.require(fmt.Sprintf("%s = { source = %q }", name, source))
	w.Write("provider.tf", fmt.Sprintf("provider %q {\n  %s = \"http://127.0.0.1:9\"\n}\n", name, address))
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
func (w *moveWorkspace) writeState(instances map[string]foreign) {
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

func (w *moveWorkspace) state() string {
	w.t.Helper()
	content, err := os.ReadFile(filepath.Join(w.Folder, "terraform.tfstate"))
	if err != nil {
		w.t.Fatal(err)
	}
	return string(content)
}

// plan saves a plan, and returns what happens to what: "address from previous address: actions".
func (w *moveWorkspace) plan(args ...string) []string {
	w.t.Helper()
	w.MustRun(0, append([]string{"plan", "-out=saved"}, args...)...)
	output, err := w.Command(w.t.Context(), "show", "-json", "saved").Output()
	if err != nil {
		w.t.Fatal(err)
	}
	var plan struct {
		Changes []struct {
			Address  string `json:"address"`
			Previous string `json:"previous_address"`
			Change   struct {
				Actions []string `json:"actions"`
			} `json:"change"`
		} `json:"resource_changes"`
	}
	if err := json.Unmarshal(output, &plan); err != nil {
		w.t.Fatal(err)
	}
	var found []string
	for _, change := range plan.Changes {
		found = append(found, fmt.Sprintf("%s from %s: %s", change.Address, change.Previous, strings.Join(change.Change.Actions, ", ")))
	}
	slices.Sort(found)
	return found
}

// wantMoved applies the saved plan. The next one is empty, without the moved block as
// well, and nobody touched a job.
func (w *moveWorkspace) wantMoved(moved string) {
	w.t.Helper()
	w.MustRun(0, "apply", "saved")
	w.MustRun(0, "plan", "-detailed-exitcode")
	if err := os.Remove(filepath.Join(w.Folder, moved)); err != nil {
		w.t.Fatal(err)
	}
	w.MustRun(0, "plan", "-detailed-exitcode")
	for _, call := range w.Calls() {
		if call.Method != http.MethodGet && strings.Contains(call.Path, "/visualization-jobs") {
			w.t.Errorf("a job was touched: %s %s", call.Method, call.Path)
		}
	}
	if strings.Contains(w.state(), "restapi_object") || strings.Contains(w.state(), "restful_resource") {
		w.t.Errorf("there is something left in the state:\n%s", w.state())
	}
}

// exampleJob is the job of the examples.
var exampleJob = simulator.Job{
	ID: 197, Name: "training-7", TrainURL: "/my-bucket/training-7/events/",
	Description: "Loss and accuracy of training run 7", Status: simulator.StatusRunning,
}

// The examples of the guide do what it says.
func TestMoveWithCLI(t *testing.T) {
	const restapi, restful = "restapi_object.training", "restful_resource.training"
	for name, test := range map[string]struct {
		record, from, moved string
		action              string
		args                []string
	}{
		"restapi":                    {"restapi-3.0", restapi, "restapi-moved.tf", "no-op", nil},
		"restapi, not refreshed":     {"restapi-3.0", restapi, "restapi-moved.tf", "no-op", []string{"-refresh=false"}},
		"restapi, its request lost":  {"restapi-3.0-refreshed", restapi, "restapi-moved.tf", "update", nil},
		"restful":                    {"restful-0.25", restful, "restful-moved.tf", "no-op", nil},
		"restful, of an old version": {"restful-0.13", restful, "restful-moved.tf", "no-op", nil},
		"restful, with its provider": {"restful-0.14", restful, "restful-moved.tf", "no-op", nil},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newMoveWorkspace(t, "job.tf", test.moved)
			if strings.HasSuffix(name, "with its provider") {
				w.keepProvider("restful", "registry.terraform.io/magodo/restful", "base_url")
			}
			w.AddJob(exampleJob)
			w.writeState(map[string]foreign{"": recordedState(t, test.record).example()})
			want := []string{"modelarts_visualization_job.training from " + test.from + ": " + test.action}
			if diff := cmp.Diff(want, w.plan(test.args...)); diff != "" {
				t.Fatal("the plan (-want +got):\n" + diff)
			}
			w.wantMoved(test.moved)
		})
	}
}

// All instances of a resource are moved, into a module as well.
func TestMoveOfSeveralWithCLI(t *testing.T) {
	for file, prefix := range map[string]string{"for-each.tf": "", "module.tf": "module.boards."} {
		t.Run(file, func(t *testing.T) {
			t.Parallel()
			w := newMoveWorkspace(t, file)
			w.Write("variables.tf", "variable \"runs\" {\n  default = [\"a\", \"b\"]\n  type = set(string)\n}\n")
			if prefix != "" {
				inModule := newMoveWorkspace(t, "for-each.tf")
				content, err := os.ReadFile(filepath.Join(inModule.Folder, "for-each.tf"))
				if err != nil {
					t.Fatal(err)
				}
				if err := os.Mkdir(filepath.Join(w.Folder, "boards"), 0o700); err != nil {
					t.Fatal(err)
				}
				job, _, _ := strings.Cut(string(content), "# Every instance")
				w.Write("boards/main.tf", "variable \"runs\" {\n  type = set(string)\n}\n"+job)
				w.Write("boards/terraform.tf", "terraform {\n  required_providers {\n    modelarts = { source = \"opentelekomcloud-community/modelarts\" }\n  }\n}\n")
				w.MustRun(0, "get")
			}
			instances := map[string]foreign{}
			var want []string
			for i, key := range []string{"a", "b"} {
				id := int64(301 + i)
				path := "/my-bucket/" + key + "/events/"
				w.AddJob(simulator.Job{ID: id, Name: key, TrainURL: path, Status: simulator.StatusRunning})
				request := fmt.Sprintf(`{"job_name":%q,"train_url":%q}`, key, path)
				instances[key] = restapiState(fmt.Sprintf(`{"id": "%d", "path": "/visualization-jobs", "data": %q}`, id, request))
				want = append(want, fmt.Sprintf("%smodelarts_visualization_job.training[%q] from restapi_object.training[%q]: no-op", prefix, key, key))
			}
			w.writeState(instances)
			if diff := cmp.Diff(want, w.plan()); diff != "" {
				t.Fatal("the plan (-want +got):\n" + diff)
			}
			w.MustRun(0, "apply", "saved")
			w.MustRun(0, "plan", "-detailed-exitcode")
		})
	}
}

// What is no visualization job stays where it is.
func TestMoveErrorWithCLI(t *testing.T) {
	w := newMoveWorkspace(t, "job.tf", "restapi-moved.tf")
	w.writeState(map[string]foreign{"": restapiState(`{"id": "197", "path": "/training-jobs", "data": "{}"}`)})
	before := w.state()
	output := strings.Join(strings.Fields(w.MustRun(1, "apply", "-auto-approve", "-no-color")), " ")
	for _, says := range []string{
		"Cannot move this restapi_object to modelarts_visualization_job", `It is at the path "/training-jobs"`, "Nothing was changed",
	} {
		if !strings.Contains(output, says) {
			t.Errorf("the output does not say %q:\n%s", says, output)
		}
	}
	if after := w.state(); after != before {
		t.Error("the state was written:\n" + after)
	}
	if len(w.Jobs()) > 0 {
		t.Error("a job was made")
	}
}

// What cannot be moved, or with which CLI, can be imported.
func TestRemoveAndImportWithCLI(t *testing.T) {
	w := newMoveWorkspace(t, "job.tf", "removed.tf")
	w.keepProvider("restapi", "registry.terraform.io/mastercard/restapi", "uri") // it is asked once more
	w.AddJob(exampleJob)
	w.writeState(map[string]foreign{"": recordedState(t, "restapi-3.0").example()})
	w.MustRun(0, "apply", "-auto-approve")
	w.MustRun(0, "plan", "-detailed-exitcode")
	if jobs := w.Jobs(); len(jobs) != 1 || jobs[0].ID != 197 {
		t.Errorf("the jobs are %+v", jobs)
	}
}
