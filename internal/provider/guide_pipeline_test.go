package provider_test

import (
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"

	"github.com/opentelekomcloud-community/terraform-provider-modelarts/internal/acctest"
	"github.com/opentelekomcloud-community/terraform-provider-modelarts/internal/simulator"
)

const pipelines = examples + "/guides/pipeline"

// ciJobs has the jobs of a GitHub workflow or of a .gitlab-ci.yml.
type ciJobs map[string]yaml.Node

func readCI(t *testing.T, parts ...string) (jobs ciJobs) {
	t.Helper()
	err := yaml.Unmarshal([]byte(acctest.Read(t, parts...)), &jobs)
	if of, isGitHub := jobs["jobs"]; err == nil && isGitHub {
		err = of.Decode(&jobs)
	}
	if err != nil {
		t.Fatal(err)
	}
	return jobs
}

// scripts returns the shell scripts of a job. CI runs each of them in a shell of its own.
func (jobs ciJobs) scripts(t *testing.T, name string) (scripts []string) {
	t.Helper()
	var job struct {
		Script []string               // of GitLab
		Steps  []struct{ Run string } // of GitHub
	}
	node := jobs[name]
	if err := node.Decode(&job); err != nil {
		t.Fatal(err)
	}
	if len(job.Script) > 0 {
		return []string{strings.Join(job.Script, "\n") + "\n"}
	}
	for _, step := range job.Steps {
		if step.Run != "" {
			scripts = append(scripts, step.Run+"\n")
		}
	}
	return scripts
}

// The commands of both pipelines have the documented effects. Both files share one workspace, because their commands differ little.
func TestPipelineCommands(t *testing.T) {
	t.Parallel()
	cloud := acctest.Simulator(t, simulator.Options{})
	variables := cloud.Env()
	maps.Copy(variables, cloud.AccessKeyEnv())
	maps.Copy(variables, providerRepository(t))
	w, gitLabPath := newInstaller(t, variables)
	here := strings.NewReplacer("registry.terraform.io/opentelekomcloud-community/modelarts/0.0.1/linux_amd64", gitLabPath)
	module := acctest.Read(t, pipelines, "main.tf")
	w.Write("main.tf", module)
	github, gitlab := readCI(t, pipelines, "github", "workflow.yml"), readCI(t, pipelines, "gitlab", "gitlab-ci.yml")
	wantStatus := func(status int) {
		t.Helper()
		for _, job := range cloud.Jobs() {
			if job.Status != status {
				t.Fatalf("the status of %s is %d, want %d", job.Name, job.Status, status)
			}
		}
	}
	// The first jobs begin without the files of the job before them, as in CI. To save time, later jobs keep the provider. They would
	// install it with the same scripts, and GitHub's script has no folder for the provider.
	const installs = 2
	install := github.scripts(t, "plan")[0]
	if !strings.HasPrefix(gitlab.scripts(t, "provider")[0], strings.TrimSpace(install)+" PLUGIN_DIR=") {
		t.Errorf("GitLab doesn't install the provider as GitHub does:\n%s", install)
	}
	for i, step := range []struct {
		job       string
		ci        ciJobs
		variables string
		code      int
		want      string
		status    int // of all jobs
	}{
		{"provider", gitlab, "", 0, "", 0},
		{"validate", gitlab, "", 0, "The configuration is valid", 0},
		{"plan", github, "", 0, "2 to add", 0},
		{"apply", github, "", 0, "2 added", simulator.StatusRunning},
		{"plan", gitlab, "", 0, "No changes", simulator.StatusRunning},
		{"switch", github, "export TF_VAR_running=false\n", 0, "2 changed", simulator.StatusKilled},
		{"apply", gitlab, "", 1, "Saved plan is stale", simulator.StatusKilled},
		{"start", gitlab, "", 0, "2 changed", simulator.StatusRunning},
		{"stop", gitlab, "", 0, "2 changed", simulator.StatusKilled},
		{"drift", github, "", 0, "No changes", simulator.StatusKilled}, // because the pipeline stopped the jobs
		{"drift", gitlab, "", 2, "1 to add, 0 to change, 0 to destroy", simulator.StatusKilled},
	} {
		if i < installs {
			for _, name := range []string{"provider", ".terraform", ".terraform.lock.hcl"} {
				if err := os.RemoveAll(filepath.Join(w.Folder, name)); err != nil {
					t.Fatal(err)
				}
			}
		}
		if step.code == 2 {
			cloud.RemoveJob(cloud.Jobs()[0].ID)
		}
		var output string
		code := 0
		for _, script := range step.ci.scripts(t, step.job) {
			if i >= installs {
				script = strings.ReplaceAll(script, install, "")
			}
			if i > installs {
				script = strings.ReplaceAll(script, "terraform init\n", "")
			}
			if output, code = runShell(t, w, step.variables+here.Replace(script)); code != 0 {
				break
			}
		}
		if code != step.code || !strings.Contains(output, step.want) {
			t.Fatalf("job %d, %s: exit code %d, want %d and %q\n%s", i, step.job, code, step.code, step.want, output)
		}
		wantStatus(step.status)
	}

	// The step that replaces this one begins an action at the same time.
	morning := regexp.MustCompile(`github\.event\.schedule == '.*?'`).FindString(acctest.Read(t, pipelines, "github", "switch-step.yml"))
	if want := "TF_VAR_running: ${{ " + morning + " }}"; !strings.Contains(acctest.Read(t, pipelines, "github", "workflow.yml"), want) {
		t.Errorf("the workflow has no %s", want)
	}

	// Actions stop and start the jobs, and apply no other change.
	t.Run("actions", func(t *testing.T) {
		acctest.NeedTerraform(t, actionVersion)
		w.MustRun(0, "apply", "-auto-approve", "-var=running=true")
		actions := acctest.Read(t, pipelines, "actions.tf")
		w.Write("actions.tf", actions)
		w.Write("main.tf", strings.Replace(module, "    training-8 =", "    training-9 = \"/my-bucket/training-9/\"\n    training-8 =", 1))
		commands := regexp.MustCompile(`(?m)^# (terraform .+)$`).FindAllStringSubmatch(actions, -1)
		for i, status := range []int{simulator.StatusKilled, simulator.StatusRunning} {
			if output, code := runShell(t, w, commands[i][1]); code != 0 {
				t.Fatalf("%s: exit code %d\n%s", commands[i][1], code, output)
			}
			wantStatus(status)
		}
		acctest.WantOutput(t, w.MustRun(0, "plan", "-no-color"), "1 to add, 0 to change, 0 to destroy")
	})
}

