package provider_test

import (
	"maps"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"

	"github.com/opentelekomcloud-community/terraform-provider-modelarts/internal/acctest"
	"github.com/opentelekomcloud-community/terraform-provider-modelarts/internal/simulator"
)

const pipelines = examples + "/guides/pipeline"

// ciJob is a job of a GitHub workflow or of a GitLab pipeline.
type ciJob struct {
	If          string // GitHub's fields
	Needs       string
	Environment string
	Concurrency struct {
		Group            string
		CancelInProgress bool `yaml:"cancel-in-progress"`
	}
	Steps []struct {
		Uses, Run string
		With      map[string]string
	}

	Rules         []struct{ If, When string } // GitLab's fields
	ResourceGroup string                      `yaml:"resource_group"`
	Interruptible bool
	Script        []string
	Artifacts     struct{ Paths []string }
}

// scripts returns the shell scripts of the job, each of which CI runs in a shell of its own.
func (j ciJob) scripts() []string {
	if j.Script != nil {
		return []string{strings.Join(j.Script, "\n")}
	}
	var scripts []string
	for _, step := range j.Steps {
		if step.Run != "" {
			scripts = append(scripts, step.Run)
		}
	}
	return scripts
}

// applies reports whether the job changes anything.
func (j ciJob) applies() bool {
	return strings.Contains(strings.Join(j.scripts(), "\n"), "terraform apply")
}

// action returns the inputs of the step that uses an action, nil if there is none.
func (j ciJob) action(name string) map[string]string {
	for _, step := range j.Steps {
		if strings.HasPrefix(step.Uses, name+"@") {
			return step.With
		}
	}
	return nil
}

func decodeYAML(t *testing.T, content string, target any) {
	t.Helper()
	if err := yaml.Unmarshal([]byte(content), target); err != nil {
		t.Fatal(err)
	}
}

// workflowJobs returns the jobs of a GitHub workflow.
func workflowJobs(t *testing.T, content string) map[string]ciJob {
	t.Helper()
	var file struct{ Jobs map[string]ciJob }
	decodeYAML(t, content, &file)
	return file.Jobs
}

// gitlabJobs returns the jobs of a .gitlab-ci.yml.
func gitlabJobs(t *testing.T, content string) map[string]ciJob {
	t.Helper()
	var sections map[string]yaml.Node
	decodeYAML(t, content, &sections)
	jobs := map[string]ciJob{}
	for name, section := range sections {
		var job ciJob
		if section.Kind == yaml.MappingNode && section.Decode(&job) == nil && job.Script != nil {
			jobs[name] = job
		}
	}
	return jobs
}

var schedule = regexp.MustCompile(`github\.event\.schedule == '(.+?)'`)

