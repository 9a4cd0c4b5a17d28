//go:build unix

package faulttest_test

import (
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/hashicorp/go-hclog"
	"github.com/hashicorp/go-plugin"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6/tf6server"
	"go.uber.org/goleak"

	"github.com/opentelekomcloud-community/terraform-provider-modelarts/internal/acctest"
	"github.com/opentelekomcloud-community/terraform-provider-modelarts/internal/provider"
	"github.com/opentelekomcloud-community/terraform-provider-modelarts/internal/simulator"
)

var soakTime = flag.Duration("soak", 0, "how long TestSoak changes a thousand jobs; 0 is two rounds with few jobs, with -all")

const (
	shortRounds  = 2
	maxApplies   = 12                // of a round until one succeeds
	maxIdle      = 110 * time.Second // of a connection; after 2 minutes the simulator closes it
	maxMoreFiles = 4
	maxMoreHeap  = 1 << 20 // bytes, and a tenth of the heap
)

// soakJob is a job of the configuration.
type soakJob struct{ name, path, description, running string }

// soakJobs returns the configuration of a round, which creates, changes, replaces and deletes some jobs.
func soakJobs(count, round int) map[string]soakJob {
	jobs := map[string]soakJob{}
	for n := range count {
		if age := n + round; age%5 != 0 {
			jobs[fmt.Sprintf("job_%d", n)] = soakJob{
				name: fmt.Sprintf("job-%d", n), path: fmt.Sprintf("/soak/%d/%d/", n, age/7),
				description: []string{"", "first", "second"}[age/3%3], running: []string{"null", "true", "false"}[age/2%3],
			}
		}
	}
	return jobs
}

// is reports whether a job is as configured.
func (j soakJob) is(job simulator.Job) bool {
	return job.Name == j.name && strings.TrimRight(job.TrainURL, "/") == strings.TrimRight(j.path, "/") && job.Description == j.description &&
		(j.running == "null" || (j.running == "true") == (job.Status == simulator.StatusRunning))
}

// soak is a provider, a simulator and a workspace for many runs of a CLI.
type soak struct {
	*acctest.Workspace

	t      *testing.T
	served tfprotov6.ProviderServer
	sim    *simulator.Server
}

// TestSoak serves the provider from one process, this one, to many runs of a CLI. Meanwhile jobs change in the
// configuration and outside of it, and requests fail. Each round has to converge without a lost, duplicated or wrong
// job. In the end, when connections are closed as well, no goroutine or file is left, and the heap isn't larger than
// after the first round.
func TestSoak(t *testing.T) {
	if !*all && *soakTime == 0 {
		t.Skip("not in the sample")
	}
	acctest.NeedCLI(t)
	count, files, began := 12, openFiles(t), time.Now()
	if *soakTime > 0 {
		count = 1000
	}
	s := &soak{t: t}
	s.sim = acctest.Simulator(t, simulator.Options{
		Transition: time.Second, TokenLifetime: time.Minute, JobLimit: 2*count + 100, ForgetRequests: true,
	})
	before := goleak.IgnoreCurrent()
	stop := s.serve()
	var heap uint64
	for round := 1; round <= shortRounds && *soakTime == 0 || time.Since(began) < *soakTime; round++ {
		jobs := soakJobs(count, round)
		s.write(jobs)
		s.changeOutside(round)
		applies := s.converge(round, "apply")
		s.compare(jobs)
		if output, code := s.run("plan", "-detailed-exitcode"); code != 0 {
			t.Fatalf("the plan after a round isn't empty:\n%s", output)
		}
		if round == 1 {
			heap = heapSize()
		}
		t.Logf("round %d at %s: %d applies, %d KiB", round, time.Since(began).Round(time.Second), applies, heapSize()>>10)
	}
	s.converge(0, "destroy")
	s.compare(nil)
	stop()

	if *soakTime == 0 {
		s.sim.Close() // It closes the connections that the provider would close later.
	}
	for end := time.Now().Add(maxIdle); goleak.Find(before) != nil && time.Now().Before(end); {
		<-time.After(time.Second / 10)
	}
	if err := goleak.Find(before); err != nil {
		t.Error(err)
	}
	if now := openFiles(t); now > files+maxMoreFiles {
		t.Errorf("%d files are open, and %d were", now, files)
	}
	if now := heapSize(); now > heap+heap/10+maxMoreHeap {
		t.Errorf("the heap is %d KiB, and was %d KiB after the first round", now>>10, heap>>10)
	}
}

// heapSize returns the bytes in use.
func heapSize() uint64 {
	runtime.GC()
	runtime.GC() // objects with a finalizer
	var memory runtime.MemStats
	runtime.ReadMemStats(&memory)
	return memory.HeapAlloc
}

func openFiles(t *testing.T) int {
	t.Helper()
	files, err := os.ReadDir("/dev/fd")
	if err != nil {
		t.Fatal(err)
	}
	return len(files)
}

