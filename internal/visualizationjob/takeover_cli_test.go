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

// exampleJob is the job of the examples of the guide.
var exampleJob = simulator.Job{
	ID: 197, Name: "training-7", TrainURL: "/my-bucket/training-7/events/",
	Description: "Loss and accuracy of training run 7", Status: simulator.StatusRunning,
}

// exampleState is a recorded state, but of the job of the examples.
func exampleState(t *testing.T, name string) foreign {
	t.Helper()
	state := recordedState(t, name)
	state.Attributes = json.RawMessage(strings.NewReplacer(
		`"board"`, `"training-7"`, `\"board\"`, `\"training-7\"`, "/bucket/logs/", exampleJob.TrainURL,
		"theirs", exampleJob.Description, "mindinsight", "tensorboard",
		`"duration": 4,`, `"duration": 8,`, `\"duration\":4,`, `\"duration\":8,`,
	).Replace(string(state.Attributes)))
	return state
}

// inState is a resource called training in the state of a module, with its instances by key.
func inState(module string, instances map[string]foreign) map[string]any {
	var of foreign
	var encoded []map[string]any
	for key, instance := range instances {
		of = instance
		one := map[string]any{"schema_version": of.SchemaVersion, "attributes": of.Attributes}
		if key != "" {
			one["index_key"] = key
		}
		if of.Identity != nil {
			one["identity"], one["identity_schema_version"] = of.Identity, 0
		}
		encoded = append(encoded, one)
	}
	return map[string]any{
		"module": module, "mode": "managed", "type": of.Type, "name": "training",
		"provider": fmt.Sprintf("provider[%q]", of.Provider), "instances": encoded,
	}
}

func (w *workspace) writeState(resources ...any) {
	w.t.Helper()
	state, err := json.Marshal(map[string]any{
		"version": 4, "serial": 1, "lineage": "3f2c9f5e-8f5b-4b0c-9d54-0a4ff8a4d9d0", "terraform_version": "1.10.0", "resources": resources,
	})
	if err != nil {
		w.t.Fatal(err)
	}
	w.Write("terraform.tfstate", string(state))
}

// writeExamples writes examples of the guide into a module, which is in a folder, or into the root module.
func (w *workspace) writeExamples(folder string, files ...string) {
	w.t.Helper()
	if err := os.MkdirAll(filepath.Join(w.Folder, folder), 0o700); err != nil {
		w.t.Fatal(err)
	}
	if folder != "" {
		w.Write(filepath.Join(folder, "terraform.tf"), requires(""))
		w.Write(filepath.Join(folder, "variables.tf"), "variable \"runs\" {\n  type = set(string)\n}\n")
	}
	for _, file := range files {
		example := acctest.Read(w.t, "../../examples/guides/moving-from-rest-providers", file)
		if strings.HasSuffix(folder, "/boards") {
			example, _, _ = strings.Cut(example, "# Every instance") // The module around it has the moved block.
		}
		w.Write(filepath.Join(folder, file), example)
	}
}

// TestTakeOverJobs applies a configuration for existing jobs. Some are unmanaged, and the CLI generates their configuration,
// which needs no edit. The others are managed with another provider: each example of the guide is a module, except the one
// with an import, which only the root module can have. TestProtocolMove has the states of more versions.
func TestTakeOverJobs(t *testing.T) {
	acctest.NeedVersion(t, "1.10.0") // Terraform has such moves from 1.8 on, OpenTofu from 1.10 on.
	t.Parallel()
	server := acctest.Simulator(t, simulator.Options{})
	server.AddJob(exampleJob)
	config := ""
	for _, job := range []simulator.Job{
		existing, // It runs and has every attribute.
		{Name: "stopped", TrainURL: "/bucket/logs", Status: simulator.StatusKilled},
		{Name: "failed", TrainURL: "/bucket/a b/ä/", Status: simulator.StatusFailed},
		{
			Name: "odd", TrainURL: "b//${not}\t\"c\"/", Status: 99, // no new job can have this path
			Description: "two\nlines, \"quoted\", ${not} a %{template}",
		},
	} {
		job.ID = 0
		config += fmt.Sprintf("import {\n  to = %s.%s\n  id = \"%d\"\n}\n", typeName, job.Name, server.AddJob(job))
	}
	runs := map[string]foreign{}
	for _, name := range []string{"a", "b"} {
		path := "/my-bucket/" + name + "/events/"
		id := server.AddJob(simulator.Job{Name: name, TrainURL: path, Status: simulator.StatusRunning})
		request := fmt.Sprintf(`{"job_name":%q,"train_url":%q}`, name, path)
		runs[name] = restapiState(fmt.Sprintf(`{"id": "%d", "path": "/visualization-jobs", "data": %q}`, id, request))
	}
	for _, module := range []string{"restapi", "restful", "each", "nested"} {
		config += fmt.Sprintf("module %q {\n  source = \"./%[1]s\"\n  runs = [\"a\", \"b\"]\n}\n", module)
	}
	w := newWorkspace(t, server, config)
	w.UseStandIns("mastercard/restapi", "magodo/restful")
	w.Write("terraform.tf", requires("restapi = { source = \"mastercard/restapi\" }\n restful = { source = \"magodo/restful\" }"))
	w.Write("others.tf", "provider \"restapi\" {\n  uri = \"http://127.0.0.1:9\"\n}\nprovider \"restful\" {\n  base_url = \"http://127.0.0.1:9\"\n}\n")
	w.writeExamples("", "job.tf", "removed.tf")
	w.writeExamples("restapi", "job.tf", "restapi-moved.tf")
	w.writeExamples("restful", "job.tf", "restful-moved.tf")
	w.writeExamples("each", "for-each.tf")
	w.writeExamples("nested", "module.tf")
	w.writeExamples("nested/boards", "for-each.tf")
	w.writeState(
		inState("", map[string]foreign{"": exampleState(t, "restapi-3.0")}),
		inState("module.restapi", map[string]foreign{"": exampleState(t, "restapi-3.0")}),
		inState("module.restful", map[string]foreign{"": exampleState(t, "restful-0.25")}),
		inState("module.each", runs), inState("module.nested", runs),
	)
	w.MustRun(0, "get")
	output := w.MustRun(0, "plan", "-generate-config-out=generated.tf", "-out=saved", "-no-color")
	acctest.WantOutput(t, output, "Plan: 5 to import, 0 to add, 1 to change, 0 to destroy") // the example with an import records values
	for _, from := range []string{
		`module.restapi.restapi_object.training has moved to module.restapi.`, `module.restful.restful_resource.training has moved to module.restful.`,
		`module.each.restapi_object.training["a"] has moved to module.each.`, `module.nested.restapi_object.training["b"] has moved to module.nested.module.boards.`,
	} {
		acctest.WantOutput(t, output, from+typeName+".training")
	}
	w.MustRun(0, "apply", "saved")
	w.wantEmptyPlan()
	w.wantChanges()
}
