package provider_test

import (
	"fmt"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"

	"github.com/opentelekomcloud-community/terraform-provider-modelarts/internal/acctest"
	"github.com/opentelekomcloud-community/terraform-provider-modelarts/internal/simulator"
)

const pipelines = examples + "/guides/pipeline"

// ciFile is a decoded GitHub workflow or .gitlab-ci.yml.
type ciFile map[string]any

func readCI(t *testing.T, parts ...string) (file ciFile) {
	t.Helper()
	if err := yaml.Unmarshal([]byte(read(t, parts...)), &file); err != nil {
		t.Fatal(err)
	}
	return file
}

// at returns the value at a path such as jobs.plan.steps.0.run, nil if there is none.
func (f ciFile) at(path string) any {
	var value any = f
	for key := range strings.SplitSeq(path, ".") {
		switch node := value.(type) {
		case ciFile: // the type of each mapping in it
			value = node[key]
		case []any:
			index, err := strconv.Atoi(key)
			if err != nil || index >= len(node) {
				return nil
			}
			value = node[index]
		default:
			return nil
		}
	}
	return value
}

// scripts returns the shell scripts of a job. CI runs each of them in a shell of its own.
func (f ciFile) scripts(job string) (scripts []string) {
	if lines, ok := f.at(job + ".script").([]any); ok {
		script := ""
		for _, line := range lines {
			script += fmt.Sprintln(line)
		}
		return []string{script}
	}
	steps, _ := f.at("jobs." + job + ".steps").([]any)
	for i := range steps {
		if script, ok := f.at(fmt.Sprintf("jobs.%s.steps.%d.run", job, i)).(string); ok {
			scripts = append(scripts, script+"\n")
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
	module := read(t, pipelines, "main.tf")
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
	// After the first plan, the jobs keep the provider, to save time: they install it with the same script as before.
	later := strings.NewReplacer(fmt.Sprint(github.at("jobs.plan.steps.3.run")), "", "terraform init\n", "")
	for i, step := range []struct {
		name    string
		scripts []string
		before  string // of each script
		code    int
		want    string
		status  int // of both jobs
	}{
		{"build the provider", gitlab.scripts("provider"), "", 0, "", 0},
		{"check", gitlab.scripts("validate"), "", 0, "The configuration is valid", 0},
		{"plan", github.scripts("plan"), "", 0, "2 to add", 0},
		{"apply", github.scripts("apply"), "", 0, "2 added", simulator.StatusRunning},
		{"plan for later", gitlab.scripts("plan"), "", 0, "No changes", simulator.StatusRunning},
		{"stop", github.scripts("switch"), "export TF_VAR_running=false\n", 0, "2 changed", simulator.StatusKilled},
		{"apply of an old plan", gitlab.scripts("apply"), "", 1, "Saved plan is stale", simulator.StatusKilled},
		{"start", gitlab.scripts("start"), "", 0, "2 changed", simulator.StatusRunning},
		{"stop again", gitlab.scripts("stop"), "", 0, "2 changed", simulator.StatusKilled},
		{"no drift, because the pipeline stopped the jobs", github.scripts("drift"), "", 0, "No changes", simulator.StatusKilled},
	} {
		var output string
		code := 0
		if i < 3 {
			newJob(t, w.Folder)
		}
		for _, script := range step.scripts {
			if i >= 3 {
				script = later.Replace(script)
			}
			output, code = runShell(t, w, step.before+here.Replace(script))
			if code != 0 {
				break
			}
		}
		if code != step.code || !strings.Contains(output, step.want) {
			t.Fatalf("%s: exit code %d, want %d and %q\n%s", step.name, code, step.code, step.want, output)
		}
		wantStatus(step.status)
	}

	cloud.RemoveJob(cloud.Jobs()[0].ID)
	if output, code := runShell(t, w, strings.TrimPrefix(gitlab.scripts("drift")[0], "terraform init\n")); code != 2 || !strings.Contains(output, "1 to add, 0 to change, 0 to destroy") {
		t.Errorf("drift: exit code %d\n%s", code, output)
	}

	// Actions stop and start the jobs, and apply no other change.
	t.Run("actions", func(t *testing.T) {
		acctest.NeedTerraform(t, actionVersion)
		w.MustRun(0, "apply", "-auto-approve", "-var=running=true")
		actions := read(t, pipelines, "actions.tf")
		w.Write("actions.tf", actions)
		w.Write("main.tf", strings.Replace(module, "    training-8 =", "    training-9 = \"/my-bucket/training-9/\"\n    training-8 =", 1))
		commands := regexp.MustCompile(`(?m)^# (terraform .+)$`).FindAllStringSubmatch(actions, -1)
		for i, status := range []int{simulator.StatusKilled, simulator.StatusRunning} {
			if output, code := runShell(t, w, commands[i][1]); code != 0 {
				t.Fatalf("%s: exit code %d\n%s", commands[i][1], code, output)
			}
			wantStatus(status)
		}
		if output := w.MustRun(0, "plan", "-no-color"); !strings.Contains(output, "1 to add, 0 to change, 0 to destroy") {
			t.Errorf("the plan has other changes:\n%s", output)
		}
	})
}

// newJob removes the files that one job of a pipeline leaves and the next one doesn't have: CI keeps only the module, the plan
// and the GitLab build of the provider.
func newJob(t *testing.T, folder string) {
	t.Helper()
	for _, name := range []string{"provider", ".terraform", ".terraform.lock.hcl"} {
		if err := os.RemoveAll(filepath.Join(folder, name)); err != nil {
			t.Fatal(err)
		}
	}
}

// providerRepository commits this tree to a repository of its own. It returns the variables with which a pipeline
// fetches that commit instead of one from GitHub.
func providerRepository(t *testing.T) map[string]string {
	t.Helper()
	git := acctest.NeedProgram(t, "git")
	repository := t.TempDir()
	if err := os.CopyFS(filepath.Join(repository, "internal"), os.DirFS(root+"internal")); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"GNUmakefile", "go.mod", "go.sum", "main.go"} {
		if err := os.WriteFile(filepath.Join(repository, name), []byte(read(t, root, name)), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	output := func(program string, args ...string) string {
		cmd := exec.CommandContext(t.Context(), program, args...)
		cmd.Dir = repository
		printed, err := cmd.CombinedOutput()
		if err != nil {
			t.Fatalf("%s: %v\n%s", strings.Join(args, " "), err, printed)
		}
		return strings.TrimSpace(string(printed))
	}
	output(git, "init", "--quiet")
	output(git, "add", ".")
	output(git, "-c", "user.name=test", "-c", "user.email=test@example.com", "commit", "--quiet", "--message=test")
	return map[string]string{
		"PROVIDER_COMMIT": output(git, "rev-parse", "HEAD"), "GIT_CONFIG_COUNT": "1",
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
		w.Write("backend.tf", local.Replace(read(t, pipelines, folder, "backend.tf")))
		if output, code := w.Run("init", "-reconfigure", "-no-color"); code != 1 || !strings.Contains(output, "connection refused") {
			t.Errorf("%s: exit code %d\n%s", folder, code, output)
		}
	}
}
