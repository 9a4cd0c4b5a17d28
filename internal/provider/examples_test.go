package provider_test

import (
	"context"
	"fmt"
	"io/fs"
	"maps"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/opentelekomcloud-community/terraform-provider-modelarts/internal/acctest"
	"github.com/opentelekomcloud-community/terraform-provider-modelarts/internal/simulator"
)

// newExample returns a workspace with the provider block of the examples and some of their files.
func newExample(t *testing.T, server *simulator.Server, files ...string) *acctest.Workspace {
	t.Helper()
	w := acctest.NewWorkspace(t, server.Env())
	for _, file := range append(files, "provider/provider.tf") {
		w.Write(strings.ReplaceAll(file, "/", "-"), read(t, examples, file))
	}
	return w
}

// Each example is applied as it is, and the next apply changes nothing. Without a variable that enables a log, no provider process writes one.
func TestExamples(t *testing.T) {
	t.Parallel()
	server := acctest.Simulator(t, simulator.Options{})
	files := func(pattern string) []string {
		found, err := fs.Glob(os.DirFS(examples), pattern)
		if err != nil || len(found) == 0 {
			t.Fatalf("no examples match %s: %v", pattern, err)
		}
		return found
	}
	// minimal.tf and complete.tf have the resource of resource.tf. Imports and prevent_destroy have tests of their own.
	w := newExample(t, server, slices.Concat(files("resources/*/resource.tf"), files("resources/*/for-each.tf"),
		files("resources/*/mindinsight.tf"), files("resources/*/stopped.tf"))...)
	folder := t.TempDir()
	built, log := w.UseProvider(folder), filepath.Join(folder, "stderr")
	script := fmt.Sprintf("#!/bin/sh\nexec '%s' \"$@\" 2>> '%s'\n", built, log)
	if err := os.WriteFile(filepath.Join(folder, acctest.ProviderProgram), []byte(script), 0o700); err != nil {
		t.Fatal(err)
	}
	w.MustRun(0, "apply", "-auto-approve")
	jobs := server.Jobs()
	if len(jobs) == 0 {
		t.Error("no job was created")
	}
	if written := read(t, log); strings.Contains(written, `"@module":"sdk.`) {
		t.Errorf("the provider wrote a log:\n%s", written)
	}
	server.AddJob(simulator.Job{ID: 197, Name: "board", Status: simulator.StatusRunning}) // of by-id.tf
	for _, file := range files("data-sources/*/*.tf") {                                   // their outputs change the state
		w.Write(strings.ReplaceAll(file, "/", "-"), strings.Replace(read(t, examples, file), `"tensorboard"`, `"found"`, 1))
	}
	wantOutput(t, w.MustRun(0, "apply", "-auto-approve", "-no-color"), "Resources: 0 added, 0 changed, 0 destroyed.")
	if after := server.Jobs(); len(after) != len(jobs)+1 {
		t.Errorf("there are %d jobs, and there were %d", len(after), len(jobs))
	}
	index := acctest.NewWorkspace(t, acctest.Simulator(t, simulator.Options{}).Env())
	index.Write("main.tf", read(t, examples, "provider/complete.tf"))
	for _, w := range []*acctest.Workspace{index, newExample(t, acctest.Simulator(t, simulator.Options{}), files("resources/*/minimal.tf")...)} {
		w.MustRun(0, "apply", "-auto-approve")
		w.MustRun(0, "plan", "-detailed-exitcode")
	}
}

