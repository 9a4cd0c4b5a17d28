// Package visualizationjob implements the resource, the data sources, the list resource and the actions for ModelArts
// visualization jobs.
package visualizationjob

import (
	"fmt"
	"sync"

	"github.com/hashicorp/terraform-plugin-framework/diag"

	"github.com/opentelekomcloud-community/terraform-provider-modelarts/internal/lifecycle"
)

// ProviderData has the values that the configured provider passes to resources, data sources, list resources and actions.
type ProviderData struct {
	Controller *lifecycle.Controller
	ProjectID  string

	// lists is held by a data source while it reads a list and converts it for the framework, which
	// needs many times the memory of the list.
	lists sync.Mutex
}

// providerDataFrom returns the provider data that the framework passes as any. It is nil, without an error, before the
// provider is configured and while its configuration is unknown.
func providerDataFrom(providerData any, diags *diag.Diagnostics) *ProviderData {
	data, ok := providerData.(*ProviderData)
	if !ok && providerData != nil {
		diags.AddError("Unexpected provider data",
			fmt.Sprintf("Expected %T, got %T. This is a bug in the provider: please report it.", data, providerData))
	}
	return data
}

// require adds an error if the provider isn't configured, so that d is nil.
func (d *ProviderData) require(diags *diag.Diagnostics) {
	if d == nil {
		diags.AddError("The provider isn't configured yet",
			"The configuration of the provider depends on values that are known only after an apply. "+
				"First apply the resources that they depend on, for example with terraform apply -target=ADDRESS.")
	}
}
