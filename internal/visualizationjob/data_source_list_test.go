package visualizationjob_test

import (
	"net/http"
	"strconv"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/opentelekomcloud-community/terraform-provider-modelarts/internal/simulator"
)

func (p *protocol) readJobs(config attrs) (attrs, []*tfprotov6.Diagnostic) {
	p.t.Helper()
	return p.readData("modelarts_visualization_jobs", config)
}

// wantIDs checks what is listed, in its order, in all that tells it.
func (p *protocol) wantIDs(got attrs, want string) {
	p.t.Helper()
	ids, inJobs := []string{}, []string{}
	for _, id := range got["ids"].([]any) {
		ids = append(ids, id.(string))
	}
	for _, job := range got["jobs"].([]any) {
		inJobs = append(inJobs, job.(attrs)["id"].(string))
	}
	if diff := cmp.Diff(strings.Fields(want), ids); diff != "" {
		p.t.Error("ids (-want +got):\n" + diff)
	}
	if diff := cmp.Diff(ids, inJobs); diff != "" {
		p.t.Error("the jobs are others than the ids (-ids +jobs):\n" + diff)
	}
	if got["total_count"] != int64(len(ids)) {
		p.t.Errorf("the total count is %v, want %d", got["total_count"], len(ids))
	}
}

// library is a service with jobs whose orders differ, in two workspaces.
func library(t *testing.T) *protocol {
	t.Helper()
	options := standing()
	options.JobLimit, options.RunLimit = 10, 7
	p := unconfiguredFor(t, options).configure(nil)
	for i, job := range []simulator.Job{
		{Name: "zeta", Description: "c", Status: simulator.StatusRunning},
		{Name: "board", Description: "b", Status: simulator.StatusKilled},
		{Name: "board-2", Description: "a", Status: simulator.StatusRunning},
		{Name: "alpha", Description: "a", Status: 99},
		{Name: "board", Status: simulator.StatusFailed, WorkspaceID: "7"},
		{Name: "alpha", Status: simulator.StatusRunning, WorkspaceID: "7"},
	} {
		hour := []int{0, 3, 1, 2, 4, 5}[i]
		job.ID, job.CreateTime = int64(i+1), time.Date(2024, 2, 1, hour, 0, 0, 0, time.UTC)
		p.AddJob(job)
	}
	return p
}

func TestDataSourceListFilters(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("ä", 64)
	p := library(t)
	for _, test := range []struct {
		config attrs
		ids    string
		query  string // beside the page
	}{
		{attrs{}, "1 2 3 4", ""},
		{attrs{"status": texts("RUNNING")}, "1 3", "status=8"},
		{attrs{"status": texts("UNKNOWN")}, "", "status=0"},
		{attrs{"status": texts("KILLED", "RUNNING")}, "1 2 3", ""},
		{attrs{"status": texts("FAILED", "LOST")}, "", ""},
		{attrs{"status": append(texts("RUNNING"), tftypes.NewValue(tftypes.String, nil))}, "1 3", "status=8"},
		{attrs{"search_content": "board"}, "2 3", "search_content=board"},
		{attrs{"search_content": ""}, "1 2 3 4", ""},
		{attrs{"search_content": long}, "", "search_content=" + strings.Repeat("%C3%A4", 64)},
		{attrs{"workspace_id": "7"}, "5 6", "workspace_id=7"},
		{attrs{"workspace_id": "0"}, "1 2 3 4", "workspace_id=0"},
		{attrs{"sort_by": "job_id"}, "1 2 3 4", "sortBy=job_id"},
		{attrs{"order": "desc"}, "4 3 2 1", "order=desc"},
		{attrs{"sort_by": "job_id", "order": "desc"}, "4 3 2 1", "order=desc&sortBy=job_id"},
		{attrs{"sort_by": "job_name", "order": "asc"}, "4 2 3 1", "order=asc&sortBy=job_name"},
		{attrs{"sort_by": "job_name", "order": "desc"}, "1 3 2 4", "order=desc&sortBy=job_name"},
		{attrs{"sort_by": "job_desc", "order": "asc"}, "3 4 2 1", "order=asc&sortBy=job_desc"},
		{attrs{"sort_by": "job_desc", "order": "desc"}, "1 2 4 3", "order=desc&sortBy=job_desc"},
		{attrs{"sort_by": "create_time", "order": "asc"}, "1 3 4 2", "order=asc&sortBy=create_time"},
		{attrs{"sort_by": "create_time", "order": "desc"}, "2 4 3 1", "order=desc&sortBy=create_time"},
		{attrs{"sort_by": "status", "order": "asc"}, "1 3 2 4", "order=asc&sortBy=status"},
		{attrs{"sort_by": "status", "order": "desc"}, "4 2 3 1", "order=desc&sortBy=status"},
		{ // what is filtered here keeps its order
			attrs{"status": texts("RUNNING", "KILLED"), "sort_by": "job_name", "order": "desc"},
			"1 3 2", "order=desc&sortBy=job_name",
		},
		{
			attrs{"status": texts("RUNNING"), "search_content": "al", "workspace_id": "7", "sort_by": "status", "order": "asc"},
			"6", "order=asc&search_content=al&sortBy=status&status=8&workspace_id=7",
		},
		{
			attrs{"status": texts("RUNNING", "FAILED"), "search_content": "boa", "workspace_id": "7"},
			"5", "search_content=boa&workspace_id=7",
		},
	} {
		t.Run(test.query+" "+test.ids, func(t *testing.T) {
			p := p.during(t)
			got, diags := p.readJobs(test.config)
			p.wantNone(diags)
			p.wantIDs(got, test.ids)
			p.wantOneList(test.query)
			if got["job_count_limit"] != int64(4) || got["quotas"] != int64(7) {
				t.Errorf("%v jobs may run, and there may be %v more", got["quotas"], got["job_count_limit"])
			}
		})
	}
}