// A pull request only plans, with the credentials of the environment "plan", which can only read, and a fork gets none.
// One apply at a time runs, and none is cancelled. Without -auto-approve, it applies the plan that was reviewed.
func TestPipelinePromisesOfGitHub(t *testing.T) {
	t.Parallel()
	content := read(t, pipelines, "github", "workflow.yml")
	var workflow struct {
		On struct {
			Push     struct{ Branches []string }
			Schedule []struct{ Cron string }
			Others   map[string]any `yaml:",inline"`
		}
	}
	decodeYAML(t, content, &workflow)
	others := slices.Collect(maps.Keys(workflow.On.Others))
	if !slices.Equal(others, []string{"pull_request"}) || !slices.Equal(workflow.On.Push.Branches, []string{"main"}) {
		t.Errorf("it also runs on %q, and on a push to %q", others, workflow.On.Push.Branches)
	}
	scheduled, expected := map[string]bool{}, map[string]bool{}
	for _, s := range workflow.On.Schedule {
		scheduled[s.Cron] = true
	}
	for _, condition := range schedule.FindAllStringSubmatch(content, -1) {
		expected[condition[1]] = true
	}
	if !maps.Equal(scheduled, expected) {
		t.Errorf("it runs at %v, and expects %v", scheduled, expected)
	}
	jobs := workflowJobs(t, content)
	for name, job := range jobs {
		reviewed := !slices.ContainsFunc(strings.Split(job.If, " || "), func(condition string) bool {
			return condition != "github.event_name == 'push'" && !schedule.MatchString(condition)
		})
		if job.applies() != (job.Environment != "plan") || job.applies() && !reviewed {
			t.Errorf("%s runs if %s, with the credentials of %q: %q", name, job.If, job.Environment, job.scripts())
		}
		if job.applies() && (job.Concurrency.Group != "boards" || job.Concurrency.CancelInProgress || !slices.ContainsFunc(job.scripts(), func(script string) bool {
			return strings.HasPrefix(script, "exec terraform apply ")
		})) {
			t.Errorf("%s isn't alone, or doesn't end by itself: %+v, %q", name, job.Concurrency, job.scripts())
		}
		if job.action("hashicorp/setup-terraform")["terraform_wrapper"] != "false" {
			t.Errorf("%s has the wrapper, which hides exit code 2", name)
		}
	}
	saved := jobs["plan"].action("actions/upload-artifact")
	wantSavedPlan(t, jobs["plan"], jobs["apply"], saved["path"])
	if got := jobs["apply"].action("actions/download-artifact")["name"]; got != saved["name"] || jobs["apply"].Needs != "plan" {
		t.Errorf("the apply needs %q, and downloads %q instead of %q", jobs["apply"].Needs, got, saved["name"])
	}
}

func TestPipelinePromisesOfGitLab(t *testing.T) {
	t.Parallel()
	jobs := gitlabJobs(t, read(t, pipelines, "gitlab", "gitlab-ci.yml"))
	for name, job := range jobs {
		if !job.applies() {
			continue
		}
		if len(job.Rules) != 1 || job.ResourceGroup != "boards" || job.Interruptible {
			t.Fatalf("%s can run by other rules or beside others, or be cancelled: %+v", name, job)
		}
		scheduled := strings.HasPrefix(job.Rules[0].If, `$CI_PIPELINE_SOURCE == "schedule" && `)
		reviewed := strings.HasSuffix(job.Rules[0].If, " && $CI_COMMIT_BRANCH == $CI_DEFAULT_BRANCH") && job.Rules[0].When == "manual"
		if !scheduled && !reviewed {
			t.Errorf("%s applies by the rule %+v", name, job.Rules[0])
		}
	}
	if paths := jobs["plan"].Artifacts.Paths; len(paths) == 1 {
		wantSavedPlan(t, jobs["plan"], jobs["apply"], paths[0])
	} else {
		t.Errorf("the artifacts are %q", paths)
	}
}

// wantSavedPlan checks that one job makes the plan that the other one applies.
func wantSavedPlan(t *testing.T, plan, apply ciJob, file string) {
	t.Helper()
	made, used := strings.Join(plan.scripts(), "\n"), strings.Join(apply.scripts(), "\n")
	if file == "" || !strings.HasSuffix(made, " -out="+file) || !strings.HasSuffix(used, " "+file) || strings.Contains(used, "-auto-approve") {
		t.Errorf("the plan is in %q, but\n%s\n%s", file, made, used)
	}
}

