// Command naive has the real provider's resource, to which the API refuses every list,
// so that each read is a GET of its own, as in a provider that shares nothing between
// reads. It is served as the framework serves a provider, without what the real one
// saves on logs, memory and garbage in provider/process.go and calls.go.
package main

import (
	"context"
	"iter"
	"log"
	"net/http"
	"os"

	"github.com/hashicorp/go-cleanhttp"
	"github.com/hashicorp/terraform-plugin-framework/provider"
	"github.com/hashicorp/terraform-plugin-framework/providerserver"

	"github.com/opentelekomcloud-community/terraform-provider-modelarts/internal/auth"
	"github.com/opentelekomcloud-community/terraform-provider-modelarts/internal/lifecycle"
	"github.com/opentelekomcloud-community/terraform-provider-modelarts/internal/modelarts"
	product "github.com/opentelekomcloud-community/terraform-provider-modelarts/internal/provider"
	"github.com/opentelekomcloud-community/terraform-provider-modelarts/internal/visualizationjob"
)

func main() {
	start := func() provider.Provider { return &naive{Provider: &product.Provider{}} }
	err := providerserver.Serve(context.Background(), start, providerserver.ServeOpts{Address: product.Address, ProtocolVersion: 6})
	if err != nil {
		log.Fatal(err)
	}
}

// naive is the product's provider with a client of its own.
type naive struct{ *product.Provider }

// Configure logs in with the variables that the benchmark sets for every provider.
func (*naive) Configure(ctx context.Context, _ provider.ConfigureRequest, resp *provider.ConfigureResponse) {
	session, err := auth.Open(ctx, auth.Options{
		AuthURL:     os.Getenv("OS_AUTH_URL"),
		Region:      os.Getenv("OS_REGION_NAME"),
		UserName:    os.Getenv("OS_USERNAME"),
		Password:    os.Getenv("OS_PASSWORD"),
		DomainName:  os.Getenv("OS_USER_DOMAIN_NAME"),
		ProjectName: os.Getenv("OS_PROJECT_NAME"),
		Transport:   cleanhttp.DefaultPooledTransport(),
	})
	if err != nil {
		resp.Diagnostics.AddError("Could not authenticate", err.Error())
		return
	}
	client := modelarts.NewClient(session.Endpoint, session.ProjectID, session.Transport)
	data := &visualizationjob.ProviderData{Controller: lifecycle.New(ctx, withoutLists{client}), ProjectID: session.ProjectID}
	resp.ResourceData, resp.DataSourceData = data, data
}

// withoutLists is an API that refuses every list, without being called.
type withoutLists struct{ *modelarts.Client }

var errNoLists = &modelarts.Error{
	Operation: "GET /visualization-jobs", StatusCode: http.StatusForbidden,
	Code: "ModelArts.0108", Message: "The benchmark refuses lists.",
}

// ListVisualizationJobs implements lifecycle.API.
func (withoutLists) ListVisualizationJobs(context.Context, modelarts.ListOptions) (*modelarts.JobPage, error) {
	return nil, errNoLists
}

// VisualizationJobPages implements lifecycle.API.
func (withoutLists) VisualizationJobPages(context.Context, modelarts.ListOptions) iter.Seq2[*modelarts.JobPage, error] {
	return func(yield func(*modelarts.JobPage, error) bool) { yield(nil, errNoLists) }
}
