package visualizationjob_test

import (
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/opentelekomcloud-community/terraform-provider-modelarts/internal/simulator"
)

// wantIDs checks the listed jobs and their order in each attribute that has them.
func (p *protocol) wantIDs(got attrs, want string) {
	p.t.Helper()
	ids, inJobs := "", ""
	for i, job := range got["jobs"].([]any) {
		ids, inJobs = ids+" "+got["ids"].([]any)[i].(string), inJobs+" "+job.(attrs)["id"].(string)
	}
	if strings.TrimSpace(ids) != want || ids != inJobs || got["total_count"] != int64(len(got["ids"].([]any))) {
		p.t.Errorf("the IDs are %q, those of the jobs %q, of %v, want %q", ids, inJobs, got["total_count"], want)
	}
}

// wantListed checks that there are these jobs and no diagnostics.
func (p *protocol) wantListed(results []listed, want string) {
	p.t.Helper()
	ids := []string{}
	for _, result := range results {
		id, _ := result.identity["id"].(string)
		ids = append(ids, id)
		p.wantNone(result.diags)
	}
	if got := strings.Join(ids, " "); got != want {
		p.t.Errorf("listed are %q, want %q", got, want)
	}
}

// last returns the last result, which has diagnostics and no job, apart from the others.
func (p *protocol) last(results []listed) (before []listed, diags []*tfprotov6.Diagnostic) {
	p.t.Helper()
	if len(results) == 0 {
		p.t.Fatal("there are no results")
	}
	before, end := results[:len(results)-1], results[len(results)-1]
	if end.name != "" || end.identity != nil || end.resource != nil {
		p.t.Errorf("the last result has a job: %+v", end)
	}
	return before, end.diags
}

// wantOneList checks that there was one request since its last call, a list with these parameters.
func (p *protocol) wantOneList(query string) {
	p.t.Helper()
	calls := p.Requests()
	if len(calls) != 1 || calls[0].Method != http.MethodGet || !strings.HasSuffix(calls[0].Path, "/visualization-jobs") {
		p.t.Errorf("want one list, got %d calls: %+v", len(calls), calls)
		return
	}
	for _, parameter := range []string{"page", "per_page"} {
		calls[0].Query.Del(parameter)
	}
	if got := calls[0].Query.Encode(); got != query {
		p.t.Errorf("the query is %q, want %q", got, query)
	}
	p.ResetRequests()
}

