package provider_test

import (
	"cmp"
	"maps"
	"regexp"
	"slices"
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"
)

// pipelineJob is a job of a pipeline's file, as far as these tests play it.
type pipelineJob struct {
	name     string
	runs     []string          // conditions, any of which has it run
	manual   bool              // somebody has to start it
	env      map[string]string // with references to variables in it
	scripts  []string          // each has a shell of its own
	keeps    []string          // files it leaves for later jobs
	takesAll bool              // it gets what earlier jobs left
}

// named is a value of a YAML mapping whose order matters, with its key.
type named[T any] struct {
	name  string
	value T
}

// inOrder decodes the values of a mapping in their order.
func inOrder[T any](t *testing.T, mapping *yaml.Node, leaveOut ...string) []named[T] {
	t.Helper()
	var all []named[T]
	for i := 0; i+1 < len(mapping.Content); i += 2 {
		n := named[T]{name: mapping.Content[i].Value}
		if slices.Contains(leaveOut, n.name) {
			continue
		}
		if err := mapping.Content[i+1].Decode(&n.value); err != nil {
			t.Fatalf("%s: %v", n.name, err)
		}
		all = append(all, n)
	}
	return all
}

func decodeYAML(t *testing.T, content string, target any) {
	t.Helper()
	if err := yaml.Unmarshal([]byte(content), target); err != nil {
		t.Fatal(err)
	}
}

// gitlabJobs reads a .gitlab-ci.yml. The jobs come in the order of their stages.
func gitlabJobs(t *testing.T, content string) []pipelineJob {
	t.Helper()
	var (
		document yaml.Node
		file     struct {
			Stages    []string
			Variables map[string]string
		}
		jobs []pipelineJob
	)
	decodeYAML(t, content, &document)
	decodeYAML(t, content, &file)
	type job struct {
		Stage     string
		Rules     []struct{ If, When string }
		Script    []string
		Artifacts struct{ Paths []string }
	}
	described := inOrder[job](t, document.Content[0], "stages", "workflow", "default", "variables")
	slices.SortStableFunc(described, func(a, b named[job]) int {
		return cmp.Compare(slices.Index(file.Stages, a.value.Stage), slices.Index(file.Stages, b.value.Stage))
	})
	for _, d := range described {
		j := pipelineJob{
			name: d.name, env: file.Variables, keeps: d.value.Artifacts.Paths, takesAll: true,
			scripts: []string{strings.Join(d.value.Script, "\n")},
		}
		for _, rule := range d.value.Rules {
			j.runs = append(j.runs, rule.If)
			j.manual = j.manual || rule.When == "manual"
		}
		jobs = append(jobs, j)
	}
	return jobs
}

// githubJobs reads a workflow. The jobs have to stand in the order of their needs.
func githubJobs(t *testing.T, content string) []pipelineJob {
	t.Helper()
	var (
		file struct {
			Env  map[string]string
			Jobs yaml.Node
		}
		jobs []pipelineJob
	)
	decodeYAML(t, content, &file)
	type job struct {
		If    string
		Env   map[string]string
		Steps []struct {
			Uses, Run string
			With      map[string]string
		}
	}
	for _, d := range inOrder[job](t, &file.Jobs) {
		j := pipelineJob{name: d.name, runs: []string{d.value.If}, env: map[string]string{}}
		maps.Copy(j.env, file.Env)
		maps.Copy(j.env, d.value.Env)
		for _, step := range d.value.Steps {
			switch action, _, _ := strings.Cut(step.Uses, "@"); action {
			case "actions/upload-artifact":
				j.keeps = append(j.keeps, step.With["path"])
			case "actions/download-artifact":
				j.takesAll = true
			case "":
				j.scripts = append(j.scripts, step.Run)
			}
		}
		jobs = append(jobs, j)
	}
	return jobs
}

var comparison = regexp.MustCompile(`^(\S+) (==|!=) (.+)$`)

// holds evaluates a condition of GitLab or GitHub: comparisons with && and ||.
func holds(t *testing.T, condition string, variable func(string) string) bool {
	t.Helper()
	operand := func(s string) string {
		if strings.ContainsAny(s[:1], `'"`) {
			return s[1 : len(s)-1]
		}
		return variable(s)
	}
	return slices.ContainsFunc(strings.Split(condition, " || "), func(all string) bool {
		return !slices.ContainsFunc(strings.Split(all, " && "), func(one string) bool {
			parts := comparison.FindStringSubmatch(one)
			if parts == nil {
				t.Fatalf("cannot evaluate %q", one)
			}
			return (operand(parts[1]) == operand(parts[3])) != (parts[2] == "==")
		})
	})
}
