package benchmark_test

import (
	"bufio"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/opentelekomcloud-community/terraform-provider-modelarts/internal/acctest"
)

const module = "github.com/opentelekomcloud-community/terraform-provider-modelarts"

// BenchmarkStart starts the provider and waits until the provider accepts connections. The ratios are to a
// provider without a resource. BenchmarkGetProviderSchema measures the first request after that. Targets:
//
//	time/scaffolding   at most 1.15
//	binary-MB          size of the stripped binary: at most 25
func BenchmarkStart(b *testing.B) {
	folder := b.TempDir()
	ours, scaffolding := filepath.Join(folder, "ours"), filepath.Join(folder, "scaffolding")
	for program, source := range map[string]string{ours: module, scaffolding: module + "/internal/benchmark/scaffolding"} {
		if err := acctest.Build(b.Context(), source, program); err != nil {
			b.Fatal(err)
		}
	}
	info, err := os.Stat(ours)
	if err != nil {
		b.Fatal(err)
	}
	for _, program := range []string{ours, scaffolding} { // The first start reads the program from the disk.
		new(usage).start(b, program)
	}
	var own, other usage
	for b.Loop() {
		b.StopTimer()
		other.start(b, scaffolding)
		b.StartTimer()
		own.start(b, ours)
	}
	own.reportRatios(b, other, "scaffolding")
	b.ReportMetric(milliseconds(own.cpu)/float64(own.runs), "cpu-ms/op")
	b.ReportMetric(float64(info.Size())/1e6, "binary-MB")
}

// start starts a provider as a CLI does, and ends the provider after its handshake, the first line that it prints.
func (u *usage) start(b *testing.B, program string) {
	b.Helper()
	cmd := exec.CommandContext(b.Context(), program)
	cmd.Env = append(acctest.Environ(), "PLUGIN_PROTOCOL_VERSIONS=6", "PLUGIN_UNIX_SOCKET_DIR="+filepath.Dir(program),
		"TF_PLUGIN_MAGIC_COOKIE=d602bf8f470bc67ca7faa0386276bbdd4330efaf76d1a219cb4d6991ca9872b2")
	stdout, err := cmd.StdoutPipe()
	if err != nil {
		b.Fatal(err)
	}
	start := time.Now()
	if err := cmd.Start(); err != nil {
		b.Fatal(err)
	}
	handshake, err := bufio.NewReader(stdout).ReadString('\n')
	u.time += time.Since(start)
	if err != nil || !strings.HasPrefix(handshake, "1|6|") {
		b.Errorf("the provider printed %q, %v", handshake, err)
	}
	if err := cmd.Process.Kill(); err != nil {
		b.Fatal(err)
	}
	_ = cmd.Wait() // killed
	u.cpu += cmd.ProcessState.UserTime() + cmd.ProcessState.SystemTime()
	u.runs++
}
