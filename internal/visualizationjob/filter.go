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

// longestSearch is how many characters the API searches for at most.
const longestSearch = 64

// filterModel is what selects jobs, in every schema that lists them.
type filterModel struct {
	Status        []types.String `tfsdk:"status"` // a set, or a list where the framework has no sets
	SearchContent types.String   `tfsdk:"search_content"`
	WorkspaceID   types.String   `tfsdk:"workspace_id"`
}

const (
	searchDescription    = "Only jobs whose names contain this: up to 64 characters."
	workspaceDescription = "Id of the workspace to look into. Default `0`, the one in which the resource creates its jobs."
)

var statusDescription = "Only jobs in one of these statuses: `" + strings.Join(modelarts.StatusNames(), "`, `") + "`. " +
	"Null elements are ignored. An empty value is an error: to select jobs in all statuses, omit it."

// statusName and searchContent check what the API takes.
var (
	statusName    = stringvalidator.OneOf(modelarts.StatusNames()...)
	searchContent = stringvalidator.UTF8LengthAtMost(longestSearch)
)

// filter selects jobs: as far as the API can do it, and the rest.
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
		status, ok := modelarts.ParseStatus(name.ValueString())
		if !ok {
			continue // null, because the schema refuses other names
		}
		f.statuses[status] = true
		f.options.Status = &status
	}
	if len(f.statuses) > 1 {
		f.options.Status = nil // the API takes no more than one
	}
	return f
}

// matches reports whether the filter selects a job that the API listed.
func (f *filter) matches(job *modelarts.VisualizationJob) bool {
	return len(f.statuses) == 0 || f.statuses[job.Status]
}

// statusSelection checks the names of statuses in a set or a list. An empty one is an error,
// because it could mean all jobs as well as none. Null elements are ignored, so one with
// nothing else counts as empty.
type statusSelection struct{}

// Description implements validator.Describer.
func (statusSelection) Description(context.Context) string { return "must name at least one status" }

// MarkdownDescription implements validator.Describer.
func (v statusSelection) MarkdownDescription(ctx context.Context) string { return v.Description(ctx) }

// ValidateSet implements validator.Set.
func (v statusSelection) ValidateSet(_ context.Context, req validator.SetRequest, resp *validator.SetResponse) {
	if !req.ConfigValue.IsNull() && !req.ConfigValue.IsUnknown() {
		resp.Diagnostics.Append(v.check(req.Path, req.ConfigValue.Elements())...)
	}
}

// ValidateList implements validator.List.
func (v statusSelection) ValidateList(_ context.Context, req validator.ListRequest, resp *validator.ListResponse) {
	if !req.ConfigValue.IsNull() && !req.ConfigValue.IsUnknown() {
		resp.Diagnostics.Append(v.check(req.Path, req.ConfigValue.Elements())...)
	}
}

func (statusSelection) check(at path.Path, elements []attr.Value) diag.Diagnostics {
	if slices.ContainsFunc(elements, func(element attr.Value) bool { return !element.IsNull() }) {
		return nil
	}
	return diag.Diagnostics{diag.NewAttributeErrorDiagnostic(at, "No status selected",
		fmt.Sprintf("%s must name at least one status. To select jobs in all statuses, omit it or set it to null.", at))}
}
