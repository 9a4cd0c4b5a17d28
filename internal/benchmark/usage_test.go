// Package benchmark measures the provider with a real CLI and the simulator. It has only benchmarks:
// make bench runs them, and benchstat compares two runs.
//
// A benchmark fails if a command fails, for example if a plan isn't empty, and never because of a time.
// The comment of each benchmark lists the targets. Compare counts and ratios: both sides of a ratio are
// measured alternately in one run, while a time depends on the machine and its load.
//
// Metrics that all benchmarks with a CLI share:
//
//	ns/op          duration of the command
//	cpu-ms/op      user and system time of the CLI and its providers
//	provider-MiB   peak memory of the largest provider process, on Linux
//	requests/op    requests to IAM and ModelArts, with those that got 429
package benchmark_test

import (
	"bytes"
	"strings"
	"testing"
	"time"

	"github.com/opentelekomcloud-community/terraform-provider-modelarts/internal/acctest"
	"github.com/opentelekomcloud-community/terraform-provider-modelarts/internal/simulator"
)

func TestMain(m *testing.M) { acctest.Main(m) }

// usage sums the resources that commands used.
type usage struct {
	runs       int
	time, cpu  time.Duration
	peakMemory int // of a provider process, in KiB
	requests   int
	output     []byte // of the last command
}

// run runs a command of the CLI, which has to end with exit code 0, and adds its usage. The CPU time of
// a process includes that of the children it waited for. So the CPU time of the CLI includes its providers.
func (u *usage) run(b *testing.B, w *acctest.Workspace, args ...string) {
	b.Helper()
	cmd := w.Command(b.Context(), args...)
	var output bytes.Buffer
	cmd.Stdout, cmd.Stderr = &output, &output
	start := time.Now()
	if err := cmd.Start(); err != nil {
		b.Fatal(err)
	}
	ended, peak := make(chan struct{}), make(chan int)
	go func() { peak <- acctest.PeakMemory(cmd.Process.Pid, ended) }()
	err := cmd.Wait()
	u.time += time.Since(start)
	close(ended)
	u.peakMemory = max(u.peakMemory, <-peak)
	if err != nil {
		end := output.Bytes()[max(0, output.Len()-4000):]
		b.Fatalf("%s: %v\n%s", strings.Join(args, " "), err, end)
	}
	u.cpu += cmd.ProcessState.UserTime() + cmd.ProcessState.SystemTime()
	u.runs++
	u.output = output.Bytes()
}

// report reports the metrics of the package comment.
func (u *usage) report(b *testing.B) {
	b.Helper()
	b.ReportMetric(milliseconds(u.cpu)/float64(u.runs), "cpu-ms/op")
	if u.peakMemory > 0 {
		b.ReportMetric(float64(u.peakMemory)/1024, "provider-MiB")
	}
	b.ReportMetric(float64(u.requests)/float64(u.runs), "requests/op")
}

// reportRatios reports the time and the CPU time as a multiple of a baseline's, in the same number of runs.
func (u *usage) reportRatios(b *testing.B, baseline usage, name string) {
	b.Helper()
	b.ReportMetric(float64(u.time)/float64(baseline.time), "time/"+name)
	b.ReportMetric(float64(u.cpu)/float64(baseline.cpu), "cpu/"+name)
}

func milliseconds(d time.Duration) float64 { return float64(d) / float64(time.Millisecond) }

// use has the CLI and the provider use the server from now on.
func use(w *acctest.Workspace, server *simulator.Server) {
	for name, value := range server.Env() {
		w.Env = append(w.Env, name+"="+value)
	}
}