func TestFilters(t *testing.T) {
	t.Parallel()
	options := standing()
	options.JobLimit, options.RunLimit = 10, 7
	p := configured(t, options)
	for i, job := range []simulator.Job{ // their orders differ
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
	for _, test := range []struct {
		config attrs
		ids    string
		query  string // without the page
	}{
		{attrs{}, "1 2 3 4", ""},
		{attrs{"status": texts("UNKNOWN")}, "", "status=0"},
		{attrs{"status": texts("KILLED", "RUNNING")}, "1 2 3", ""},
		{attrs{"status": append(texts("RUNNING"), tftypes.NewValue(tftypes.String, nil))}, "1 3", "status=8"},
		{attrs{"search_content": strings.Repeat("ä", 64)}, "", "search_content=" + strings.Repeat("%C3%A4", 64)},
		{attrs{"status": texts("RUNNING", "FAILED"), "search_content": "boa", "workspace_id": "7"}, "5", "search_content=boa&workspace_id=7"},
		// Only the data source sorts. A filter of the provider keeps the order.
		{attrs{"sort_by": "create_time", "order": "desc"}, "2 4 3 1", "order=desc&sortBy=create_time"},
		{attrs{"status": texts("RUNNING", "KILLED"), "sort_by": "job_name", "order": "desc"}, "1 3 2", "order=desc&sortBy=job_name"},
	} {
		t.Run(test.query+" "+test.ids, func(t *testing.T) {
			p := p.during(t)
			got, diags := p.readData(jobsBlock, test.config)
			p.wantNone(diags)
			p.wantIDs(got, test.ids)
			p.wantOneList(test.query)
			if got["job_count_limit"] != int64(4) || got["quotas"] != int64(7) {
				t.Errorf("%v jobs may run, and there may be %v more", got["quotas"], got["job_count_limit"])
			}
			if test.config["order"] == nil {
				p.wantListed(p.list(listing{config: test.config}), test.ids)
				p.wantOneList(test.query)
			}
		})
	}
	// A list, other than a set, can name a status twice.
	p.wantListed(p.list(listing{config: attrs{"status": texts("KILLED", "KILLED")}}), "2")
	p.wantOneList("status=12")
	// An empty selection of statuses is ambiguous: it could mean all jobs or none.
	nothing := attrs{"status": []tftypes.Value{tftypes.NewValue(tftypes.String, nil)}}
	_, inDataSource := p.readData(jobsBlock, nothing)
	_, inList := p.last(p.list(listing{config: nothing}))
	p.wantErrorAt(inDataSource, "status", "status must name at least one status.")
	p.wantErrorAt(inList, "status", "status must name at least one status.")
	p.wantNoCalls()
}

// pages is a service with seven jobs, three on a page. Every other job runs. After the first page, a job is deleted, so often.
func pages(t *testing.T, deleted int) *protocol {
	t.Helper()
	var p *protocol
	gone := 0
	p = configured(t, simulator.Options{PageCap: 3, OnRequest: func(call simulator.Request) {
		if call.Query.Get("page") == "1" && gone < deleted {
			gone++
			p.RemoveJob(int64(gone))
		}
	}})
	for i := range 7 {
		status := []int{simulator.StatusRunning, simulator.StatusKilled}[i%2]
		p.AddJob(simulator.Job{ID: int64(i + 1), Status: status})
	}
	return p
}

// A job that is deleted while pages are read hides another one. The data source reads the list again, once. The provider doesn't
// read a page that Terraform doesn't want, and then misses no job.
func TestListsThatChange(t *testing.T) {
	t.Parallel()
	const incomplete = "The list of visualization jobs might be incomplete"
	p := pages(t, 1)
	got, diags := p.readData(jobsBlock, attrs{})
	p.wantNone(diags)
	p.wantIDs(got, "2 3 4 5 6 7")
	p = pages(t, 2) // 2 was read before it was deleted, and hid 5
	got, diags = p.readData(jobsBlock, attrs{})
	p.wantWarning(diags, incomplete, "jobs were deleted while the provider read the list", "run the command again")
	p.wantIDs(got, "2 3 4 6 7")
	for _, test := range []struct {
		deleted int
		listing listing
		ids     string
		calls   int
		warns   bool
	}{
		{1, listing{includeResource: true}, "1 2 3 5 6 7", 3, true}, // 4 moved up to a page that was read
		{1, listing{limit: 6}, "1 2 3 5 6 7", 2, false},
		{0, listing{}, "1 2 3 4 5 6 7", 3, false},
		{0, listing{limit: 3}, "1 2 3", 1, false},
		{0, listing{limit: 2, config: attrs{"status": texts("KILLED", "LOST")}}, "2 4", 2, false},
		{0, listing{maxResults: 3}, "1 2 3", 1, false},
	} {
		p := pages(t, test.deleted)
		results := p.list(test.listing)
		if test.warns {
			results, diags = p.last(results)
			p.wantWarning(diags, incomplete)
		}
		p.wantListed(results, test.ids)
		if calls := len(p.Requests()); calls != test.calls {
			t.Errorf("%v: %d calls, want %d", test.listing, calls, test.calls)
		}
	}
}

// Jobs that were listed before an error stay listed, and nothing comes after it. A data source has no part of a list.
func TestRejectedLists(t *testing.T) {
	t.Parallel()
	const skip = 1
	message := []string{"Could not list visualization jobs", "API message: not yours", "ModelArts.0108", "resource type tensorboard"}
	p := pages(t, 0)
	p.Inject(denied("", "", skip))
	before, diags := p.last(p.list(listing{includeResource: true}))
	p.wantListed(before, "1 2 3")
	p.wantErrorAt(diags, "", append(message, "Request ID: "+p.Requests()[skip].RequestID)...)
	p.configure(nil)
	p.Inject(denied("", "", skip))
	_, diags = p.readData(jobsBlock, attrs{})
	p.wantErrorAt(diags, "", message...)
	_, diags = p.readData(jobsBlock, attrs{"workspace_id": "9"})
	p.wantErrorAt(diags, "", "Error code: ModelArts.0102", "The workspace doesn't exist. The ModelArts console lists the workspaces.")
}

// A read or a list ends at the default timeout of a refresh, or when Terraform stops the provider.
func TestListsAtTimeout(t *testing.T) {
	t.Parallel()
	const stop, timeout = 30 * time.Second, 5 * time.Minute
	for block, config := range map[blockType]attrs{jobBlock: byName, jobsBlock: {}, listBlock: {}} {
		for takes, message := range map[time.Duration]string{stop: "The operation was interrupted.", timeout: "The operation timed out after 5m."} {
			synctest.Test(t, func(t *testing.T) {
				p := inMemory(t, simulator.New(simulator.Options{PageCap: 1}), 20)
				p.AddJob(watched)
				p.AddJob(named(198, "board-2"))
				p.Inject(simulator.Fault{Skip: 1, Hang: true, Count: -1})
				began := time.Now()
				if takes == stop {
					time.AfterFunc(stop, p.stop)
				}
				var diags []*tfprotov6.Diagnostic
				if block == listBlock {
					var before []listed
					before, diags = p.last(p.list(listing{}))
					p.wantListed(before, "197")
				} else {
					_, diags = p.readData(block, config)
				}
				p.wantErrorAt(diags, "", message, "\n\nRun the command again.")
				wantTook(t, began, takes)
			})
		}
	}
}

// A listed job equals the job that an import by the identity reads, so that the plan of a configuration that is generated from
// it is empty. A job without a name is shown by its ID.
func TestListResourceIsWhatImportReads(t *testing.T) {
	t.Parallel()
	options := standing()
	options.ShowSchedule = true
	p := configured(t, options)
	for status := range 23 {
		job := named(int64(status+1), "board")
		job.Status = status
		if status%2 == 0 {
			job.Name, job.Description, job.TrainURL, job.Schedule = "board-2", "", "/bucket", existing.Schedule
		}
		p.AddJob(job)
	}
	if results := p.list(listing{}); results[0].resource != nil {
		t.Errorf("the first result is %+v", results[0])
	}
	results := p.list(listing{includeResource: true})
	if len(results) != 23 {
		t.Fatalf("%d results", len(results))
	}
	for i, result := range results {
		p.wantNone(result.diags)
		imported, diags := p.importBy("", result.identity)
		p.wantNone(diags)
		read, diags := p.read(imported)
		if len(diags) > 0 { // a list doesn't warn of failed jobs
			p.wantWarning(diags, "Failed: visualization job", "(ID "+result.identity["id"].(string)+")")
		}
		wantSame(t, result.resource, read.values)
		wantSame(t, result.identity, read.identity)
		if want := []string{"board-2", "board"}[i%2]; result.name != want {
			t.Errorf("the job %q is shown as %q", want, result.name)
		}
	}
	p.Inject(simulator.Fault{Status: http.StatusOK, Body: `{"job_total_count":1,"jobs":[{"job_id":5}]}`})
	if results := p.list(listing{}); results[0].name != "5" {
		t.Errorf("a job without a name is shown as %q", results[0].name)
	}
}
