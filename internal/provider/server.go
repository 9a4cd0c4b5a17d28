package provider

import (
	"context"
	"maps"
	"slices"
	"sync"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/providerserver"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6"

	"github.com/opentelekomcloud-community/terraform-provider-modelarts/internal/sanitize"
)

// maxStop is the maximum time for which a stop waits for streams to end. An interrupted operation ends within a second.
const maxStop = 5 * time.Second

// NewServer returns the provider as a server of plugin protocol 6.
func NewServer(version string) tfprotov6.ProviderServer {
	p := newProvider(version)
	framework, ok := providerserver.NewProtocol6(p)().(frameworkServer)
	if !ok {
		panic("the framework's server lacks a method that the type server needs")
	}
	return &server{frameworkServer: framework, redactor: p.redactor, silent: isSilent(), streams: make(map[chan struct{}]bool)}
}

// frameworkServer has the RPCs of the framework's server.
type frameworkServer interface {
	tfprotov6.ProviderServer
	tfprotov6.ActionServer
	tfprotov6.ListResourceServer
	tfprotov6.StateStoreServer
}

// server extends the server of the framework. Its streams end before the provider is stopped, because terraform-plugin-go drops the messages
// of a stream after the stop. Without an error at the end of a stream, Terraform would report an interrupted action or list as a success.
type server struct {
	frameworkServer

	redactor *sanitize.Redactor // the provider's
	silent   bool               // whether no log is written

	mu      sync.Mutex
	streams map[chan struct{}]bool // running; closed when they end
	run     int                    // number of calls of ConfigureProvider, which each run of a CLI calls first
	stopped int                    // all runs below this number are stopped
}

// ConfigureProvider implements tfprotov6.ProviderServer. In debug mode, one server serves many runs.
func (s *server) ConfigureProvider(ctx context.Context, req *tfprotov6.ConfigureProviderRequest) (*tfprotov6.ConfigureProviderResponse, error) {
	s.mu.Lock()
	s.run++
	s.mu.Unlock()
	resp, err := s.frameworkServer.ConfigureProvider(ctx, req)
	s.clean(resp)
	return resp, err
}

// InvokeAction implements tfprotov6.ActionServer.
func (s *server) InvokeAction(ctx context.Context, req *tfprotov6.InvokeActionRequest) (*tfprotov6.InvokeActionServerStream, error) {
	stream, err := s.frameworkServer.InvokeAction(ctx, req)
	if err != nil {
		return stream, err
	}
	events := stream.Events
	run, end := s.begin()
	stream.Events = func(push func(tfprotov6.InvokeActionEvent) bool) {
		defer end()
		events(func(event tfprotov6.InvokeActionEvent) bool {
			switch is := event.Type.(type) {
			case tfprotov6.ProgressInvokeActionEventType:
				if s.isStopped(run) {
					return true // Terraform 1.14 crashes on progress after an interrupt
				}
				is.Message = s.redactor.Line(is.Message, maxLine)
				event.Type = is
			case tfprotov6.CompletedInvokeActionEventType:
				s.clean(is)
			}
			return push(event)
		})
	}
	return stream, nil
}

// ListResource implements tfprotov6.ListResourceServer.
func (s *server) ListResource(ctx context.Context, req *tfprotov6.ListResourceRequest) (*tfprotov6.ListResourceServerStream, error) {
	stream, err := s.frameworkServer.ListResource(ctx, req)
	if err != nil {
		return stream, err
	}
	results := stream.Results
	_, end := s.begin()
	stream.Results = func(push func(tfprotov6.ListResourceResult) bool) {
		defer end()
		results(func(result tfprotov6.ListResourceResult) bool {
			s.clean(result)
			result.DisplayName = s.redactor.Line(result.DisplayName, maxLine)
			return push(result)
		})
	}
	return stream, nil
}

// StopProvider interrupts all operations. It returns when all streams have sent their errors, or after maxStop.
func (s *server) StopProvider(ctx context.Context, req *tfprotov6.StopProviderRequest) (*tfprotov6.StopProviderResponse, error) {
	s.mu.Lock()
	s.stopped = s.run + 1
	s.mu.Unlock()
	resp, err := s.frameworkServer.StopProvider(ctx, req)
	ctx, cancel := context.WithTimeout(ctx, maxStop)
	defer cancel()
	for _, ended := range s.running() {
		select {
		case <-ended:
		case <-ctx.Done():
		}
	}
	return resp, err
}

// begin registers a stream of the current run until end is called, and returns the number of the run.
func (s *server) begin() (run int, end func()) {
	ended := make(chan struct{})
	s.mu.Lock()
	defer s.mu.Unlock()
	s.streams[ended] = true
	return s.run, func() {
		s.mu.Lock()
		defer s.mu.Unlock()
		delete(s.streams, ended)
		close(ended)
	}
}

func (s *server) isStopped(run int) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return run < s.stopped
}

func (s *server) running() []chan struct{} {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Collect(maps.Keys(s.streams))
}
