package visualizationjob

import (
	"context"
	"errors"
	"iter"
	"strings"
	"testing"

	"github.com/opentelekomcloud-community/terraform-provider-modelarts/internal/lifecycle"
	"github.com/opentelekomcloud-community/terraform-provider-modelarts/internal/modelarts"
)

// listAPI is an API that lists jobs with the name and path of a create.
type listAPI struct {
	lifecycle.API
	jobs []modelarts.VisualizationJob
	err  error
}

func (p listAPI) VisualizationJobPages(context.Context, modelarts.ListOptions) iter.Seq2[*modelarts.JobPage, error] {
	return func(yield func(*modelarts.JobPage, error) bool) { yield(&modelarts.JobPage{Jobs: p.jobs}, p.err) }
}

func (p listAPI) GetVisualizationJob(_ context.Context, id int64) (*modelarts.VisualizationJob, error) {
	return &modelarts.VisualizationJob{ID: id}, nil
}

// Only a create that was sent twice can have created a second job.
func TestSecondJobIsSearchedFor(t *testing.T) {
	t.Parallel()
	over, cancel := context.WithCancel(t.Context())
	cancel()
	own := modelarts.VisualizationJob{ID: 197}
	both := []modelarts.VisualizationJob{own, {ID: 198}}
	unnamed := operations["wait"]
	unnamed.name = "" // like the jobs
	for name, test := range map[string]struct {
		ctx   context.Context
		api   listAPI
		once  bool
		warns string // "" for no warning
	}{
		"sent once":     {ctx: t.Context(), api: listAPI{jobs: both}, once: true},
		"no duplicate":  {ctx: t.Context(), api: listAPI{jobs: both[:1]}},
		"a duplicate":   {ctx: t.Context(), api: listAPI{jobs: both}, warns: "  - ID 198, "},
		"no list":       {ctx: t.Context(), api: listAPI{err: errors.New("connection reset")}, warns: "The search for a job of the first request failed: connection reset"},
		"no time":       {ctx: over, api: listAPI{jobs: both[:1]}, warns: "The operation was interrupted."},
		"over and once": {ctx: over, api: listAPI{jobs: both}, once: true},
	} {
		r := &Resource{data: &ProviderData{Controller: lifecycle.New(t.Context(), test.api)}}
		warning := r.warnOfDuplicates(test.ctx, unnamed, &lifecycle.Created{Job: own, Repeated: !test.once})
		if (warning != nil) != (test.warns != "") || warning != nil && !strings.Contains(warning.Detail(), test.warns) {
			t.Errorf("%s: the warning does not say %q: %v", name, test.warns, warning)
		}
	}
}

// TestDiagnostics has the whole texts of the warnings.
func TestCreateWithoutIncidentsHasNoWarning(t *testing.T) {
	t.Parallel()
	if d := createWarning(operations["wait"], &lifecycle.Created{Job: *jobIn(modelarts.StatusInit)}); d != nil {
		t.Errorf("the warning is %s", d.Summary())
	}
}
