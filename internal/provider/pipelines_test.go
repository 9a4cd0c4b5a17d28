package provider_test

import (
	"archive/zip"
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/opentelekomcloud-community/terraform-provider-modelarts/internal/acctest"
	"github.com/opentelekomcloud-community/terraform-provider-modelarts/internal/simulator"
)

const pipelines = examples + "/guides/pipeline"

// pipeline plays the jobs of a pipeline's file, each on a runner of its own that
// has nothing but the repository and what earlier jobs left.
type pipeline struct {
	t          *testing.T
	cloud      *simulator.Server
	jobs       []pipelineJob
	repository map[string]string // content of its files
	artifacts  map[string]string
	variables  func(job string) map[string]string // that the service sets, and its users
	expand     func(value string, variables map[string]string) string
}

// newPipeline returns one with the guide's module and the files of a folder.
func newPipeline(t *testing.T, folder, state string) *pipeline {
	t.Helper()
	return &pipeline{
		t:     t,
		cloud: acctest.Simulator(t, simulator.Options{}),
		repository: map[string]string{
			"main.tf":    read(t, pipelines, "main.tf"),
			"backend.tf": read(t, pipelines, folder, state),
		},
		artifacts: map[string]string{},
	}
}

// trigger runs the jobs that an event has run, and those that somebody has to
// start when byHand says so. It returns the exit codes and what was printed.
func (p *pipeline) trigger(byHand bool, event map[string]string) (codes map[string]int, output string) {
	p.t.Helper()
	codes = map[string]int{}
	value := func(name string) string { return event[strings.TrimPrefix(name, "$")] }
	for _, job := range p.jobs {
		runs := slices.ContainsFunc(job.runs, func(condition string) bool { return holds(p.t, condition, value) })
		if !runs || job.manual && !byHand {
			continue
		}
		printed, code := p.run(job, event)
		output += printed
		if codes[job.name] = code; code != 0 {
			break
		}
	}
	return codes, output
}

// must is trigger for an event that has exactly these jobs run, without an error.
func (p *pipeline) must(event map[string]string, names ...string) (output string) {
	p.t.Helper()
	codes, output := p.trigger(true, event)
	want := map[string]int{}
	for _, name := range names {
		want[name] = 0
	}
	if !maps.Equal(codes, want) {
		p.t.Fatalf("%v: the jobs' exit codes are %v, want %v\n%s", event, codes, want, output)
	}
	return output
}

// run runs a job.
func (p *pipeline) run(job pipelineJob, event map[string]string) (output string, code int) {
	p.t.Helper()
	variables := p.variables(job.name)
	maps.Copy(variables, event)
	env := map[string]string{"OS_AUTH_URL": p.cloud.AuthURL(), "PATH": os.Getenv("PATH")}
	for name, value := range variables {
		if strings.HasPrefix(name, "OS_") || slices.Contains([]string{"TF_CLI_ARGS_init", "AWS_CA_BUNDLE"}, name) {
			env[name] = value
		}
	}
	for name, value := range job.env {
		env[name] = p.expand(value, variables)
	}
	runner := newRunner(p.t, env)
	for name, content := range p.repository {
		runner.Write(name, content)
	}
	if job.takesAll {
		for name, content := range p.artifacts {
			runner.Write(name, content)
		}
	}
	for _, script := range job.scripts {
		printed, exit := runShell(p.t, runner, script)
		output += printed
		if exit != 0 {
			return output, exit
		}
	}
	for _, name := range job.keeps {
		p.artifacts[name] = read(p.t, runner.Folder, name)
		p.noSecretsIn(name, variables)
	}
	return output, 0
}

// noSecretsIn checks a plan that was kept.
func (p *pipeline) noSecretsIn(plan string, variables map[string]string) {
	p.t.Helper()
	content := p.artifacts[plan]
	archive, err := zip.NewReader(strings.NewReader(content), int64(len(content)))
	if err != nil {
		p.t.Fatal(err)
	}
	for _, packed := range archive.File {
		file, err := packed.Open()
		if err != nil {
			p.t.Fatal(err)
		}
		unpacked, err := io.ReadAll(file)
		if err != nil {
			p.t.Fatal(err)
		}
		for _, name := range []string{"OS_SECRET_KEY", "CI_JOB_TOKEN"} {
			if secret := variables[name]; secret != "" && bytes.Contains(unpacked, []byte(secret)) {
				p.t.Errorf("%s is in %s of the plan", name, packed.Name)
			}
		}
	}
}

