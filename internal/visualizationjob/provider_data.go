// Package visualizationjob implements the resource, the data sources, the list resource and the actions for ModelArts
// visualization jobs.
package visualizationjob

import (
	"sync"

	"github.com/hashicorp/terraform-plugin-framework/diag"

	"github.com/opentelekomcloud-community/terraform-provider-modelarts/internal/lifecycle"
)

// ProviderData has the values that the configured provider passes to resources, data sources, list resources and actions.
type ProviderData struct {
	Controller *lifecycle.Controller
	ProjectID  string

	// lists is locked while a list is read and converted for the framework, which needs many times the memory of the list.
	lists sync.Mutex
}

// require adds an error if d is nil, because the provider isn't configured or its configuration is unknown.
func (d *ProviderData) require(diags *diag.Diagnostics) {
	if d == nil {
		diags.AddError("The provider isn't configured yet",
			"The configuration of the provider depends on values that are known only after an apply. "+
				"First apply the resources that they depend on, for example with terraform apply -target=ADDRESS.")
	}
}