// serve serves the provider until stop is called.
func (s *soak) serve() (stop func()) {
	t := s.t
	for name, value := range s.sim.Env() {
		t.Setenv(name, value)
	}
	provider.PrepareProcess()
	s.served = provider.NewServer("soak")
	ctx, cancel := context.WithCancel(t.Context())
	attach, ended := make(chan *plugin.ReattachConfig, 1), make(chan struct{})
	go func() {
		if err := tf6server.Serve(provider.Address, func() tfprotov6.ProviderServer { return s.served },
			tf6server.WithDebug(ctx, attach, ended), tf6server.WithGoPluginLogger(hclog.NewNullLogger())); err != nil {
			t.Error(err)
		}
	}()
	config := <-attach
	one := map[string]any{
		"Protocol": config.Protocol, "ProtocolVersion": config.ProtocolVersion, "Pid": config.Pid, "Test": true,
		"Addr": map[string]string{"Network": config.Addr.Network(), "String": config.Addr.String()},
	}
	reattach, err := json.Marshal(map[string]any{
		"registry.terraform.io/" + acctest.ProviderSource: one, "registry.opentofu.org/" + acctest.ProviderSource: one,
	})
	if err != nil {
		t.Fatal(err)
	}
	s.Workspace = acctest.NewWorkspace(t, map[string]string{"TF_REATTACH_PROVIDERS": string(reattach)})
	return func() {
		cancel()
		<-ended
	}
}

// injectFaults queues a fault of each kind, in an order that depends on the round, for one in 20 of the first requests.
func (s *soak) injectFaults(round int) {
	kinds := simulator.FaultKinds()
	for i, kind := range kinds {
		fault := kind.Fault
		if fault.Hang || kind.Name == "not-found" { // One takes a minute. The other is the API's own response.
			continue
		}
		fault.Path, fault.Skip = "/.*", 20*((i+5*round)%len(kinds))
		fault.Slow, fault.Size = min(fault.Slow, time.Second), min(fault.Size, 64<<20)
		if *soakTime == 0 {
			fault.Method = "GET" // The search for a job whose create got no response takes a minute, too.
		}
		s.sim.Inject(fault)
	}
}

// changeOutside changes jobs as other users and the service do.
func (s *soak) changeOutside(round int) {
	for _, job := range s.sim.Jobs() {
		switch (int(job.ID) + round) % 11 {
		case 0:
			s.sim.StopJob(job.ID)
		case 1:
			s.sim.SetStatus(job.ID, simulator.StatusFailed)
		case 2:
			s.sim.RemoveJob(job.ID)
		}
	}
}

// write writes the configuration.
func (s *soak) write(jobs map[string]soakJob) {
	config := requiredProviders
	for name, job := range jobs {
		config += fmt.Sprintf(`resource "modelarts_visualization_job" %q {
name           = %q
train_url      = %q
description    = %q
running        = %s
adopt_existing = true # a job whose create got no response
}
`, name, job.name, job.path, job.description, job.running)
	}
	s.Write("main.tf", config)
}

// converge runs a command while requests fail until it succeeds, and returns how often it ran.
func (s *soak) converge(round int, command string) int {
	s.injectFaults(round)
	defer s.sim.ClearFaults()
	var output string
	for n := range maxApplies {
		var code int
		if output, code = s.run(command, "-auto-approve", "-parallelism=100"); code == 0 {
			return n + 1
		}
	}
	s.t.Fatalf("%s did not succeed in %d runs:\n%s", command, maxApplies, output)
	return 0
}

// run runs the CLI.
func (s *soak) run(args ...string) (output string, code int) {
	s.t.Helper()
	output, code = s.Run(append(args, "-input=false", "-no-color")...)
	if found := crashes.FindString(output); found != "" {
		s.t.Fatalf("the output has %q:\n%s", found, output)
	}
	// The framework keeps some memory for each call until the provider is stopped, which a CLI does only to a provider
	// that it has started.
	if _, err := s.served.StopProvider(s.t.Context(), &tfprotov6.StopProviderRequest{}); err != nil {
		s.t.Fatal(err)
	}
	return output, code
}

// compare checks that the state and the simulator have these jobs, and no others.
func (s *soak) compare(missing map[string]soakJob) {
	s.t.Helper()
	jobs := map[int64]simulator.Job{}
	for _, job := range s.sim.Jobs() {
		jobs[job.ID] = job
	}
	for _, instance := range readState(s.t, s.Folder) {
		want, job := missing[instance.resource], jobs[instance.Attributes.ID]
		delete(jobs, job.ID) // so that no other instance has it
		delete(missing, instance.resource)
		if instance.Status != "" || instance.Deposed != "" || !want.is(job) {
			s.t.Errorf("the state has %+v with the job %+v, want %+v", instance, job, want)
		}
	}
	if len(jobs)+len(missing) > 0 {
		s.t.Errorf("the jobs %+v are in no state, and the state doesn't have %v", jobs, missing)
	}
}
