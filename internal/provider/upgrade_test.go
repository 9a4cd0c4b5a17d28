package provider_test

import (
	"encoding/json"
	"flag"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/opentelekomcloud-community/terraform-provider-modelarts/internal/acctest"
	"github.com/opentelekomcloud-community/terraform-provider-modelarts/internal/simulator"
)

// releases has a folder for each release: a configuration, the state that its provider wrote, and the jobs then.
const (
	releases       = "testdata/releases"
	releasedConfig = "main.tf"
	releasedState  = "state.json"
	releasedJobs   = "jobs.json"
)

var recordRelease = flag.String("record", "", "the release, such as v0.1.0, to write the state of into "+releases)

// With the state of a release, this provider plans nothing, changes nothing, and can destroy the resources.
func TestUpgrade(t *testing.T) {
	t.Parallel()
	folders, err := os.ReadDir(releases)
	if err != nil || len(folders) == 0 {
		t.Fatalf("there is no release: %v", err)
	}
	for _, folder := range folders {
		t.Run(folder.Name(), func(t *testing.T) {
			t.Parallel()
			release := filepath.Join(releases, folder.Name())
			server := acctest.Simulator(t, simulator.Options{})
			var jobs []simulator.Job
			if err := json.Unmarshal([]byte(acctest.Read(t, release, releasedJobs)), &jobs); err != nil {
				t.Fatal(err)
			}
			for _, job := range jobs {
				server.AddJob(job)
			}
			w := acctest.NewWorkspace(t, server.Env())
			w.Write(releasedConfig, acctest.Read(t, release, releasedConfig))
			w.Write(stateFile, acctest.Read(t, release, releasedState))

			server.ResetRequests()
			acctest.WantOutput(t, w.MustRun(0, "apply", "-auto-approve", "-no-color"), "No changes.")
			for _, call := range server.Requests() {
				if call.Method != http.MethodGet && strings.HasPrefix(call.Path, "/v1/") {
					t.Errorf("the apply sent %s %s", call.Method, call.Path)
				}
			}
			w.MustRun(0, "destroy", "-auto-approve", "-no-color")
			if left := server.Jobs(); len(left) > 0 {
				t.Errorf("%d jobs are left", len(left))
			}
		})
	}
}

// TestRecordRelease creates the folder of a release with the provider of this tree.
func TestRecordRelease(t *testing.T) {
	if *recordRelease == "" {
		t.Skip("no release to record")
	}
	acctest.NeedTerraform(t, identityVersion)
	server := acctest.Simulator(t, simulator.Options{})
	server.AddJob(simulator.Job{
		ID: 197, Name: "imported", TrainURL: "/bucket/imported/", Type: "mindinsight", Status: simulator.StatusRunning,
		Schedule: &simulator.Schedule{Type: "stop", TimeUnit: "HOURS", Duration: 8},
	})
	w := acctest.NewWorkspace(t, server.Env())
	config := acctest.Read(t, "testdata", "release.tf")
	w.Write(releasedConfig, config)
	w.Write("import.tf", "import {\n  to = modelarts_visualization_job.imported\n  id = \"197\"\n}\n")
	w.MustRun(0, "apply", "-auto-approve", "-no-color", "-parallelism=1")

	jobs, err := json.MarshalIndent(server.Jobs(), "", "  ")
	if err != nil {
		t.Fatal(err)
	}
	folder := filepath.Join(releases, *recordRelease)
	if err := os.Mkdir(folder, 0o755); err != nil { // an existing record stays
		t.Fatal(err)
	}
	for name, content := range map[string]string{
		releasedConfig: config, releasedState: acctest.Read(t, w.Folder, stateFile), releasedJobs: string(jobs) + "\n",
	} {
		if err := os.WriteFile(filepath.Join(folder, name), []byte(content), 0o644); err != nil {
			t.Fatal(err)
		}
	}
}