func TestDataSourceListShowsWholeJobs(t *testing.T) {
	t.Parallel()
	p := unconfiguredFor(t, standing()).configure(nil)
	p.AddJob(watched)
	stopped := named(198, "board-2")
	stopped.Status, stopped.Description = simulator.StatusKilled, ""
	p.AddJob(stopped)
	got, diags := p.readJobs(attrs{})
	p.wantNone(diags)
	if diff := cmp.Diff([]any{watchedData, watchedData.with(attrs{
		"id": "198", "name": "board-2", "description": "", "running": false, "status": "KILLED", "status_code": int64(12),
	})}, got["jobs"]); diff != "" {
		t.Error("jobs (-want +got):\n" + diff)
	}
}

func TestDataSourceListOfNothing(t *testing.T) {
	t.Parallel()
	p := configured(t, nil)
	got, diags := p.readJobs(attrs{})
	p.wantNone(diags)
	if diff := cmp.Diff(attrs{
		"status": nil, "search_content": nil, "workspace_id": nil, "sort_by": nil, "order": nil, "jobs": []any{}, "ids": []any{},
		"total_count": int64(0), "job_count_limit": int64(simulator.DefaultJobLimit), "quotas": int64(simulator.DefaultRunLimit),
	}, got); diff != "" {
		t.Error("unexpected (-want +got):\n" + diff)
	}
}

func TestDataSourceListReadsAllPages(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		options     simulator.Options
		jobs, calls int
	}{
		"of one":                     {simulator.Options{PageCap: 1}, 5, 5},
		"of seven":                   {simulator.Options{PageCap: 7}, 20, 3},
		"of a hundred":               {simulator.Options{PageCap: 100}, 250, 3},
		"of a hundred, all full":     {simulator.Options{PageCap: 100}, 200, 2},
		"of ten, and not one more":   {simulator.Options{PageCap: 10, StrictPageCap: true}, 25, 2 + 3},
		"of a hundred, and not more": {simulator.Options{PageCap: 100, StrictPageCap: true}, 250, 1 + 3},
		"of a thousand":              {simulator.Options{}, 2500, 3},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := unconfiguredFor(t, test.options).configure(nil)
			var all, odd []string
			for i := 1; i <= test.jobs; i++ {
				status := simulator.StatusKilled
				all = append(all, strconv.Itoa(i))
				switch i % 3 {
				case 0:
					status = simulator.StatusCompleted
				case 1:
					status = simulator.StatusCanceled
				}
				if i%3 != 2 {
					odd = append(odd, strconv.Itoa(i))
				}
				p.AddJob(simulator.Job{ID: int64(i), Status: status})
			}
			for want, config := range map[string]attrs{
				strings.Join(all, " "): {}, strings.Join(odd, " "): {"status": texts("COMPLETED", "CANCELED")},
			} {
				got, diags := p.readJobs(config)
				p.wantNone(diags)
				p.wantIDs(got, want)
				if calls := len(p.Calls()); calls != test.calls {
					t.Errorf("%d calls, want %d", calls, test.calls)
				}
				p.ResetCalls()
			}
		})
	}
}

