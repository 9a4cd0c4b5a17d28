package provider

import (
	"context"
	"errors"
	"reflect"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
)

// serve calls an RPC of the framework, and sanitizes the diagnostics. If the provider is silent, it passes a context without values, because
// the values are loggers that log nothing. The framework keeps the context of each RPC until the provider is stopped, which is four contexts for
// each resource of a plan. Loggers take most of the memory of a context.
func serve[Request, Response any](ctx context.Context, s *server, call func(context.Context, Request) (Response, error), req Request) (Response, error) {
	if s.silent {
		bare, end := withoutValues(ctx)
		defer end()
		ctx = bare
	}
	resp, err := call(ctx, req)
	s.clean(resp)
	return resp, err
}

// clean sanitizes the diagnostics of a response and removes credentials from them.
func (s *server) clean(resp any) {
	value := reflect.ValueOf(resp)
	if value.Kind() == reflect.Pointer && value.IsNil() {
		return // the RPC failed
	}
	if field := reflect.Indirect(value).FieldByName("Diagnostics"); field.IsValid() {
		diagnostics, _ := reflect.TypeAssert[[]*tfprotov6.Diagnostic](field) // The protocol has no other type.
		for _, diagnostic := range diagnostics {
			diagnostic.Summary, diagnostic.Detail = s.redactor.Line(diagnostic.Summary, maxLine), s.redactor.Lines(diagnostic.Detail)
		}
	}
}

// maxLine is the maximum length of a summary, a progress message and a display name, in bytes.
const maxLine = 500

// withoutValues returns a context that ends with ctx or when end is called. The context doesn't refer to ctx.
func withoutValues(ctx context.Context) (bare context.Context, end func()) {
	bare, cancel := context.WithCancel(context.Background())
	if deadline, ok := ctx.Deadline(); ok {
		cancel()
		bare, cancel = context.WithDeadline(context.Background(), deadline)
	}
	stop := context.AfterFunc(ctx, func() {
		if !errors.Is(ctx.Err(), context.DeadlineExceeded) { // The context bare has the same deadline.
			cancel()
		}
	})
	return bare, func() { stop(); cancel() }
}

// The responses of the following RPCs can quote a configuration, a state or a service, so they are sanitized.

// ValidateProviderConfig implements tfprotov6.ProviderServer.
func (s *server) ValidateProviderConfig(ctx context.Context, req *tfprotov6.ValidateProviderConfigRequest) (*tfprotov6.ValidateProviderConfigResponse, error) {
	return serve(ctx, s, s.frameworkServer.ValidateProviderConfig, req)
}

// ValidateListResourceConfig implements tfprotov6.ListResourceServer.
func (s *server) ValidateListResourceConfig(ctx context.Context, req *tfprotov6.ValidateListResourceConfigRequest) (*tfprotov6.ValidateListResourceConfigResponse, error) {
	return serve(ctx, s, s.frameworkServer.ValidateListResourceConfig, req)
}

// ValidateActionConfig implements tfprotov6.ActionServer.
func (s *server) ValidateActionConfig(ctx context.Context, req *tfprotov6.ValidateActionConfigRequest) (*tfprotov6.ValidateActionConfigResponse, error) {
	return serve(ctx, s, s.frameworkServer.ValidateActionConfig, req)
}

// PlanAction implements tfprotov6.ActionServer.
func (s *server) PlanAction(ctx context.Context, req *tfprotov6.PlanActionRequest) (*tfprotov6.PlanActionResponse, error) {
	return serve(ctx, s, s.frameworkServer.PlanAction, req)
}

// ValidateResourceConfig implements tfprotov6.ResourceServer.
func (s *server) ValidateResourceConfig(ctx context.Context, req *tfprotov6.ValidateResourceConfigRequest) (*tfprotov6.ValidateResourceConfigResponse, error) {
	return serve(ctx, s, s.frameworkServer.ValidateResourceConfig, req)
}

// GenerateResourceConfig implements tfprotov6.ResourceServer.
func (s *server) GenerateResourceConfig(ctx context.Context, req *tfprotov6.GenerateResourceConfigRequest) (*tfprotov6.GenerateResourceConfigResponse, error) {
	return serve(ctx, s, s.frameworkServer.GenerateResourceConfig, req)
}

// UpgradeResourceState implements tfprotov6.ResourceServer.
func (s *server) UpgradeResourceState(ctx context.Context, req *tfprotov6.UpgradeResourceStateRequest) (*tfprotov6.UpgradeResourceStateResponse, error) {
	return serve(ctx, s, s.frameworkServer.UpgradeResourceState, req)
}

// UpgradeResourceIdentity implements tfprotov6.ResourceServer.
func (s *server) UpgradeResourceIdentity(ctx context.Context, req *tfprotov6.UpgradeResourceIdentityRequest) (*tfprotov6.UpgradeResourceIdentityResponse, error) {
	return serve(ctx, s, s.frameworkServer.UpgradeResourceIdentity, req)
}

// ReadResource implements tfprotov6.ResourceServer.
func (s *server) ReadResource(ctx context.Context, req *tfprotov6.ReadResourceRequest) (*tfprotov6.ReadResourceResponse, error) {
	return serve(ctx, s, s.frameworkServer.ReadResource, req)
}

// PlanResourceChange implements tfprotov6.ResourceServer.
func (s *server) PlanResourceChange(ctx context.Context, req *tfprotov6.PlanResourceChangeRequest) (*tfprotov6.PlanResourceChangeResponse, error) {
	return serve(ctx, s, s.frameworkServer.PlanResourceChange, req)
}

// ApplyResourceChange implements tfprotov6.ResourceServer.
func (s *server) ApplyResourceChange(ctx context.Context, req *tfprotov6.ApplyResourceChangeRequest) (*tfprotov6.ApplyResourceChangeResponse, error) {
	return serve(ctx, s, s.frameworkServer.ApplyResourceChange, req)
}

// ImportResourceState implements tfprotov6.ResourceServer.
func (s *server) ImportResourceState(ctx context.Context, req *tfprotov6.ImportResourceStateRequest) (*tfprotov6.ImportResourceStateResponse, error) {
	return serve(ctx, s, s.frameworkServer.ImportResourceState, req)
}

// MoveResourceState implements tfprotov6.ResourceServer.
func (s *server) MoveResourceState(ctx context.Context, req *tfprotov6.MoveResourceStateRequest) (*tfprotov6.MoveResourceStateResponse, error) {
	return serve(ctx, s, s.frameworkServer.MoveResourceState, req)
}

// ValidateDataResourceConfig implements tfprotov6.DataSourceServer.
func (s *server) ValidateDataResourceConfig(ctx context.Context, req *tfprotov6.ValidateDataResourceConfigRequest) (*tfprotov6.ValidateDataResourceConfigResponse, error) {
	return serve(ctx, s, s.frameworkServer.ValidateDataResourceConfig, req)
}

// ReadDataSource implements tfprotov6.DataSourceServer.
func (s *server) ReadDataSource(ctx context.Context, req *tfprotov6.ReadDataSourceRequest) (*tfprotov6.ReadDataSourceResponse, error) {
	return serve(ctx, s, s.frameworkServer.ReadDataSource, req)
}
