package provider_test

import (
	"bytes"
	"context"
	"iter"
	"slices"
	"testing"
	"time"

	frameworkprovider "github.com/hashicorp/terraform-plugin-framework/provider"
	"github.com/hashicorp/terraform-plugin-framework/providerserver"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6"

	"github.com/opentelekomcloud-community/terraform-provider-modelarts/internal/lifecycle"
	"github.com/opentelekomcloud-community/terraform-provider-modelarts/internal/modelarts"
	"github.com/opentelekomcloud-community/terraform-provider-modelarts/internal/provider"
	"github.com/opentelekomcloud-community/terraform-provider-modelarts/internal/simulator"
	"github.com/opentelekomcloud-community/terraform-provider-modelarts/internal/visualizationjob"
)

// The benchmarks measure the RPCs that a CLI sends for each resource of a plan, without the
// network on either side: the framework and this provider. No RPC changes a resource, as in most plans.

// onStub is the provider with a stub for the API and one resource.
type onStub struct {
	frameworkprovider.Provider

	resource func() resource.Resource
}

// Configure implements provider.Provider.
func (onStub) Configure(ctx context.Context, _ frameworkprovider.ConfigureRequest, resp *frameworkprovider.ConfigureResponse) {
	data := &visualizationjob.ProviderData{Controller: lifecycle.New(ctx, stubAPI{}), ProjectID: simulator.DefaultProjectID}
	resp.ResourceData, resp.DataSourceData = data, data
}

// Resources implements provider.Provider.
func (p onStub) Resources(context.Context) []func() resource.Resource {
	return []func() resource.Resource{p.resource}
}

// stubAPI returns the same job for each of a thousand IDs.
type stubAPI struct{ lifecycle.API }

var stubJob = modelarts.VisualizationJob{
	ID: 1, Name: "board", TrainURL: "/bucket/logs/", Status: modelarts.StatusRunning,
	CreateTime: time.UnixMilli(1524189990635), ServiceURL: "https://example.com/1", ResourceID: "bill-1",
}

// GetVisualizationJob implements lifecycle.API.
func (stubAPI) GetVisualizationJob(context.Context, int64) (*modelarts.VisualizationJob, error) {
	job := stubJob
	return &job, nil
}

// VisualizationJobPages implements lifecycle.API.
func (stubAPI) VisualizationJobPages(context.Context, modelarts.ListOptions) iter.Seq2[*modelarts.JobPage, error] {
	jobs := slices.Repeat([]modelarts.VisualizationJob{stubJob}, 1000)
	return func(yield func(*modelarts.JobPage, error) bool) {
		yield(&modelarts.JobPage{Jobs: jobs, TotalCount: len(jobs), Complete: true}, nil)
	}
}

// idle is the resource with a Read that does nothing, which leaves the framework.
type idle struct{ *visualizationjob.Resource }

// Read implements resource.Resource.
func (idle) Read(_ context.Context, req resource.ReadRequest, resp *resource.ReadResponse) {
	resp.Identity.Raw = req.Identity.Raw
}

func newIdle() resource.Resource { return idle{&visualizationjob.Resource{}} }

// benchmarked is a server that is configured, with the parts of its requests.
type benchmarked struct {
	tfprotov6.ProviderServer

	config, state, dataSource *tfprotov6.DynamicValue
	identity                  *tfprotov6.ResourceIdentityData
}

// prepare sends the RPCs that a CLI sends before those about resources.
func prepare(b *testing.B, server tfprotov6.ProviderServer) *benchmarked {
	b.Helper()
	schemas, err := server.GetProviderSchema(b.Context(), &tfprotov6.GetProviderSchemaRequest{})
	if err != nil {
		b.Fatal(err)
	}
	identities, err := server.GetResourceIdentitySchemas(b.Context(), &tfprotov6.GetResourceIdentitySchemasRequest{})
	if err != nil {
		b.Fatal(err)
	}
	config := encode(b, schemas.Provider, map[string]any{})
	if _, err := server.ConfigureProvider(b.Context(), &tfprotov6.ConfigureProviderRequest{Config: config}); err != nil {
		b.Fatal(err)
	}
	job := schemas.ResourceSchemas[jobType]
	return &benchmarked{
		ProviderServer: server,
		config:         encode(b, job, map[string]any{"name": "board", "train_url": "/bucket/logs/"}),
		state: encode(b, job, map[string]any{ // of the stub's job, without null attributes
			"id": "1", "name": "board", "train_url": "/bucket/logs/", "description": "", "running": true, "status": "RUNNING",
			"create_time": "2018-04-20T02:06:30Z", "service_url": "https://example.com/1", "resource_id": "bill-1",
			"project_id": simulator.DefaultProjectID,
		}),
		dataSource: encode(b, schemas.DataSourceSchemas[jobType+"s"], map[string]any{}),
		identity: &tfprotov6.ResourceIdentityData{IdentityData: encodeAs(b, identities.IdentitySchemas[jobType].ValueType(),
			map[string]any{"id": "1", "project_id": simulator.DefaultProjectID})},
	}
}

// measure repeats an RPC, which has to return want, unless that is nil, and no diagnostics.
func measure(b *testing.B, call func() (*tfprotov6.DynamicValue, []*tfprotov6.Diagnostic, error), want *tfprotov6.DynamicValue) {
	b.Helper()
	b.ReportAllocs()
	for b.Loop() {
		got, diags, err := call()
		if err != nil || len(diags) > 0 {
			b.Fatal(err, diags)
		}
		if want != nil && !bytes.Equal(got.MsgPack, want.MsgPack) {
			b.Fatalf("it is %q, want %q", got.MsgPack, want.MsgPack)
		}
	}
}

func BenchmarkReadResource(b *testing.B) {
	for name, construct := range map[string]func() resource.Resource{"ours": visualizationjob.NewResource, "idle": newIdle} {
		b.Run(name, func(b *testing.B) {
			c := prepare(b, providerserver.NewProtocol6(onStub{provider.New("test")(), construct})())
			measure(b, func() (*tfprotov6.DynamicValue, []*tfprotov6.Diagnostic, error) {
				resp, err := c.ReadResource(b.Context(), &tfprotov6.ReadResourceRequest{
					TypeName: jobType, CurrentState: c.state, CurrentIdentity: c.identity,
				})
				return resp.NewState, resp.Diagnostics, err
			}, c.state)
		})
	}
}

func BenchmarkPlanResourceChange(b *testing.B) {
	c := prepare(b, provider.NewServer("test"))
	measure(b, func() (*tfprotov6.DynamicValue, []*tfprotov6.Diagnostic, error) {
		resp, err := c.PlanResourceChange(b.Context(), &tfprotov6.PlanResourceChangeRequest{
			TypeName: jobType, PriorState: c.state, ProposedNewState: c.state, Config: c.config, PriorIdentity: c.identity,
		})
		return resp.PlannedState, resp.Diagnostics, err
	}, c.state)
}

// All jobs of the project, in one data source.
func BenchmarkReadDataSource(b *testing.B) {
	c := prepare(b, providerserver.NewProtocol6(onStub{provider.New("test")(), newIdle})())
	measure(b, func() (*tfprotov6.DynamicValue, []*tfprotov6.Diagnostic, error) {
		resp, err := c.ReadDataSource(b.Context(), &tfprotov6.ReadDataSourceRequest{TypeName: jobType + "s", Config: c.dataSource})
		return resp.State, resp.Diagnostics, err
	}, nil)
}
