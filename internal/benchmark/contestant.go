//go:build unix

package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/opentelekomcloud-community/terraform-provider-modelarts/internal/simulator"
)

// kind is a kind of resource that contestants have.
type kind struct {
	head     string // of the configuration
	resource string // type
	body     string // but for count; %d is the number of the first instance
	vary     func(instance object, i int)
}

var (
	jobKind = kind{
		head: `terraform {
  required_providers {
    modelarts = { source = "opentelekomcloud-community/modelarts" }
  }
}
variable "running" {
  type    = bool
  default = true
}
`,
		resource: "modelarts_visualization_job",
		body: `  name      = "job-${count.index + %[1]d}"
  train_url = "/benchmark/run-${count.index + %[1]d}/"
  running   = var.running
`,
		vary: varyJob,
	}
	exampleKind = kind{
		head: `terraform {
  required_providers {
    scaffolding = { source = "opentelekomcloud-community/scaffolding" }
  }
}
`,
		resource: "scaffolding_example",
		body:     "  # number %d and on\n",
		vary:     varyExample,
	}
	dataKind = kind{
		resource: "terraform_data",
		body:     "  input = \"job-${count.index + %d}\"\n",
		vary:     varyData,
	}
)

// config returns a configuration of n instances.
func (k kind) config(n int) string {
	var config strings.Builder
	config.WriteString(k.head)
	for _, block := range blocksOf(n) {
		fmt.Fprintf(&config, "resource %q %q {\n  count = %d\n", k.resource, block.name, block.count)
		fmt.Fprintf(&config, k.body+"}\n", block.first)
	}
	return config.String()
}

// kindOf returns what the contestant has.
func kindOf(contestant string) kind {
	switch contestant {
	case scaffolding:
		return exampleKind
	case terraformData:
		return dataKind
	default:
		return jobKind
	}
}

// template is one applied instance of a contestant's resource: the state that the CLI
// wrote, and the job that the simulator then had, if any.
type template struct {
	state []byte
	job   simulator.Job
}

// template applies one instance. Those with the same kind of resource share one: they
// have the same schema, and read the same jobs.
func (b *bench) template(ctx context.Context, contestant string) (*template, error) {
	if kindOf(contestant).resource == jobKind.resource {
		contestant = ours
	}
	if made := b.templates[contestant]; made != nil {
		return made, nil
	}
	server, err := simulator.Start(simulator.Options{}) //nolint:contextcheck // it lives until Close
	if err != nil {
		return nil, err
	}
	defer server.Close()
	w, err := b.workspaceOf(contestant, server, 1, nil)
	if err != nil {
		return nil, err
	}
	e, err := w.run(ctx, "apply", "-auto-approve", "-input=false", "-no-color")
	if err != nil {
		return nil, err
	}
	if e.code != 0 {
		return nil, fmt.Errorf("apply with %s: exit code %d\n%s", contestant, e.code, e.output)
	}
	made := &template{}
	if made.state, err = os.ReadFile(filepath.Join(w.Folder, stateFile)); err != nil {
		return nil, err
	}
	if jobs := server.Jobs(); len(jobs) > 0 {
		made.job = jobs[0]
	}
	b.templates[contestant] = made
	return made, nil
}

const stateFile = "terraform.tfstate"

// workspaceOf returns a workspace with n instances in the configuration, and with a
// template in the state as well.
func (b *bench) workspaceOf(contestant string, server *simulator.Server, n int, from *template) (*workspace, error) {
	w, err := b.workspace(contestant, server)
	if err != nil {
		return nil, err
	}
	k := kindOf(contestant)
	if err := w.Write("main.tf", k.config(n)); err != nil || from == nil {
		return w, err
	}
	state, err := multiply(from.state, n, k.vary)
	if err != nil {
		return nil, err
	}
	return w, w.Write(stateFile, string(state))
}

// startSimulator starts a simulator that has n jobs like this one.
func startSimulator(o simulator.Options, like simulator.Job, n int) (*simulator.Server, error) {
	o.JobLimit = max(simulator.DefaultJobLimit, n)
	server, err := simulator.Start(o)
	if err != nil {
		return nil, err
	}
	for i := range n {
		like.ID, like.Name, like.TrainURL = jobID(i), jobName(i), trainURL(i)
		server.AddJob(like)
	}
	return server, nil
}
