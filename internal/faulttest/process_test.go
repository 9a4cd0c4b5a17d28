//go:build unix

package faulttest_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"time"

	"github.com/opentelekomcloud-community/terraform-provider-modelarts/internal/acctest"
)

const (
	// maxRun is the maximum duration of a disturbed run. The longest waits by design are an attempt
	// of a request without a response, if no timeout is configured yet, and the wait for a job that
	// the API reported as deleted and still shows.
	maxRun = 110 * time.Second
	// maxInterrupted is the maximum duration of a run after an interrupt.
	maxInterrupted = 30 * time.Second
	// held is the time for which the response is held back from an interrupted provider, unless it
	// cancels the request.
	held = 3 * time.Second
	// afterlife is the time without a request after which a provider that survives its CLI is done.
	afterlife = 2 * time.Second
)

// process is a running CLI, in a process group of its own.
type process struct {
	cmd     *exec.Cmd
	pids    string // file with the pid of each provider that the CLI started
	started chan struct{}
	ended   chan struct{}
}

func (p *process) pid() int {
	<-p.started
	return p.cmd.Process.Pid
}

func (p *process) cli() []int   { return []int{p.pid()} }
func (p *process) group() []int { return []int{-p.pid()} }

// providers returns the pids of the providers that haven't been reaped. A pid that another process
// has by now is in another group.
func (p *process) providers() (pids []int) {
	written, _ := os.ReadFile(p.pids) // If there is no file, no provider has started.
	for line := range strings.FieldsSeq(string(written)) {
		pid, _ := strconv.Atoi(line) // 0 is this process, which is in another group.
		if group, err := syscall.Getpgid(pid); err == nil && group == p.pid() {
			pids = append(pids, pid)
		}
	}
	return slices.Compact(pids)
}

// strike runs the operation, and sends a signal to the targets at request n: before it is processed,
// or after that and before its response. It returns the output and the exit code.
func (w *world) strike(n int, after bool, signal syscall.Signal, target func(*process) []int) (output string, code int) {
	t := w.t
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), maxRun)
	defer cancel()
	folder := t.TempDir() // The provider is a script that writes its pid.
	built := w.UseProvider(folder)
	defer w.UseProvider(filepath.Dir(built))
	p := &process{
		cmd: w.Command(ctx, w.command...), pids: filepath.Join(folder, "pids"), started: make(chan struct{}), ended: make(chan struct{}),
	}
	script := fmt.Sprintf("#!/bin/sh\necho $$ >> '%s'\nexec '%s' \"$@\"\n", p.pids, built)
	printed, err := os.Create(filepath.Join(folder, "output")) // A pipe would be open as long as a provider lives.
	if err := errors.Join(err, os.WriteFile(filepath.Join(folder, filepath.Base(built)), []byte(script), 0o700)); err != nil {
		t.Fatal(err)
	}
	defer printed.Close()
	struck := make(chan time.Time, 1)
	intercept := interceptor(func(number int64, rw http.ResponseWriter, r *http.Request) bool {
		if number == int64(n) {
			struck <- time.Now()
			w.hit(p, after, signal, target(p), rw, r)
		}
		return number == int64(n)
	})
	w.intercept.Store(&intercept)
	defer w.intercept.Store(nil)
	p.cmd.Stdout, p.cmd.Stderr, p.cmd.SysProcAttr = printed, printed, acctest.OwnGroup()
	if err := p.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	close(p.started)
	_ = p.cmd.Wait() // The process state has the exit code.
	end := time.Now()
	close(p.ended)
	for before := int64(-1); len(p.providers()) > 0 && before != w.sent.Load(); {
		before = w.sent.Load()
		<-time.After(afterlife)
	}
	_ = syscall.Kill(-p.pid(), syscall.SIGKILL) // the rest
	w.server.CloseClientConnections()
	select {
	case at := <-struck:
		if took := end.Sub(at); took > maxInterrupted && signal != syscall.SIGKILL || ctx.Err() != nil {
			t.Errorf("the run continued for %s", took)
		}
	default:
		t.Errorf("%d requests were sent, and no signal", w.sent.Load())
	}
	content, err := os.ReadFile(printed.Name())
	if err != nil {
		t.Fatal(err)
	}
	output, code = string(content), p.cmd.ProcessState.ExitCode()
	w.record(output, code, append([]string{signal.String()}, w.command...)...)
	return output, code
}

// hit processes a request or not, sends the signal, waits for its effect and sends the response.
func (w *world) hit(p *process, after bool, signal syscall.Signal, pids []int, rw http.ResponseWriter, r *http.Request) {
	response := httptest.NewRecorder()
	if after {
		w.sim.ServeHTTP(response, r)
	} else {
		_, _ = io.Copy(io.Discard, r.Body) // Before that, the server doesn't notice that a client is gone.
	}
	if len(pids) == 0 {
		w.t.Error("there is no provider")
	}
	for _, pid := range pids {
		if err := syscall.Kill(pid, signal); err != nil && !errors.Is(err, syscall.ESRCH) {
			w.t.Errorf("signal %s to %d: %v", signal, pid, err)
		}
	}
	select {
	case <-r.Context().Done(): // The provider is dead, or has canceled the request.
	case <-p.ended:
	case <-time.After(held):
	}
	if !after {
		panic(http.ErrAbortHandler)
	}
	maps.Copy(rw.Header(), response.Header())
	rw.WriteHeader(response.Code)
	_, _ = rw.Write(response.Body.Bytes())
}