// statuses are those of all jobs, by name.
func (p *pipeline) statuses() map[string]int {
	statuses := map[string]int{}
	for _, job := range p.cloud.Jobs() {
		statuses[job.Name] = job.Status
	}
	return statuses
}

// expect checks the status of both jobs of the guide's module.
func (p *pipeline) expect(status int) {
	p.t.Helper()
	want := map[string]int{"training-7": status, "training-8": status}
	if got := p.statuses(); !maps.Equal(got, want) {
		p.t.Fatalf("the statuses are %v, want %v", got, want)
	}
}

var referenceGitHub = regexp.MustCompile(`\$\{\{ (.+?) \}\}`)

// Both pipelines of the guide do what it says they do: they are played, command by
// command as they stand in the files, against imitations of the cloud and of what
// keeps the state.
func TestPipelineGitLab(t *testing.T) {
	t.Parallel()
	p := newPipeline(t, "gitlab", "backend.tf")
	p.jobs = gitlabJobs(t, read(t, pipelines, "gitlab", "gitlab-ci.yml"))
	p.expand = func(value string, variables map[string]string) string {
		return os.Expand(value, func(name string) string { return variables[name] })
	}
	state := newGitLabState(t)
	started := 0
	p.variables = func(string) map[string]string {
		started++
		token := fmt.Sprintf("job-token-%d", started) // that of another job is good no more
		state.admit(token)
		variables := p.cloud.AccessKeyEnv()
		variables["CI_API_V4_URL"], variables["CI_PROJECT_ID"], variables["CI_JOB_TOKEN"] = state.url, "7", token
		return variables
	}
	event := func(source, task string) map[string]string {
		return map[string]string{
			"CI_PIPELINE_SOURCE": source, "TASK": task, "CI_COMMIT_BRANCH": "main", "CI_DEFAULT_BRANCH": "main",
		}
	}
	push := event("push", "")
	merge := maps.Clone(push)
	merge["CI_PIPELINE_SOURCE"], merge["CI_COMMIT_BRANCH"] = "merge_request_event", ""

	testPipeline(p, pipelineEvents{
		merge: merge, mergeJobs: []string{"validate", "plan"},
		push: push, pushJobs: []string{"validate", "plan", "apply"},
		stop: event("schedule", "stop"), stopJob: "stop",
		start: event("schedule", "start"), startJob: "start",
		drift: event("schedule", "drift"),
	})

	if state.lock != nil || state.locks < 5 {
		t.Errorf("the state was locked %d times, and is locked by %q", state.locks, state.lock)
	}
}

func TestPipelineGitHub(t *testing.T) {
	t.Parallel()
	workflow := read(t, pipelines, "github", "workflow.yml")
	p := newPipeline(t, "github", "backend.tf")
	p.jobs = githubJobs(t, workflow)
	p.expand = func(value string, variables map[string]string) string {
		return referenceGitHub.ReplaceAllStringFunc(value, func(reference string) string {
			expression := referenceGitHub.FindStringSubmatch(reference)[1]
			if secret, ok := strings.CutPrefix(expression, "secrets."); ok {
				return variables[secret]
			}
			return fmt.Sprint(holds(t, expression, func(name string) string { return variables[name] }))
		})
	}
	store := newOBS(t)
	p.variables = func(string) map[string]string {
		variables := p.cloud.AccessKeyEnv()
		// The file has the address of OBS.
		variables["TF_CLI_ARGS_init"] = fmt.Sprintf(`-backend-config='endpoints={s3="%s"}' -backend-config=use_path_style=true`, store.url)
		variables["AWS_CA_BUNDLE"] = store.caFile
		return variables
	}
	crons := scheduled(t, workflow)
	event := func(name, cron string) map[string]string {
		if cron != "" && !slices.Contains(crons, cron) {
			t.Errorf("nothing is scheduled at %q", cron)
		}
		return map[string]string{"github.event_name": name, "github.event.schedule": cron}
	}
	testPipeline(p, pipelineEvents{
		merge: event("pull_request", ""), mergeJobs: []string{"plan"},
		push: event("push", ""), pushJobs: []string{"plan", "apply"},
		stop: event("schedule", "23 19 * * *"), stopJob: "switch",
		start: event("schedule", "23 6 * * 1-5"), startJob: "switch",
		drift: event("schedule", "23 3 * * *"),
	})
	if stored := store.object("/my-terraform-state/boards.tfstate"); !json.Valid([]byte(stored)) {
		t.Errorf("this is no state:\n%s", stored)
	}
	for _, job := range p.jobs {
		for _, cron := range regexp.MustCompile(`github\.event\.schedule == '(.+?)'`).FindAllStringSubmatch(job.runs[0]+job.env["TF_VAR_running"], -1) {
			if !slices.Contains(crons, cron[1]) {
				t.Errorf("%s waits for a schedule of %q, and there is none", job.name, cron[1])
			}
		}
	}
}

