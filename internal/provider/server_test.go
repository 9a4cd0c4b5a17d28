package provider

import (
	"context"
	"testing"
	"testing/synctest"
	"time"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
)

// stoppable is a framework's server whose streams have something to say when they are
// stopped, unless they hang.
type stoppable struct {
	frameworkServer
	stopped chan struct{}
	hangs   bool
}

func (s *stoppable) StopProvider(context.Context, *tfprotov6.StopProviderRequest) (*tfprotov6.StopProviderResponse, error) {
	close(s.stopped)
	return &tfprotov6.StopProviderResponse{}, nil
}

func (s *stoppable) ConfigureProvider(context.Context, *tfprotov6.ConfigureProviderRequest) (*tfprotov6.ConfigureProviderResponse, error) {
	s.stopped = make(chan struct{})
	return &tfprotov6.ConfigureProviderResponse{}, nil
}

func (s *stoppable) wait(ctx context.Context) {
	<-s.stopped
	if s.hangs {
		<-ctx.Done()
	}
}

func (s *stoppable) InvokeAction(ctx context.Context, _ *tfprotov6.InvokeActionRequest) (*tfprotov6.InvokeActionServerStream, error) {
	return &tfprotov6.InvokeActionServerStream{Events: func(push func(tfprotov6.InvokeActionEvent) bool) {
		s.wait(ctx)
		push(tfprotov6.InvokeActionEvent{Type: tfprotov6.ProgressInvokeActionEventType{Message: "too late"}})
		push(tfprotov6.InvokeActionEvent{Type: tfprotov6.CompletedInvokeActionEventType{}})
	}}, nil
}

func (s *stoppable) ListResource(ctx context.Context, _ *tfprotov6.ListResourceRequest) (*tfprotov6.ListResourceServerStream, error) {
	return &tfprotov6.ListResourceServerStream{Results: func(push func(tfprotov6.ListResourceResult) bool) {
		s.wait(ctx)
		push(tfprotov6.ListResourceResult{})
	}}, nil
}

// What a stream says when it is interrupted has been sent when the stop is done.
func TestServerStopsAfterItsStreams(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		hangs bool
		sent  int // of two streams, when the stop is done
		takes time.Duration
	}{
		"streams that end":  {false, 2, time.Second},
		"streams that hang": {true, 0, longestStop},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				ctx, cancel := context.WithCancel(t.Context())
				framework := &stoppable{stopped: make(chan struct{}), hangs: test.hangs}
				s := &server{frameworkServer: framework, streams: make(map[chan struct{}]bool)}
				sent := make(chan bool, 2)
				send := func() bool {
					<-time.After(time.Second) // a slow connection
					sent <- true
					return true
				}
				action, err := s.InvokeAction(ctx, nil)
				if err != nil {
					t.Fatal(err)
				}
				list, err := s.ListResource(ctx, nil)
				if err != nil {
					t.Fatal(err)
				}
				go action.Events(func(event tfprotov6.InvokeActionEvent) bool {
					if _, ok := event.Type.(tfprotov6.CompletedInvokeActionEventType); !ok {
						t.Errorf("after the stop came %+v", event)
					}
					return send()
				})
				go list.Results(func(tfprotov6.ListResourceResult) bool { return send() })
				synctest.Wait()

				began := time.Now()
				if _, err := s.StopProvider(t.Context(), &tfprotov6.StopProviderRequest{}); err != nil {
					t.Fatal(err)
				}
				if took := time.Since(began); took != test.takes || len(sent) != test.sent {
					t.Errorf("%d streams had sent their last after %s, want %d after %s", len(sent), took, test.sent, test.takes)
				}
				if n := len(s.underWay()); n != 2-test.sent {
					t.Errorf("%d streams are under way", n)
				}
				cancel()
				for range 2 {
					<-sent
				}
			})
		})
	}
}

// In debug mode, one server serves many runs: an action shows its progress unless its own run was interrupted.
func TestServerServesSeveralRuns(t *testing.T) {
	t.Parallel()
	framework := &stoppable{}
	s := &server{frameworkServer: framework, streams: make(map[chan struct{}]bool)}
	configure := func() {
		if _, err := s.ConfigureProvider(t.Context(), nil); err != nil {
			t.Fatal(err)
		}
	}
	invoke := func() *tfprotov6.InvokeActionServerStream {
		action, err := s.InvokeAction(t.Context(), nil)
		if err != nil {
			t.Fatal(err)
		}
		return action
	}
	events := func(action *tfprotov6.InvokeActionServerStream) (n int) {
		action.Events(func(tfprotov6.InvokeActionEvent) bool { n++; return true })
		return n
	}
	stop := func() {
		if _, err := s.StopProvider(t.Context(), nil); err != nil {
			t.Fatal(err)
		}
	}
	const all, withoutProgress = 2, 1
	for run := range 3 {
		configure()
		finished := invoke()
		close(framework.stopped) // lets the action finish, without a stop
		if n := events(finished); n != all {
			t.Errorf("run %d: %d events before the interrupt, want %d", run, n, all)
		}
		configure()
		interrupted := invoke()
		configure() // by another CLI: a stop is for all
		ended := make(chan int)
		go func() { ended <- events(interrupted) }()
		stop()
		if n := <-ended; n != withoutProgress {
			t.Errorf("run %d: %d events after the interrupt, want %d", run, n, withoutProgress)
		}
		late := invoke() // the CLI was about to send it when it was interrupted
		if n := events(late); n != withoutProgress {
			t.Errorf("run %d: %d events of a late action, want %d", run, n, withoutProgress)
		}
	}
}
