package provider

import (
	"context"
	"iter"
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
	p := &Provider{version: version}
	framework := providerserver.NewProtocol6(p)().(frameworkServer) //nolint:forcetypeassert // The framework's server has all RPCs.
	return &server{frameworkServer: framework, redactor: &p.redactor, silent: isSilent()}
}

// frameworkServer has the RPCs of the framework's server.
type frameworkServer interface {
	tfprotov6.ProviderServer
	tfprotov6.ActionServer
	tfprotov6.ListResourceServer
}

// server extends the server of the framework. Its streams end before the provider is stopped, because terraform-plugin-go drops the messages
// of a stream after the stop. Without an error at the end of a stream, Terraform would report an interrupted action or list as a success.
type server struct {
	frameworkServer

	redactor *sanitize.Redactor // the provider's
	silent   bool               // whether no log is written

	streams         sync.Map     // has a channel for each stream that is running, which is closed when the stream ends
	run, stoppedRun atomic.Int64 // numbers of the current run of a CLI and of the last one that was stopped
}

// ConfigureProvider begins a run. In debug mode, one server serves many runs.
func (s *server) ConfigureProvider(ctx context.Context, req *tfprotov6.ConfigureProviderRequest) (*tfprotov6.ConfigureProviderResponse, error) {
	s.run.Add(1)
	return serve(ctx, s, s.frameworkServer.ConfigureProvider, req)
}

func (s *server) InvokeAction(ctx context.Context, req *tfprotov6.InvokeActionRequest) (*tfprotov6.InvokeActionServerStream, error) {
	stream, err := s.frameworkServer.InvokeAction(ctx, req)
	if err != nil {
		return stream, err
	}
	run := s.run.Load()
	stream.Events = untilEnd(s, stream.Events, func(event *tfprotov6.InvokeActionEvent) bool {
		switch is := event.Type.(type) {
		case tfprotov6.ProgressInvokeActionEventType:
			is.Message = s.redactor.Line(is.Message, maxLine)
			event.Type = is
			return s.stoppedRun.Load() < run // Terraform 1.14 crashes on progress after an interrupt.
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
	s.streams.Store(ended, nil)
	return func(push func(T) bool) {
		defer close(ended)
		defer s.streams.Delete(ended)
		messages(func(message T) bool { return !sanitized(&message) || push(message) })
	}
}

// StopProvider interrupts all operations. It returns when all streams have sent their errors, or after maxStop.
func (s *server) StopProvider(ctx context.Context, req *tfprotov6.StopProviderRequest) (*tfprotov6.StopProviderResponse, error) {
	s.stoppedRun.Store(s.run.Load())
	resp, err := s.frameworkServer.StopProvider(ctx, req)
	ctx, cancel := context.WithTimeout(ctx, maxStop)
	defer cancel()
	for stream := range s.streams.Range {
		ended, _ := stream.(chan struct{})
		select {
		case <-ended:
		case <-ctx.Done():
		}
	}
	return resp, err
}