// Where there are actions, they stop and start the jobs, and leave alone what waits
// to be applied.
func TestPipelineActions(t *testing.T) {
	t.Parallel()
	acctest.NeedTerraform(t, "1.14.0")
	p := &pipeline{t: t, cloud: acctest.Simulator(t, simulator.Options{})}
	runner := newRunner(t, p.cloud.Env())
	module, actions := read(t, pipelines, "main.tf"), read(t, pipelines, "actions.tf")
	runner.Write("main.tf", module)
	runner.Write("actions.tf", actions)
	commands := regexp.MustCompile(`(?m)^# (terraform .+)$`).FindAllStringSubmatch(actions, -1)
	if len(commands) != 2 {
		t.Fatalf("the commands are %q", commands)
	}
	must := func(script string) (output string) {
		t.Helper()
		output, code := runShell(t, runner, script)
		if code != 0 {
			t.Fatalf("%s: exit code %d\n%s", script, code, output)
		}
		return output
	}
	must("terraform init\nterraform apply -auto-approve")
	runner.Write("main.tf", strings.Replace(module, "    training-8 =", "    training-9 = \"/my-bucket/training-9/\"\n    training-8 =", 1))
	must(commands[0][1])
	p.expect(simulator.StatusKilled)
	must(commands[1][1])
	p.expect(simulator.StatusRunning)
	if output := must("terraform plan"); !strings.Contains(output, "1 to add, 0 to change, 0 to destroy") {
		t.Errorf("something else is to be done:\n%s", output)
	}
}

// scheduled are the times at which a workflow runs.
func scheduled(t *testing.T, workflow string) (crons []string) {
	t.Helper()
	var file struct {
		On struct{ Schedule []struct{ Cron string } }
	}
	decodeYAML(t, workflow, &file)
	for _, schedule := range file.On.Schedule {
		crons = append(crons, schedule.Cron)
	}
	return crons
}

// pipelineEvents are what happens to a repository, and the jobs that it has run.
type pipelineEvents struct {
	merge, push, stop, start, drift map[string]string
	mergeJobs, pushJobs             []string
	stopJob, startJob               string
}

// testPipeline plays some days of a pipeline.
func testPipeline(p *pipeline, e pipelineEvents) {
	t := p.t
	p.must(e.merge, e.mergeJobs...)
	if jobs := p.cloud.Jobs(); len(jobs) > 0 {
		t.Fatalf("a merge request made %d jobs", len(jobs))
	}
	p.must(e.push, e.pushJobs...)
	p.expect(simulator.StatusRunning)

	p.must(e.stop, e.stopJob)
	p.expect(simulator.StatusKilled)
	p.must(e.drift, "drift") // what was stopped on purpose is none
	if output := p.must(e.push, e.pushJobs...); !strings.Contains(output, "0 added, 0 changed, 0 destroyed") {
		t.Errorf("a push in the night changed something:\n%s", output)
	}
	p.expect(simulator.StatusKilled)
	p.must(e.start, e.startJob)
	p.expect(simulator.StatusRunning)

	// A plan is not applied when something else was applied since.
	codes, output := p.trigger(false, e.push)
	if len(codes) != len(e.pushJobs) { // it waits for somebody to start it
		stale := p.artifacts
		p.must(e.stop, e.stopJob)
		p.artifacts = stale
		apply := p.jobs[slices.IndexFunc(p.jobs, func(j pipelineJob) bool { return j.name == "apply" })]
		if output, code := p.run(apply, e.push); code != 1 || !strings.Contains(output, "Saved plan is stale") {
			t.Errorf("the apply of a stale plan: exit code %d\n%s", code, output)
		}
		p.must(e.start, e.startJob)
	} else if codes["apply"] != 0 {
		t.Error(output)
	}

	// Somebody deletes a job: this is drift, and the next apply mends it.
	p.cloud.RemoveJob(p.cloud.Jobs()[0].ID)
	codes, output = p.trigger(false, e.drift)
	if !maps.Equal(codes, map[string]int{"drift": 2}) || !strings.Contains(output, "1 to add, 0 to change, 0 to destroy") {
		t.Fatalf("the job that looks for drift: exit codes %v\n%s", codes, output)
	}
	p.must(e.push, e.pushJobs...)
	p.expect(simulator.StatusRunning)
}
