package provider

import (
	"context"
	"iter"
	"maps"
	"slices"
	"sync"
	"sync/atomic"
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
	return &server{frameworkServer: framework, redactor: p.redactor, silent: isSilent(), streams: make(map[chan struct{}]bool), stopped: &atomic.Bool{}}
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
	stopped *atomic.Bool           // whether the current run of a CLI is stopped; each call of ConfigureProvider begins a run
}

func (s *server) ConfigureProvider(ctx context.Context, req *tfprotov6.ConfigureProviderRequest) (*tfprotov6.ConfigureProviderResponse, error) {
	s.mu.Lock()
	if s.stopped.Load() { // In debug mode, one server serves many runs.
		s.stopped = &atomic.Bool{}
	}
	s.mu.Unlock()
	resp, err := s.frameworkServer.ConfigureProvider(ctx, req)
	s.clean(resp)
	return resp, err
}

func (s *server) InvokeAction(ctx context.Context, req *tfprotov6.InvokeActionRequest) (*tfprotov6.InvokeActionServerStream, error) {
	stream, err := s.frameworkServer.InvokeAction(ctx, req)
	if err != nil {
		return stream, err
	}
	s.mu.Lock()
	stopped := s.stopped
	s.mu.Unlock()
	stream.Events = untilEnd(s, stream.Events, func(event *tfprotov6.InvokeActionEvent) bool {
		switch is := event.Type.(type) {
		case tfprotov6.ProgressInvokeActionEventType:
			is.Message = s.redactor.Line(is.Message, maxLine)
			event.Type = is
			return !stopped.Load() // Terraform 1.14 crashes on progress after an interrupt.
		case tfprotov6.CompletedInvokeActionEventType:
			s.clean(is)
		}
		return true
	})
	return stream, nil
}

func (s *server) ListResource(ctx context.Context, req *tfprotov6.ListResourceRequest) (*tfprotov6.ListResourceServerStream, error) {
	stream, err := s.frameworkServer.ListResource(ctx, req)
	if err != nil {
		return stream, err
	}
	stream.Results = untilEnd(s, stream.Results, func(result *tfprotov6.ListResourceResult) bool {
		s.clean(result)
		result.DisplayName = s.redactor.Line(result.DisplayName, maxLine)
		return true
	})
	return stream, nil
}

// untilEnd returns the messages that a function sanitizes and doesn't omit. StopProvider waits for the last one.
func untilEnd[T any](s *server, messages iter.Seq[T], sanitized func(*T) bool) iter.Seq[T] {
	ended := make(chan struct{})
	s.mu.Lock()
	defer s.mu.Unlock()
	s.streams[ended] = true
	return func(push func(T) bool) {
		defer func() {
			s.mu.Lock()
			defer s.mu.Unlock()
			delete(s.streams, ended)
			close(ended)
		}()
		messages(func(message T) bool { return !sanitized(&message) || push(message) })
	}
}

// StopProvider interrupts all operations. It returns when all streams have sent their errors, or after maxStop.
func (s *server) StopProvider(ctx context.Context, req *tfprotov6.StopProviderRequest) (*tfprotov6.StopProviderResponse, error) {
	s.mu.Lock()
	s.stopped.Store(true)
	s.mu.Unlock()
	resp, err := s.frameworkServer.StopProvider(ctx, req)
	ctx, cancel := context.WithTimeout(ctx, maxStop)
	defer cancel()
	s.mu.Lock()
	streams := slices.Collect(maps.Keys(s.streams))
	s.mu.Unlock()
	for _, ended := range streams {
		select {
		case <-ended:
		case <-ctx.Done():
		}
	}
	return resp, err
}