// providerRepository commits this tree to a repository of its own. It returns the variables with which a pipeline
// fetches that commit instead of one from GitHub.
func providerRepository(t *testing.T) map[string]string {
	t.Helper()
	repository := t.TempDir()
	copyTree(t, repository)
	git := func(args ...string) string {
		cmd := exec.CommandContext(t.Context(), acctest.NeedProgram(t, "git"), args...)
		cmd.Dir = repository
		printed, err := cmd.CombinedOutput()
		if err != nil {
			t.Fatalf("git %q: %v\n%s", args, err, printed)
		}
		return strings.TrimSpace(string(printed))
	}
	git("init", "--quiet")
	git("add", ".")
	git("-c", "user.name=test", "-c", "user.email=test@example.com", "commit", "--quiet", "--message=test")
	return map[string]string{
		"PROVIDER_COMMIT": git("rev-parse", "HEAD"), "GIT_CONFIG_COUNT": "1",
		"GIT_CONFIG_KEY_0":   "url." + repository + ".insteadOf",
		"GIT_CONFIG_VALUE_0": "https://github.com/opentelekomcloud-community/terraform-provider-modelarts",
	}
}

// terraform validate ignores the arguments of a backend. terraform init checks them before it fails to reach the store.
func TestPipelineBackends(t *testing.T) {
	t.Parallel()
	const nowhere = "http://127.0.0.1:1"
	w := acctest.NewWorkspace(t, map[string]string{
		"AWS_ACCESS_KEY_ID": "key", "AWS_SECRET_ACCESS_KEY": "secret", "AWS_MAX_ATTEMPTS": "1",
		"TF_HTTP_ADDRESS": nowhere, "TF_HTTP_RETRY_MAX": "0",
	})
	local := strings.NewReplacer("https://obs.eu-de.otc.t-systems.com", nowhere, "bucket =", "use_path_style = true\nbucket =")
	for _, folder := range []string{"github", "gitlab"} {
		w.Write("backend.tf", local.Replace(acctest.Read(t, pipelines, folder, "backend.tf")))
		acctest.WantOutput(t, w.MustRun(1, "init", "-reconfigure", "-no-color"), "connection refused")
	}
}

// The module's tests in the guide pass in the guide's workflow, with the provider and the simulator that it builds.
func TestGuideTesting(t *testing.T) {
	t.Parallel()
	folder := filepath.Join(examples, "guides", "testing")
	w, _ := newInstaller(t, map[string]string{})
	provider, err := filepath.Abs(root)
	if err == nil {
		err = os.Symlink(provider, filepath.Join(w.Folder, "provider"))
	}
	if err == nil {
		err = os.CopyFS(w.Folder, os.DirFS(filepath.Join(folder, "module")))
	}
	if err != nil {
		t.Fatal(err)
	}
	var output string
	for _, script := range readCI(t, folder, "workflow.yml").scripts(t, "test") {
		printed, code := runShell(t, w, script)
		if code != 0 {
			t.Fatalf("%s: exit code %d\n%s", script, code, printed)
		}
		output += printed
	}
	acctest.WantOutput(t, output, "7 passed, 0 failed", "5 passed, 0 failed", "Recovered visualization job")
}
