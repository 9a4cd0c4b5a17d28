package provider

import (
	"context"
	"testing"
	"testing/synctest"
	"time"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
)

// fakeFramework is a framework's server whose responses have unsafe text. Its streams wait for a stop if there is a channel for it,
// and then for the end of their context if they hang.
type fakeFramework struct {
	frameworkServer
	stopped chan struct{}
	hangs   bool
}

// serverOn returns a server that extends a framework's server.
func serverOn(framework frameworkServer) *server {
	s := NewServer("test").(*server)
	s.frameworkServer = framework
	return s
}

const unsafeText = "##[error]\x1b[31m secret-password\n::error::x"

func unsafe() []*tfprotov6.Diagnostic {
	return []*tfprotov6.Diagnostic{{Summary: unsafeText, Detail: unsafeText}}
}

func (f *fakeFramework) StopProvider(context.Context, *tfprotov6.StopProviderRequest) (*tfprotov6.StopProviderResponse, error) {
	close(f.stopped)
	return &tfprotov6.StopProviderResponse{}, nil
}

func (f *fakeFramework) ValidateProviderConfig(context.Context, *tfprotov6.ValidateProviderConfigRequest) (*tfprotov6.ValidateProviderConfigResponse, error) {
	return &tfprotov6.ValidateProviderConfigResponse{Diagnostics: unsafe()}, nil
}

func (f *fakeFramework) ConfigureProvider(context.Context, *tfprotov6.ConfigureProviderRequest) (*tfprotov6.ConfigureProviderResponse, error) {
	f.stopped = make(chan struct{})
	return &tfprotov6.ConfigureProviderResponse{Diagnostics: unsafe()}, nil
}

func (f *fakeFramework) wait(ctx context.Context) {
	<-f.stopped
	if f.hangs {
		<-ctx.Done()
	}
}

func (f *fakeFramework) InvokeAction(ctx context.Context, _ *tfprotov6.InvokeActionRequest) (*tfprotov6.InvokeActionServerStream, error) {
	return &tfprotov6.InvokeActionServerStream{Events: func(push func(tfprotov6.InvokeActionEvent) bool) {
		f.wait(ctx)
		push(tfprotov6.InvokeActionEvent{Type: tfprotov6.ProgressInvokeActionEventType{Message: unsafeText}})
		push(tfprotov6.InvokeActionEvent{Type: tfprotov6.CompletedInvokeActionEventType{Diagnostics: unsafe()}})
	}}, nil
}

func (f *fakeFramework) ListResource(ctx context.Context, _ *tfprotov6.ListResourceRequest) (*tfprotov6.ListResourceServerStream, error) {
	return &tfprotov6.ListResourceServerStream{Results: func(push func(tfprotov6.ListResourceResult) bool) {
		f.wait(ctx)
		push(tfprotov6.ListResourceResult{DisplayName: unsafeText, Diagnostics: unsafe()})
	}}, nil
}

// Progress messages, display names and diagnostics are sanitized in each kind of response.
func TestTextOfEachKindIsSanitized(t *testing.T) {
	t.Parallel()
	framework := &fakeFramework{}
	s := serverOn(framework)
	s.redactor.Add("secret-password")
	validated, _ := s.ValidateProviderConfig(t.Context(), nil)
	configured, _ := s.ConfigureProvider(t.Context(), nil)
	close(framework.stopped) // the streams don't wait
	shown := map[string]string{"validate": validated.Diagnostics[0].Summary, "configure": configured.Diagnostics[0].Summary}
	events, _ := s.InvokeAction(t.Context(), nil)
	for event := range events.Events {
		switch is := event.Type.(type) {
		case tfprotov6.ProgressInvokeActionEventType:
			shown["progress"] = is.Message
		case tfprotov6.CompletedInvokeActionEventType:
			shown["action"] = is.Diagnostics[0].Summary
		}
	}
	results, _ := s.ListResource(t.Context(), nil)
	for result := range results.Results {
		shown["display name"], shown["list"] = result.DisplayName, result.Diagnostics[0].Summary
	}
	if len(shown) != 6 {
		t.Errorf("only %v was shown", shown)
	}
	for name, text := range shown {
		if text != "# #[error][31m [redacted] : :error::x" {
			t.Errorf("%s: %q", name, text)
		}
	}
	if detail := configured.Diagnostics[0].Detail; detail != "# #[error][31m [redacted]\n: :error::x" {
		t.Errorf("detail: %q", detail)
	}
}

// A stop ends after the streams have sent their last messages, or after maxStop.
func TestServerStopsAfterItsStreams(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		hangs bool
		sent  int // of two streams, when the stop is done
		takes time.Duration
	}{
		"streams that end":  {false, 2, time.Second},
		"streams that hang": {true, 0, maxStop},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				ctx, cancel := context.WithCancel(t.Context())
				framework := &fakeFramework{stopped: make(chan struct{}), hangs: test.hangs}
				s := serverOn(framework)
				sent := make(chan bool, 2)
				send := func() bool {
					<-time.After(time.Second) // a slow connection
					sent <- true
					return true
				}
				action, _ := s.InvokeAction(ctx, nil)
				list, _ := s.ListResource(ctx, nil)
				go action.Events(func(event tfprotov6.InvokeActionEvent) bool {
					if _, ok := event.Type.(tfprotov6.CompletedInvokeActionEventType); !ok {
						t.Errorf("after the stop came %+v", event)
					}
					return send()
				})
				go list.Results(func(tfprotov6.ListResourceResult) bool { return send() })
				synctest.Wait()

				began := time.Now()
				_, _ = s.StopProvider(t.Context(), nil)
				if took := time.Since(began); took != test.takes || len(sent) != test.sent {
					t.Errorf("%d streams had sent their last message after %s, want %d after %s", len(sent), took, test.sent, test.takes)
				}
				running := 0
				for range s.streams.Range {
					running++
				}
				if running != 2-test.sent {
					t.Errorf("%d streams are running", running)
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
	framework := &fakeFramework{}
	s := serverOn(framework)
	configure := func() { _, _ = s.ConfigureProvider(t.Context(), nil) }
	invoke := func() *tfprotov6.InvokeActionServerStream {
		action, _ := s.InvokeAction(t.Context(), nil)
		return action
	}
	events := func(action *tfprotov6.InvokeActionServerStream) (n int) {
		action.Events(func(tfprotov6.InvokeActionEvent) bool { n++; return true })
		return n
	}
	const all, withoutProgress = 2, 1
	for range 2 {
		configure()
		finished := invoke()
		close(framework.stopped) // The action finishes without a stop.
		wantEqual(t, all, events(finished))
		configure()
		interrupted := invoke()
		configure() // by another CLI: a stop is for all
		ended := make(chan int)
		go func() { ended <- events(interrupted) }()
		_, _ = s.StopProvider(t.Context(), nil)
		wantEqual(t, withoutProgress, <-ended)
		wantEqual(t, withoutProgress, events(invoke())) // The CLI was about to send it when it was interrupted.
	}
}
