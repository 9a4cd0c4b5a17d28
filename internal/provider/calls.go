package provider

import (
	"context"
	"sync/atomic"
	"time"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
)

// callContext is the context of a call until the call has ended, and an empty one from
// then on. The framework keeps the context of every call until the provider is stopped,
// and with it the call's loggers and its stream of gRPC: four calls for each resource
// of a plan, none of which is collected otherwise.
type callContext struct {
	current atomic.Pointer[context.Context]
}

// noContext is what a context is after its call.
var noContext = context.Background()

// Deadline implements context.Context.
func (c *callContext) Deadline() (deadline time.Time, ok bool) { return (*c.current.Load()).Deadline() }

// Done implements context.Context.
func (c *callContext) Done() <-chan struct{} { return (*c.current.Load()).Done() }

// Err implements context.Context.
func (c *callContext) Err() error { return (*c.current.Load()).Err() }

// Value implements context.Context.
func (c *callContext) Value(key any) any { return (*c.current.Load()).Value(key) }

// during makes a call with a context that it lets go of when the call has ended.
//
//nolint:contextcheck // c is ctx for as long as the call lasts
func during[Request, Response any](ctx context.Context, call func(context.Context, Request) (Response, error), req Request) (Response, error) {
	c := &callContext{}
	c.current.Store(&ctx)
	defer c.current.Store(&noContext)
	return call(c, req)
}

// What follows are the calls that a run makes for each resource or data source.

// ValidateResourceConfig implements tfprotov6.ResourceServer.
func (s *server) ValidateResourceConfig(ctx context.Context, req *tfprotov6.ValidateResourceConfigRequest) (*tfprotov6.ValidateResourceConfigResponse, error) {
	return during(ctx, s.frameworkServer.ValidateResourceConfig, req)
}

// UpgradeResourceState implements tfprotov6.ResourceServer.
func (s *server) UpgradeResourceState(ctx context.Context, req *tfprotov6.UpgradeResourceStateRequest) (*tfprotov6.UpgradeResourceStateResponse, error) {
	return during(ctx, s.frameworkServer.UpgradeResourceState, req)
}

// UpgradeResourceIdentity implements tfprotov6.ResourceServer.
func (s *server) UpgradeResourceIdentity(ctx context.Context, req *tfprotov6.UpgradeResourceIdentityRequest) (*tfprotov6.UpgradeResourceIdentityResponse, error) {
	return during(ctx, s.frameworkServer.UpgradeResourceIdentity, req)
}

// ReadResource implements tfprotov6.ResourceServer.
func (s *server) ReadResource(ctx context.Context, req *tfprotov6.ReadResourceRequest) (*tfprotov6.ReadResourceResponse, error) {
	return during(ctx, s.frameworkServer.ReadResource, req)
}

// PlanResourceChange implements tfprotov6.ResourceServer.
func (s *server) PlanResourceChange(ctx context.Context, req *tfprotov6.PlanResourceChangeRequest) (*tfprotov6.PlanResourceChangeResponse, error) {
	return during(ctx, s.frameworkServer.PlanResourceChange, req)
}

// ApplyResourceChange implements tfprotov6.ResourceServer.
func (s *server) ApplyResourceChange(ctx context.Context, req *tfprotov6.ApplyResourceChangeRequest) (*tfprotov6.ApplyResourceChangeResponse, error) {
	return during(ctx, s.frameworkServer.ApplyResourceChange, req)
}

// ImportResourceState implements tfprotov6.ResourceServer.
func (s *server) ImportResourceState(ctx context.Context, req *tfprotov6.ImportResourceStateRequest) (*tfprotov6.ImportResourceStateResponse, error) {
	return during(ctx, s.frameworkServer.ImportResourceState, req)
}

// MoveResourceState implements tfprotov6.ResourceServer.
func (s *server) MoveResourceState(ctx context.Context, req *tfprotov6.MoveResourceStateRequest) (*tfprotov6.MoveResourceStateResponse, error) {
	return during(ctx, s.frameworkServer.MoveResourceState, req)
}

// ValidateDataResourceConfig implements tfprotov6.DataSourceServer.
func (s *server) ValidateDataResourceConfig(ctx context.Context, req *tfprotov6.ValidateDataResourceConfigRequest) (*tfprotov6.ValidateDataResourceConfigResponse, error) {
	return during(ctx, s.frameworkServer.ValidateDataResourceConfig, req)
}

// ReadDataSource implements tfprotov6.DataSourceServer.
func (s *server) ReadDataSource(ctx context.Context, req *tfprotov6.ReadDataSourceRequest) (*tfprotov6.ReadDataSourceResponse, error) {
	return during(ctx, s.frameworkServer.ReadDataSource, req)
}
