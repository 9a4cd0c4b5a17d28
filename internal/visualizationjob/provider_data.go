// Package visualizationjob is what a Terraform user sees of the visualization
// jobs of ModelArts.
package visualizationjob

import (
	"fmt"
	"sync"

	"github.com/hashicorp/terraform-plugin-framework/diag"

	"github.com/opentelekomcloud-community/terraform-provider-modelarts/internal/lifecycle"
	"github.com/opentelekomcloud-community/terraform-provider-modelarts/internal/modelarts"
)

// ProviderData is what the configured provider hands to everything here.
type ProviderData struct {
	Controller *lifecycle.Controller
	ProjectID  string

	// lists is held by a data source while it reads a list and converts it for the framework, which
	// needs many times the memory of the list.
	lists  sync.Mutex
	failed sync.Map // IDs of the jobs that a refresh of this run warned of
}

// isNewFailure reports whether a job has failed and this run has not said so yet.
func (d *ProviderData) isNewFailure(job *modelarts.VisualizationJob) bool {
	if job.Status.Class() != modelarts.ClassFailed {
		return false
	}
	_, known := d.failed.LoadOrStore(job.ID, true)
	return !known
}

// providerDataFrom returns the provider data behind the any that the framework
// passes around. It is nil before the provider is configured, which the framework
// does not count as an error, and while its configuration is not yet known.
func providerDataFrom(providerData any) (*ProviderData, diag.Diagnostics) {
	var diags diag.Diagnostics
	if providerData == nil {
		return nil, diags
	}
	data, ok := providerData.(*ProviderData)
	if !ok {
		diags.AddError("Unexpected provider data",
			fmt.Sprintf("Expected %T, got %T. This is a bug in the provider: please report it.", data, providerData))
	}
	return data, diags
}

// notConfigured is the diagnostic for work that cannot be done without a client.
func notConfigured() diag.Diagnostic {
	return diag.NewErrorDiagnostic("The provider is not configured yet",
		"Its configuration depends on values that are known only after an apply. "+
			"Apply what they depend on first, for example with -target.")
}
