package visualizationjob

import (
	"strings"

	"github.com/hashicorp/terraform-plugin-framework-validators/stringvalidator"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/opentelekomcloud-community/terraform-provider-modelarts/internal/modelarts"
)

// longestSearch is how many characters the API searches for at most.
const longestSearch = 64

// filterModel is what selects jobs, in every schema that lists them.
type filterModel struct {
	Status        []string     `tfsdk:"status"` // a set, or a list where the framework has no sets
	SearchContent types.String `tfsdk:"search_content"`
	WorkspaceID   types.String `tfsdk:"workspace_id"`
}

const (
	searchDescription    = "Only jobs whose names contain this: up to 64 characters."
	workspaceDescription = "Id of the workspace to look into. Default `0`, the one in which the resource creates its jobs."
)

var statusDescription = "Only jobs in one of these statuses: `" + strings.Join(modelarts.StatusNames(), "`, `") + "`."

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
		status, _ := modelarts.ParseStatus(name) // the schema lets no other name pass
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