// A job that goes while pages are read hides another one. The list is read again
// for that, but not for ever.
func TestDataSourceListThatChanges(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		goes  int // how many jobs go, one after each first page
		ids   string
		warns bool
	}{
		"never": {0, "1 2 3 4 5 6", false},
		"once":  {1, "2 3 4 5 6", false},
		"twice": {2, "2 3 5 6", true}, // 2 was read before it went, and hid 4
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var p *protocol
			gone := int64(0)
			p = unconfiguredFor(t, simulator.Options{PageCap: 2, OnCall: func(call simulator.Call) {
				if call.Query.Get("page") == "1" && int(gone) < test.goes {
					gone++
					p.RemoveJob(gone)
				}
			}}).configure(nil)
			for i := range 6 {
				p.AddJob(simulator.Job{ID: int64(i + 1), Status: simulator.StatusKilled})
			}
			got, diags := p.readJobs(attrs{})
			if test.warns {
				p.wantWarning(diags, "Not all visualization jobs may be listed", "jobs were deleted while it was read", "Run it again")
			} else {
				p.wantNone(diags)
			}
			p.wantIDs(got, test.ids)
		})
	}
}

func TestDataSourceListRefused(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		fault  simulator.Fault
		config attrs
		says   []string
	}{
		"on the first page": {
			denied("", "", 0),
			attrs{},
			[]string{"API message: not yours", "Error code: ModelArts.0108", "HTTP status: 403", "resource type tensorboard"},
		},
		"on the second page": {
			simulator.Fault{Skip: 1, Code: "ModelArts.0010", Status: http.StatusInternalServerError, Message: "out of order"},
			attrs{},
			[]string{"API message: out of order", "Error code: ModelArts.0010", "HTTP status: 500", "give the request ID to Open Telekom Cloud support"},
		},
		"for another workspace": {
			simulator.Fault{Path: "/none"},
			attrs{"workspace_id": "9"},
			[]string{"Error code: ModelArts.0102", "HTTP status: 400", "The workspace does not exist. The ModelArts console lists the workspaces."},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := unconfiguredFor(t, simulator.Options{PageCap: 2}).configure(nil)
			for i := range 6 {
				p.AddJob(simulator.Job{ID: int64(i + 1), Status: simulator.StatusKilled})
			}
			p.Inject(test.fault)
			_, diags := p.readJobs(test.config)
			calls := p.Calls()
			p.wantErrorNowhere(diags, append(test.says, "Could not list visualization jobs", "Request ID: "+calls[len(calls)-1].RequestID)...)
		})
	}
}

func TestDataSourceListValidation(t *testing.T) {
	t.Parallel()
	p := configured(t, nil)
	for _, test := range []struct {
		attribute string
		value     any
		says      string
	}{
		{"status", texts("RUNNING", "running"), `got: "running"`},
		{"status", texts("JOBSTAT_RUNNING"), "JOBSTAT_RUNNING"},
		{"status", texts("UNKNOWN(99)"), "UNKNOWN(99)"},
		{"search_content", strings.Repeat("ä", 65), "64"},
		{"sort_by", "name", `"job_id" "job_name" "job_desc" "create_time" "status"`},
		{"sort_by", "", `"job_id" "job_name" "job_desc" "create_time" "status"`},
		{"order", "descending", `"asc" "desc"`},
	} {
		diags := p.validateData("modelarts_visualization_jobs", attrs{test.attribute: test.value})
		p.wantErrorAt(diags, test.attribute, test.says)
		p.wantNoCalls()
		if t.Failed() {
			t.Fatalf("with %s = %v", test.attribute, test.value)
		}
	}
}

// Nobody waits for a list, or for a look, longer than a refresh may take.
func TestDataSourcesOutOfTime(t *testing.T) {
	t.Parallel()
	for name, read := range map[string]func(*protocol) []*tfprotov6.Diagnostic{
		"by id":   func(p *protocol) []*tfprotov6.Diagnostic { _, diags := p.readJob(byID); return diags },
		"by name": func(p *protocol) []*tfprotov6.Diagnostic { _, diags := p.readJob(byName); return diags },
		"all":     func(p *protocol) []*tfprotov6.Diagnostic { _, diags := p.readJobs(attrs{}); return diags },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				p := inMemory(t, simulator.Options{}, 20)
				p.Inject(simulator.Fault{Hang: true, Count: -1})
				began := time.Now()
				p.wantErrorNowhere(read(p), "It was not done within 5m0s.", "\n\nRun it again.")
				if took := time.Since(began); took != 5*time.Minute {
					t.Errorf("it took %s", took)
				}
			})
		})
	}
}