// The commands of both pipelines do what the guide says. Both files share one day, as their commands differ little.
func TestPipelineCommands(t *testing.T) {
	t.Parallel()
	cloud := acctest.Simulator(t, simulator.Options{})
	variables := cloud.Env()
	maps.Copy(variables, cloud.AccessKeyEnv())
	w := newRunner(t, variables)
	module := read(t, pipelines, "main.tf")
	w.Write("main.tf", module)
	github := workflowJobs(t, read(t, pipelines, "github", "workflow.yml"))
	gitlab := gitlabJobs(t, read(t, pipelines, "gitlab", "gitlab-ci.yml"))
	expect := func(status int) {
		t.Helper()
		for _, job := range cloud.Jobs() {
			if job.Status != status {
				t.Fatalf("the status of %s is %d, want %d", job.Name, job.Status, status)
			}
		}
	}
	for _, step := range []struct {
		name   string
		job    ciJob
		before string // of the scripts
		code   int
		says   string
		status int // of both jobs
	}{
		{"plan", github["plan"], "", 0, "2 to add", 0},
		{"apply", github["apply"], "", 0, "2 added", simulator.StatusRunning},
		{"plan for later", gitlab["plan"], "", 0, "No changes", simulator.StatusRunning},
		{"stop", github["switch"], "export TF_VAR_running=false\n", 0, "2 changed", simulator.StatusKilled},
		{"no drift: the jobs were stopped on purpose", github["drift"], "", 0, "No changes", simulator.StatusKilled},
		{"apply of an old plan", gitlab["apply"], "", 1, "Saved plan is stale", simulator.StatusKilled},
		{"start", gitlab["start"], "", 0, "2 changed", simulator.StatusRunning},
		{"stop again", gitlab["stop"], "", 0, "2 changed", simulator.StatusKilled},
	} {
		var output string
		code := 0
		for _, script := range step.job.scripts() {
			output, code = runShell(t, w, step.before+script)
			if code != 0 {
				break
			}
		}
		if code != step.code || !strings.Contains(output, step.says) {
			t.Fatalf("%s: exit code %d, want %d and %q\n%s", step.name, code, step.code, step.says, output)
		}
		expect(step.status)
	}

	cloud.RemoveJob(cloud.Jobs()[0].ID)
	if output, code := runShell(t, w, gitlab["drift"].scripts()[0]); code != 2 || !strings.Contains(output, "1 to add, 0 to change, 0 to destroy") {
		t.Errorf("drift: exit code %d\n%s", code, output)
	}

	// Actions stop and start the jobs, and leave alone the changes that wait for an apply.
	t.Run("actions", func(t *testing.T) {
		acctest.NeedTerraform(t, "1.14.0")
		w.MustRun(0, "apply", "-auto-approve", "-var=running=true")
		actions := read(t, pipelines, "actions.tf")
		w.Write("actions.tf", actions)
		w.Write("main.tf", strings.Replace(module, "    training-8 =", "    training-9 = \"/my-bucket/training-9/\"\n    training-8 =", 1))
		statuses := []int{simulator.StatusKilled, simulator.StatusRunning}
		for i, command := range regexp.MustCompile(`(?m)^# (terraform .+)$`).FindAllStringSubmatch(actions, -1) {
			if output, code := runShell(t, w, command[1]); code != 0 {
				t.Fatalf("%s: exit code %d\n%s", command[1], code, output)
			}
			expect(statuses[i])
		}
		if output := w.MustRun(0, "plan", "-no-color"); !strings.Contains(output, "1 to add, 0 to change, 0 to destroy") {
			t.Errorf("something else is to be done:\n%s", output)
		}
	})
}

// An action is pinned to a commit, with its version beside it: in what users copy, and in
// what this repository runs.
func TestActionsArePinned(t *testing.T) {
	pinned := regexp.MustCompile(`^ +(- )?uses: [\w./-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+$`)
	own, err := filepath.Glob("../../.github/workflows/*")
	if err != nil || len(own) == 0 {
		t.Fatalf("there are no workflows: %v", err)
	}
	for _, workflow := range append(own, pipelines+"/github/workflow.yml", examples+"/guides/testing/workflow.yml") {
		for line := range strings.Lines(read(t, workflow)) {
			if strings.Contains(line, "uses:") && !pinned.MatchString(strings.TrimRight(line, "\n")) {
				t.Errorf("%s: not pinned: %s", workflow, line)
			}
		}
	}
}
