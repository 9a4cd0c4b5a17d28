package benchmark_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/opentelekomcloud-community/terraform-provider-modelarts/internal/acctest"
	"github.com/opentelekomcloud-community/terraform-provider-modelarts/internal/simulator"
)

const jobsConfig = `
terraform {
  required_providers {
    modelarts = { source = "opentelekomcloud-community/modelarts" }
  }
}
resource "modelarts_visualization_job" "many" {
  count     = %d
  name      = "job-${count.index}"
  train_url = "/benchmark/run-${count.index}/"
}
`

const dataConfig = `
resource "terraform_data" "many" {
  count = %d
  input = "job-${count.index}"
}
`

var (
	plan  = []string{"plan", "-detailed-exitcode", "-input=false", "-no-color"}
	apply = []string{"apply", "-auto-approve", "-input=false", "-no-color", "-parallelism=100"}
)

// BenchmarkRefresh plans with jobs in the state and nothing to change. The ratios are to a plan with as many
// terraform_data, which shows the cost of the CLI. Targets:
//
//	requests/op            at most 1 per 1000 jobs, and 10
//	cpu/terraform_data     at most 4 with 1000 jobs, and the same for time/terraform_data
//	provider-MiB           at most 60 with 1000 jobs
//	ns/op, latency=50ms    at most 1 s more than with latency=0s
//	ns/op, limit=20per1s   at most 2 s more than without a limit
func BenchmarkRefresh(b *testing.B) {
	for _, jobs := range []int{1, 100, 1000} {
		b.Run(fmt.Sprintf("jobs=%d", jobs), func(b *testing.B) {
			if testing.Short() && jobs > 100 {
				b.Skip("not with -short")
			}
			applied := acctest.Simulator(b, simulator.Options{})
			ours, data := acctest.NewWorkspace(b, applied.Env()), acctest.NewWorkspace(b, nil)
			ours.Write("main.tf", fmt.Sprintf(jobsConfig, jobs))
			data.Write("main.tf", fmt.Sprintf(dataConfig, jobs))
			ours.MustRun(0, apply...)
			data.MustRun(0, apply...)
			for _, c := range []struct {
				name    string
				options simulator.Options
			}{
				{"latency=0s", simulator.Options{}},
				{"latency=50ms", simulator.Options{Latency: 50 * time.Millisecond}},
				{"limit=20per1s", simulator.Options{RateLimit: 20}},
			} {
				b.Run(c.name, func(b *testing.B) {
					server := acctest.Simulator(b, c.options)
					for _, job := range applied.Jobs() {
						server.AddJob(job)
					}
					use(ours, server)
					benchmarkPlan(b, server, ours, data)
				})
			}
		})
	}
}

// benchmarkPlan measures alternately, so that a slow machine is slow for both workspaces.
func benchmarkPlan(b *testing.B, server *simulator.Server, ours, baseline *acctest.Workspace) {
	b.Helper()
	var own, other usage
	for b.Loop() {
		b.StopTimer()
		other.run(b, baseline, plan...)
		server.ResetRequests()
		b.StartTimer()
		own.run(b, ours, plan...)
		own.requests += len(server.Requests())
	}
	own.report(b)
	own.reportRatios(b, other, "terraform_data")
}
