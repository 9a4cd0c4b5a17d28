package benchmark_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"testing"
	"time"

	"github.com/opentelekomcloud-community/terraform-provider-modelarts/internal/acctest"
	"github.com/opentelekomcloud-community/terraform-provider-modelarts/internal/simulator"
)

// BenchmarkCreate creates jobs and waits until they run. Metrics besides those of the package, and targets:
//
//	requests/op        at most 160 for 100 jobs without a limit
//	lag-ms             longest time from the moment when a job runs until the CLI reports the job as created:
//	                   at most 1 s, or a tenth of the wait if that is longer
//	rejected/create    requests that got 429, for each job: at most 1.5
func BenchmarkCreate(b *testing.B) {
	for _, c := range []struct {
		name        string
		jobs        int
		parallelism int
		options     simulator.Options
	}{
		{"jobs=1/wait=5s", 1, 10, simulator.Options{Transition: 5 * time.Second}},
		{"jobs=1/wait=20s", 1, 10, simulator.Options{Transition: 20 * time.Second}},
		{"jobs=100/wait=5s", 100, 100, simulator.Options{Transition: 5 * time.Second}},
		{"jobs=100/limit=20per1s", 100, 10, simulator.Options{RateLimit: 20}},
		{"jobs=25/limit=15per20s", 25, 10, simulator.Options{RateLimit: 15, RateWindow: 20 * time.Second}},
	} {
		b.Run(c.name, func(b *testing.B) {
			if testing.Short() && (c.options.Transition > 5*time.Second || c.options.RateWindow > 0) {
				b.Skip("not with -short")
			}
			w := acctest.NewWorkspace(b, nil)
			w.Write("main.tf", fmt.Sprintf(jobsConfig, c.jobs))
			var used usage
			var lag time.Duration
			rejected := 0
			for b.Loop() {
				b.StopTimer()
				server := acctest.Simulator(b, c.options)
				use(w, server)
				if err := os.RemoveAll(filepath.Join(w.Folder, "terraform.tfstate")); err != nil {
					b.Fatal(err)
				}
				b.StartTimer()
				used.run(b, w, "apply", "-auto-approve", "-json", fmt.Sprintf("-parallelism=%d", c.parallelism))
				used.requests += len(server.Requests())
				lag = max(lag, maxLag(b, used.output, server.Jobs(), c.options.Transition))
				for _, call := range server.Requests() {
					if call.Status == http.StatusTooManyRequests {
						rejected++
					}
				}
			}
			used.report(b)
			if c.options.Transition > 0 {
				b.ReportMetric(milliseconds(lag), "lag-ms")
			} else {
				b.ReportMetric(float64(rejected)/float64(used.runs*c.jobs), "rejected/create")
			}
		})
	}
}

// maxLag reads the output of apply -json and returns the longest time from the moment when a job runs until
// the CLI reports the job as created.
func maxLag(b *testing.B, output []byte, jobs []simulator.Job, transition time.Duration) (lag time.Duration) {
	b.Helper()
	running := map[string]time.Time{}
	for _, job := range jobs {
		running[strconv.FormatInt(job.ID, 10)] = job.CreateTime.Add(transition)
	}
	created := 0
	for line := range bytes.Lines(output) {
		var event struct {
			Type string    `json:"type"`
			Time time.Time `json:"@timestamp"`
			Hook struct {
				ID string `json:"id_value"`
			} `json:"hook"`
		}
		if json.Unmarshal(line, &event) == nil && event.Type == "apply_complete" {
			created++
			lag = max(lag, event.Time.Sub(running[event.Hook.ID]))
		}
	}
	if created != len(jobs) || lag > time.Hour {
		b.Fatalf("the CLI reported %d of %d jobs as created, after at most %s", created, len(jobs), lag)
	}
	return lag
}