// Each example of an action is applied, and its action invoked: by hand, and by the trigger if there is one.
func TestExamplesOfActions(t *testing.T) {
	t.Parallel()
	acctest.NeedTerraform(t, actionVersion)
	for typeName, requests := range map[string][]string{
		"modelarts_visualization_job_stop":    {"stop"},
		"modelarts_visualization_job_restart": {"stop", "restart"},
	} {
		t.Run(typeName, func(t *testing.T) {
			t.Parallel()
			server := acctest.Simulator(t, simulator.Options{})
			w := newExample(t, server, "actions/"+typeName+"/action.tf")
			w.MustRun(0, "apply", "-auto-approve")
			invoke := func(args ...string) (output string) {
				server.ResetRequests()
				output = w.MustRun(0, append(args, "-auto-approve", "-no-color")...)
				var got []string
				for _, call := range server.Requests() {
					if call.Method == http.MethodPost && strings.Contains(call.Path, "/visualization-jobs/") {
						got = append(got, filepath.Base(call.Path))
					}
				}
				if !slices.Equal(got, requests) {
					t.Errorf("%q: the requests were %q, want %q", args, got, requests)
				}
				return output
			}
			output := invoke("apply", "-invoke=action."+typeName+".training")
			if !strings.Contains(output, `"training-7"`) || !strings.Contains(output, "KILLED") {
				t.Errorf("there is no progress:\n%s", output)
			}
			if typeName == "modelarts_visualization_job_restart" {
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
	output := unwrapped(w.MustRun(0, "query", "-generate-config-out=generated.tf", "-no-color"))
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

// Each example of an import adds the job to the state without changing the job.
func TestExamplesOfImport(t *testing.T) {
	t.Parallel()
	const folder = "resources/modelarts_visualization_job/"
	server := acctest.Simulator(t, simulator.Options{})
	id := server.AddJob(simulator.Job{ID: 197, Name: "training-7", TrainURL: "/my-bucket/training-7/events/", Status: simulator.StatusRunning})
	before, _ := server.Job(id)
	config := "resource \"modelarts_visualization_job\" \"training\" {\n  name      = \"training-7\"\n  train_url = \"/my-bucket/training-7/events/\"\n}\n"
	t.Cleanup(func() {
		if after, ok := server.Job(id); !ok || after.Status != before.Status || after.Description != before.Description {
			t.Errorf("the import changed the job from %+v to %+v", before, after)
		}
	})
	t.Run("import.sh", func(t *testing.T) {
		w := newExample(t, server)
		w.Write("resource.tf", config)
		for line := range strings.Lines(read(t, examples, folder, "import.sh")) {
			if args := strings.Fields(line); len(args) > 0 && args[0] == "terraform" {
				w.MustRun(0, args[1:]...)
			}
		}
		w.MustRun(0, "plan", "-detailed-exitcode")
	})
	for _, file := range []string{"import-by-string-id.tf", "import-by-identity.tf"} {
		t.Run(file, func(t *testing.T) {
			if file == "import-by-identity.tf" {
				acctest.NeedVersion(t, identityVersion)
			}
			w := newExample(t, server, folder+file)
			w.Write("resource.tf", config)
			wantOutput(t, w.MustRun(0, "apply", "-auto-approve", "-no-color"), "1 imported, 0 added, 0 changed, 0 destroyed")
		})
	}
}

// An apply adopts the job that a killed create left.
func TestTroubleshootingKilledRunner(t *testing.T) {
	t.Parallel()
	server := acctest.Simulator(t, simulator.Options{})
	server.AddJob(simulator.Job{ID: 197, Name: "training-7", TrainURL: "/my-bucket/training-7/events/", Status: simulator.StatusRunning})
	output := newExample(t, server, "guides/troubleshooting/killed-runner.tf").MustRun(0, "apply", "-auto-approve", "-no-color")
	wantOutput(t, output, `Adopted visualization job "training-7" (ID 197)`)
	if jobs := server.Jobs(); len(jobs) != 1 {
		t.Errorf("there are %d jobs", len(jobs))
	}
}

// An action stops an unmanaged job.
func TestTroubleshootingStop(t *testing.T) {
	t.Parallel()
	acctest.NeedTerraform(t, actionVersion)
	server := acctest.Simulator(t, simulator.Options{})
	server.AddJob(simulator.Job{ID: 197, Status: simulator.StatusRunning})
	newExample(t, server, "guides/troubleshooting/stop.tf").
		MustRun(0, "apply", "-auto-approve", "-invoke=action.modelarts_visualization_job_stop.now")
	if job, _ := server.Job(197); job.Status != simulator.StatusKilled {
		t.Errorf("the job has the status %d", job.Status)
	}
}

// unwrapped returns the output of a CLI without the line ends and frames that it adds.
func unwrapped(output string) string {
	return strings.Join(strings.Fields(strings.ReplaceAll(output, "│", "")), " ")
}

// wantOutput checks that a CLI printed some texts.
func wantOutput(t *testing.T, output string, wants ...string) {
	t.Helper()
	for _, want := range wants {
		if !strings.Contains(unwrapped(output), want) {
			t.Errorf("the output lacks %q:\n%s", want, output)
		}
	}
}

// newRunner returns a workspace whose CLI is called terraform, even if it is OpenTofu, and
// finds the provider without a registry.
func newRunner(t *testing.T, env map[string]string) *acctest.Workspace {
	t.Helper()
	env = maps.Clone(env)
	env["PATH"] = pathWithTerraform(t)
	w := acctest.NewWorkspace(t, env)
	w.MirrorProvider()
	return w
}

// newInstaller is newRunner for scripts that install the provider themselves, with make. Its home directory is empty. The
// path of the provider in a folder of plugins depends on the CLI and on the platform.
func newInstaller(t *testing.T, env map[string]string) (w *acctest.Workspace, path string) {
	t.Helper()
	acctest.NeedProgram(t, "make")
	env = maps.Clone(env)
	env["HOME"] = t.TempDir()
	for _, name := range []string{"GOCACHE", "GOMODCACHE", "GOPATH"} { // not those of the empty home directory
		value, err := exec.CommandContext(t.Context(), "go", "env", name).Output()
		if err != nil {
			t.Fatal(err)
		}
		env[name] = strings.TrimSpace(string(value))
	}
	path = "registry.terraform.io/" + acctest.ProviderSource + "/0.0.1/" + runtime.GOOS + "_" + runtime.GOARCH
	if strings.HasPrefix(filepath.Base(acctest.NeedCLI(t)), "tofu") {
		path = strings.Replace(path, "terraform.io", "opentofu.org", 1)
		env["PLUGIN_DIR"] = filepath.Join(env["HOME"], ".terraform.d", "plugins", filepath.FromSlash(path))
	}
	w = newRunner(t, env)
	for _, plugins := range []string{filepath.Join(env["HOME"], ".terraform.d"), filepath.Join(w.Folder, "terraform.d")} {
		placeBuilt(t, w, filepath.Join(plugins, "plugins", filepath.FromSlash(path), acctest.ProviderProgram+"_v0.0.1"))
	}
	w.Write("cli.tfrc", "disable_checkpoint = true\n") // instead of a mirror that has the provider
	return w, path
}

// placeBuilt puts the provider where make builds it. Make finds that it is up to date, and doesn't link it again.
func placeBuilt(t *testing.T, w *acctest.Workspace, program string) {
	t.Helper()
	built := w.UseProvider(t.TempDir())
	err := os.MkdirAll(filepath.Dir(program), 0o700)
	if err == nil {
		err = os.Link(built, program)
	}
	if err != nil {
		t.Fatal(err)
	}
}

// pathWithTerraform returns a PATH on which the CLI is called terraform, even if it is OpenTofu.
func pathWithTerraform(t *testing.T) string {
	t.Helper()
	folder := t.TempDir()
	if err := os.Symlink(acctest.NeedCLI(t), filepath.Join(folder, "terraform")); err != nil {
		t.Fatal(err)
	}
	return folder + string(os.PathListSeparator) + os.Getenv("PATH")
}

// runShell runs a script in the folder and the environment of a workspace, as CI
// does: it ends at the first command that fails.
func runShell(t *testing.T, w *acctest.Workspace, script string) (output string, code int) {
	t.Helper()
	shell := acctest.NeedProgram(t, "sh")
	ctx, cancel := context.WithTimeout(t.Context(), 4*time.Minute)
	defer cancel()
	cmd := w.Command(ctx)
	cmd.Path, cmd.Args = shell, []string{"sh", "-e", "-c", script}
	cmd.WaitDelay = 10 * time.Second // children of the shell can outlive it
	printed, err := cmd.CombinedOutput()
	code, err = acctest.ExitCode(ctx, cmd, err)
	if err != nil {
		t.Fatalf("%s\n%v\n%s", script, err, printed)
	}
	return string(printed), code
}
