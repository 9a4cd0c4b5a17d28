package visualizationjob

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework-validators/stringvalidator"
	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/opentelekomcloud-community/terraform-provider-modelarts/internal/modelarts"
)

// filterModel has the filters of every schema that lists jobs.
type filterModel struct {
	Status        []types.String `tfsdk:"status"` // a set, or a list where the framework has no sets
	SearchContent types.String   `tfsdk:"search_content"`
	WorkspaceID   types.String   `tfsdk:"workspace_id"`
}

const (
	searchDescription    = "Selects the jobs whose name contains this text of up to 64 characters, for example `training`."
	workspaceDescription = "ID of the workspace of the jobs. Default `0`, the default workspace, in which the resource creates its jobs."
)

var statusDescription = "Selects the jobs that have one of these statuses: `" + strings.Join(modelarts.StatusNames(), "`, `") + "`. " +
	"Null elements are ignored. An empty value is an error. To select jobs in all statuses, omit `status`."

// Validators for the values that the API accepts.
var (
	statusName    = stringvalidator.OneOf(modelarts.StatusNames()...)
	searchContent = stringvalidator.UTF8LengthAtMost(64)
)

// filter selects jobs: options by the API, and statuses by the provider.
type filter struct {
	options  modelarts.ListOptions
	statuses map[modelarts.Status]bool // empty for all
}

func (m *filterModel) filter() filter {
	f := filter{
		options: modelarts.ListOptions{
			SearchContent: m.SearchContent.ValueString(),
			WorkspaceID:   m.WorkspaceID.ValueString(),
		},
		statuses: make(map[modelarts.Status]bool),
	}
	for _, name := range m.Status {
		if status, ok := modelarts.ParseStatus(name.ValueString()); ok { // null isn't, and the schema rejects other names
			f.statuses[status], f.options.Status = true, &status
		}
	}
	if len(f.statuses) > 1 {
		f.options.Status = nil // The API accepts only one status.
	}
	return f
}

// matches reports whether the filter selects a job that the API listed.
func (f *filter) matches(job *modelarts.VisualizationJob) bool {
	return len(f.statuses) == 0 || f.statuses[job.Status]
}

// statusSelection validates that a set or a list has at least one status that isn't null. An empty one is ambiguous: it
// could select all jobs or none.
type statusSelection struct{ described }

var selectsStatus = statusSelection{"must name at least one status"}

// ValidateSet implements validator.Set.
func (v statusSelection) ValidateSet(_ context.Context, req validator.SetRequest, resp *validator.SetResponse) {
	v.check(req.Path, req.ConfigValue, &resp.Diagnostics)
}

// ValidateList implements validator.List.
func (v statusSelection) ValidateList(_ context.Context, req validator.ListRequest, resp *validator.ListResponse) {
	v.check(req.Path, req.ConfigValue, &resp.Diagnostics)
}

func (statusSelection) check(at path.Path, selected elements, diags *diag.Diagnostics) {
	isNamed := func(element attr.Value) bool { return !element.IsNull() }
	if selected.IsNull() || selected.IsUnknown() || slices.ContainsFunc(selected.Elements(), isNamed) {
		return
	}
	diags.AddAttributeError(at, "No status selected",
		fmt.Sprintf("%s must name at least one status. To select jobs in all statuses, omit it or set it to null.", at))
}

// elements is a set or a list.
type elements interface {
	attr.Value
	Elements() []attr.Value
}
