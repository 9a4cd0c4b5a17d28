package provider

import (
	"context"
	"reflect"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
)

// serve calls an RPC of the framework, and sanitizes the diagnostics. If the provider is silent, it passes a context without values, because
// the values are loggers that log nothing. The framework keeps the context of each RPC until the provider is stopped, which is four contexts for
// each resource of a plan. Loggers take most of the memory of a context.
//
//nolint:contextcheck // A context that inherits from the caller's would keep its values.
func serve[Request, Response any](ctx context.Context, s *server, call func(context.Context, Request) (Response, error), req Request) (Response, error) {
	if s.silent {
		bare, cancel := context.WithCancel(context.Background())
		defer cancel()
		defer context.AfterFunc(ctx, cancel)() // A CLI sets no deadline.
		ctx = bare
	}
	resp, err := call(ctx, req)
	if err == nil {
		s.clean(resp)
	}
	return resp, err
}

// clean sanitizes the diagnostics of a response and removes credentials from them.
func (s *server) clean(resp any) {
	if field := reflect.Indirect(reflect.ValueOf(resp)).FieldByName("Diagnostics"); field.IsValid() {
		diagnostics, _ := reflect.TypeAssert[[]*tfprotov6.Diagnostic](field) // The protocol has no other type.
		for _, diagnostic := range diagnostics {
			diagnostic.Summary, diagnostic.Detail = s.redactor.Line(diagnostic.Summary, maxLine), s.redactor.Lines(diagnostic.Detail)
		}
	}
}

// maxLine is the maximum length of a summary, a progress message and a display name, in bytes.
const maxLine = 500

// The responses of the following RPCs can quote a configuration, a state or a service, so they are sanitized.

func (s *server) ValidateProviderConfig(ctx context.Context, req *tfprotov6.ValidateProviderConfigRequest) (*tfprotov6.ValidateProviderConfigResponse, error) {
	return serve(ctx, s, s.frameworkServer.ValidateProviderConfig, req)
}

func (s *server) ValidateListResourceConfig(ctx context.Context, req *tfprotov6.ValidateListResourceConfigRequest) (*tfprotov6.ValidateListResourceConfigResponse, error) {
	return serve(ctx, s, s.frameworkServer.ValidateListResourceConfig, req)
}

func (s *server) ValidateActionConfig(ctx context.Context, req *tfprotov6.ValidateActionConfigRequest) (*tfprotov6.ValidateActionConfigResponse, error) {
	return serve(ctx, s, s.frameworkServer.ValidateActionConfig, req)
}

func (s *server) PlanAction(ctx context.Context, req *tfprotov6.PlanActionRequest) (*tfprotov6.PlanActionResponse, error) {
	return serve(ctx, s, s.frameworkServer.PlanAction, req)
}

func (s *server) ValidateResourceConfig(ctx context.Context, req *tfprotov6.ValidateResourceConfigRequest) (*tfprotov6.ValidateResourceConfigResponse, error) {
	return serve(ctx, s, s.frameworkServer.ValidateResourceConfig, req)
}

func (s *server) GenerateResourceConfig(ctx context.Context, req *tfprotov6.GenerateResourceConfigRequest) (*tfprotov6.GenerateResourceConfigResponse, error) {
	return serve(ctx, s, s.frameworkServer.GenerateResourceConfig, req)
}

func (s *server) UpgradeResourceState(ctx context.Context, req *tfprotov6.UpgradeResourceStateRequest) (*tfprotov6.UpgradeResourceStateResponse, error) {
	return serve(ctx, s, s.frameworkServer.UpgradeResourceState, req)
}

func (s *server) UpgradeResourceIdentity(ctx context.Context, req *tfprotov6.UpgradeResourceIdentityRequest) (*tfprotov6.UpgradeResourceIdentityResponse, error) {
	return serve(ctx, s, s.frameworkServer.UpgradeResourceIdentity, req)
}

func (s *server) ReadResource(ctx context.Context, req *tfprotov6.ReadResourceRequest) (*tfprotov6.ReadResourceResponse, error) {
	return serve(ctx, s, s.frameworkServer.ReadResource, req)
}

func (s *server) PlanResourceChange(ctx context.Context, req *tfprotov6.PlanResourceChangeRequest) (*tfprotov6.PlanResourceChangeResponse, error) {
	return serve(ctx, s, s.frameworkServer.PlanResourceChange, req)
}

func (s *server) ApplyResourceChange(ctx context.Context, req *tfprotov6.ApplyResourceChangeRequest) (*tfprotov6.ApplyResourceChangeResponse, error) {
	return serve(ctx, s, s.frameworkServer.ApplyResourceChange, req)
}

func (s *server) ImportResourceState(ctx context.Context, req *tfprotov6.ImportResourceStateRequest) (*tfprotov6.ImportResourceStateResponse, error) {
	return serve(ctx, s, s.frameworkServer.ImportResourceState, req)
}

func (s *server) MoveResourceState(ctx context.Context, req *tfprotov6.MoveResourceStateRequest) (*tfprotov6.MoveResourceStateResponse, error) {
	return serve(ctx, s, s.frameworkServer.MoveResourceState, req)
}

func (s *server) ValidateDataResourceConfig(ctx context.Context, req *tfprotov6.ValidateDataResourceConfigRequest) (*tfprotov6.ValidateDataResourceConfigResponse, error) {
	return serve(ctx, s, s.frameworkServer.ValidateDataResourceConfig, req)
}

func (s *server) ReadDataSource(ctx context.Context, req *tfprotov6.ReadDataSourceRequest) (*tfprotov6.ReadDataSourceResponse, error) {
	return serve(ctx, s, s.frameworkServer.ReadDataSource, req)
}
