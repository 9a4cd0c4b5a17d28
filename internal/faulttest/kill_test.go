//go:build unix

package faulttest_test

import (
	"context"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/opentelekomcloud-community/terraform-provider-modelarts/internal/acctest"
)

const (
	// pidsFile has the pid of each provider that a CLI started.
	pidsFile = "pids"
	// death is how long something that was killed may take to be dead.
	death = 20 * time.Second
	// afterlife is for how long a provider that outlived its CLI is watched after
	// its last call.
	afterlife = 3 * time.Second
	// held is how long the answer to a call is kept back from a provider that is
	// interrupted, unless that hangs up.
	held = 3 * time.Second
	// graceful is how long an interrupted run may still take.
	graceful = 30 * time.Second
)

// victim is who is killed.
type victim string

const (
	theProvider victim = "provider"
	theCLI      victim = "CLI"
)

// At every call the provider or the CLI is killed, before the call is processed
// or when its answer is due. The next apply never makes a second job.
func TestKills(t *testing.T) {
	t.Parallel()
	acctest.NeedCLI(t)
	for _, o := range operations() {
		t.Run(o.name, func(t *testing.T) {
			t.Parallel()
			skipUnlessSampled(t)
			s := setupOf(t, o, patient)
			for n, call := range s.calls {
				for _, v := range []victim{theProvider, theCLI} {
					for _, when := range []string{"before", "after"} {
						name := fmt.Sprintf("%d %s %s %s", n, call, v, when)
						if !chosen(t, name) {
							continue
						}
						t.Run(name, func(t *testing.T) {
							t.Parallel()
							kill(t, s, n, v, when == "after")
						})
					}
				}
			}
		})
	}
}

// kill kills in the middle of one operation, and checks what is left and what can
// be made of it.
func kill(t *testing.T, s *setup, n int, v victim, after bool) {
	t.Helper()
	w := newCase(t, s, onlyOnce, &total.kills)
	p := start(w)
	died := make(chan bool, 1)
	var changed atomic.Int64 // calls that a provider made after its CLI was dead
	w.setIntercept(func(call int, rw http.ResponseWriter, r *http.Request) bool {
		if call > n && r.Method != http.MethodGet {
			changed.Add(1)
		}
		if call != n {
			return false
		}
		answer := w.process(r, after)
		ctx, cancel := context.WithTimeout(context.WithoutCancel(r.Context()), death)
		defer cancel()
		switch v {
		case theProvider:
			p.killProviders(t)
			died <- wait(ctx, r.Context().Done()) // its end of the connection is closed
		case theCLI:
			p.signal(t, p.pid(), syscall.SIGKILL)
			died <- wait(ctx, p.ended)
		}
		answer.send(rw)
		return true
	})
	output, code, ended := p.wait(longest)
	w.note(output, code, append([]string{fmt.Sprintf("(%s killed)", v)}, w.command...)...)
	if !ended || v == theProvider && code != 1 {
		t.Errorf("the CLI ended: %t, with exit code %d", ended, code)
	}
	select {
	case dead := <-died:
		if !dead {
			t.Errorf("the %s does not die", v)
		}
	case <-time.After(death):
		t.Errorf("%d calls were made, and the %s was not killed at call %d", w.made(), v, n)
	}
	if v == theCLI {
		if w.quiet(afterlife); p.alive() {
			total.orphans.Add(1)
		}
		if changed.Load() > 0 {
			total.orphansChanging.Add(1)
		}
	}
	p.end(t)
	w.setIntercept(nil)
	t.Logf("exit code %d, %d calls, %d of them changing after the kill", code, w.made(), changed.Load())

	w.wantTrueState()
	w.wantStrangers()
	w.converge("") // nobody had the chance to write down the id of a new job
}

// At every call the CLI is interrupted as with Ctrl-C, or asked to end: it does,
// the job is in the state, and the next apply goes on.
func TestInterrupts(t *testing.T) {
	t.Parallel()
	acctest.NeedCLI(t)
	for _, o := range operations() {
		t.Run(o.name, func(t *testing.T) {
			t.Parallel()
			skipUnlessSampled(t)
			s := setupOf(t, o, patient)
			for n, call := range s.calls {
				for _, signal := range []syscall.Signal{syscall.SIGINT, syscall.SIGTERM} {
					name := fmt.Sprintf("%d %s %s", n, call, signal)
					if !chosen(t, name) {
						continue
					}
					t.Run(name, func(t *testing.T) {
						t.Parallel()
						interrupt(t, s, n, signal)
					})
				}
			}
		})
	}
}

// interrupt is kill with a signal that can be heeded. The answer to the call is
// kept back, so that the provider has to let go of it.
func interrupt(t *testing.T, s *setup, n int, signal syscall.Signal) {
	t.Helper()
	w := newCase(t, s, onlyOnce, &total.interrupts)
	p := start(w)
	signalled := make(chan time.Time, 1)
	w.setIntercept(func(call int, rw http.ResponseWriter, r *http.Request) bool {
		if call != n {
			return false
		}
		answer := w.process(r, true)
		to := p.pid()
		if signal == syscall.SIGINT {
			to = -to // a terminal interrupts all that runs in it
		}
		signalled <- time.Now()
		p.signal(t, to, signal)
		ctx, cancel := context.WithTimeout(r.Context(), held)
		defer cancel()
		<-ctx.Done()
		answer.send(rw)
		return true
	})
	output, code, ended := p.wait(longest)
	end := time.Now()
	p.end(t)
	w.setIntercept(nil)
	w.note(output, code, append([]string{"(interrupted)"}, w.command...)...)
	w.wantNoCrash(output, code, "(interrupted)")
	if code == 0 {
		total.succeeded.Add(1)
	}
	select {
	case at := <-signalled:
		took := end.Sub(at).Round(100 * time.Millisecond)
		t.Logf("exit code %d, %s after the signal", code, took)
		if !ended || took > graceful {
			t.Errorf("the run went on for %s", took)
		}
	default:
		t.Errorf("%d calls were made, and none was interrupted", w.made())
	}

	w.wantTrueState()
	w.wantStrangers()
	w.wantAccounted(output, true)
	w.converge(output)
}

// answer is what the service said, or that it was not asked.
type answer struct{ recorded *httptest.ResponseRecorder }

// process has the request processed, or only read: not before that the server
// notices that a client is gone.
func (w *world) process(r *http.Request, processed bool) answer {
	if !processed {
		_, _ = io.Copy(io.Discard, r.Body)
		return answer{}
	}
	a := answer{httptest.NewRecorder()}
	w.sim.ServeHTTP(a.recorded, r)
	return a
}

// send gives the answer to whoever still wants it, or cuts the connection.
func (a answer) send(rw http.ResponseWriter) {
	if a.recorded == nil {
		panic(http.ErrAbortHandler)
	}
	maps.Copy(rw.Header(), a.recorded.Header())
	rw.WriteHeader(a.recorded.Code)
	_, _ = rw.Write(a.recorded.Body.Bytes())
}

func (w *world) setIntercept(f func(int, http.ResponseWriter, *http.Request) bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.intercept = f
}

// made returns how many calls there were.
func (w *world) made() int {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.calls
}

// quiet waits until there was no call for a time.
func (w *world) quiet(d time.Duration) {
	for before := -1; before != w.made(); {
		before = w.made()
		<-time.After(d)
	}
}

// wait waits for something to be done, and says whether it was.
func wait(ctx context.Context, done <-chan struct{}) bool {
	select {
	case <-done:
		return true
	case <-ctx.Done():
		return false
	}
}
