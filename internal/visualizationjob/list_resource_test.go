package visualizationjob_test

import (
	"context"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/opentelekomcloud-community/terraform-provider-modelarts/internal/simulator"
)

// listing is one run of the list resource.
type listing struct {
	config attrs
	limit  int64 // 0 for none
	whole  bool  // include the resources
	most   int   // results that are taken, 0 for all
	ctx    context.Context
}

// listed is one result.
type listed struct {
	name               string
	identity, resource attrs
	diags              []*tfprotov6.Diagnostic
}

// list validates and runs a list, as Terraform does.
func (p *protocol) list(l listing) (results []listed) {
	p.t.Helper()
	config := p.encode(p.schemas.ListResourceSchemas[typeName].ValueType(), l.config.with(nil))
	validated, err := p.provider.(tfprotov6.ListResourceServer).ValidateListResourceConfig(p.t.Context(), &tfprotov6.ValidateListResourceConfigRequest{
		TypeName: typeName, Config: config,
	})
	if err != nil {
		p.t.Fatal(err)
	}
	p.wantNone(validated.Diagnostics)
	if l.ctx == nil {
		l.ctx = p.t.Context()
	}
	stream, err := p.provider.(tfprotov6.ListResourceServer).ListResource(l.ctx, &tfprotov6.ListResourceRequest{
		TypeName: typeName, Config: config, IncludeResource: l.whole, Limit: l.limit,
	})
	if err != nil {
		p.t.Fatal(err)
	}
	for result := range stream.Results {
		results = append(results, listed{
			result.DisplayName, p.decodeIdentity(result.Identity), p.decode(p.typ, result.Resource), result.Diagnostics,
		})
		if len(results) == l.most {
			break
		}
	}
	return results
}

// ids are those of the identities, in their order, for comparison.
func ids(results []listed) string {
	var list []string
	for _, result := range results {
		id, _ := result.identity["id"].(string)
		list = append(list, id)
	}
	return strings.Join(list, " ")
}

// wantListed checks that there are these jobs and no diagnostics.
func (p *protocol) wantListed(results []listed, want string) {
	p.t.Helper()
	if got := ids(results); got != want {
		p.t.Errorf("listed are %q, want %q", got, want)
	}
	for _, result := range results {
		p.wantNone(result.diags)
	}
}

func TestListResource(t *testing.T) {
	t.Parallel()
	p := unconfiguredFor(t, standing()).configure(nil)
	p.AddJob(watched)
	p.AddJob(named(198, "board-2"))
	for _, whole := range []bool{false, true} {
		p.ResetCalls()
		results := p.list(listing{whole: whole})
		p.wantListed(results, "197 198")
		p.wantOneList("")
		for i, name := range []string{"board", "board-2"} {
			if got := results[i].name; got != name {
				t.Errorf("the job %q is shown as %q", name, got)
			}
			if got := results[i].identity["project_id"]; got != simulator.DefaultProjectID {
				t.Errorf("%s: the project is %q", name, got)
			}
			if got := results[i].resource != nil; got != whole {
				t.Errorf("%s: with the resource: %v, want %v", name, got, whole)
			}
		}
	}
}

// A name is what people look for; but there is always something to show.
func TestListResourceOfBareAnswer(t *testing.T) {
	t.Parallel()
	p := configured(t, nil)
	p.Inject(simulator.Fault{Status: http.StatusOK, Body: `{"job_total_count":1,"jobs":[{"job_id":5}]}`})
	results := p.list(listing{whole: true})
	p.wantListed(results, "5")
	if results[0].name != "5" {
		t.Errorf("a job without a name is shown as %q", results[0].name)
	}
}

// What is listed is what an import by the identity reads, so that the plan of a
// configuration that is generated from it is empty.
func TestListResourceGivesWhatImportReads(t *testing.T) {
	t.Parallel()
	options := standing()
	options.ShowSchedule = true
	p := unconfiguredFor(t, options).configure(nil)
	for status := range 23 {
		job := named(int64(status+1), "board")
		job.Status = status
		if status%2 == 0 {
			job.Description, job.TrainURL, job.Schedule = "", "/bucket", existing.Schedule
		}
		p.AddJob(job)
	}
	results := p.list(listing{whole: true})
	if len(results) != 23 {
		t.Fatalf("%d results", len(results))
	}
	for _, result := range results {
		p.wantNone(result.diags)
		imported, diags := p.take(result.identity)
		p.wantNone(diags)
		read, diags := p.read(imported)
		if len(diags) > 0 { // a list does not warn of jobs that have failed
			p.wantWarning(diags, `Failed: visualization job "board" (id `+result.identity["id"].(string)+")")
		}
		if diff := cmp.Diff(read.values, result.resource); diff != "" {
			t.Errorf("job %s (-read +listed):\n%s", result.identity["id"], diff)
		}
		wantIdentity(t, result.identity, read.identity)
	}
}

func TestListResourceFilters(t *testing.T) {
	t.Parallel()
	p := library(t)
	for _, test := range []struct {
		config attrs
		ids    string
		query  string // beside the page
	}{
		{attrs{}, "1 2 3 4", ""},
		{attrs{"status": texts("RUNNING")}, "1 3", "status=8"},
		{attrs{"status": texts("RUNNING", "RUNNING")}, "1 3", "status=8"},
		{attrs{"status": texts("KILLED", "RUNNING")}, "1 2 3", ""},
		{attrs{"status": append(texts("RUNNING"), tftypes.NewValue(tftypes.String, nil))}, "1 3", "status=8"},
		{attrs{"search_content": "board"}, "2 3", "search_content=board"},
		{attrs{"workspace_id": "7"}, "5 6", "workspace_id=7"},
		{
			attrs{"status": texts("FAILED"), "search_content": "boa", "workspace_id": "7"},
			"5", "search_content=boa&status=11&workspace_id=7",
		},
		{attrs{"search_content": "none of them"}, "", "search_content=none+of+them"},
	} {
		t.Run(test.query+" "+test.ids, func(t *testing.T) {
			p := p.during(t)
			p.wantListed(p.list(listing{config: test.config}), test.ids)
			p.wantOneList(test.query)
		})
	}
}

// pages is a service with seven jobs, three on a page. Every other job runs.
func pages(t *testing.T, called func(*protocol, simulator.Call)) *protocol {
	t.Helper()
	var p *protocol
	p = unconfiguredFor(t, simulator.Options{PageCap: 3, OnCall: func(call simulator.Call) {
		if called != nil {
			called(p, call)
		}
	}}).configure(nil)
	for i := range 7 {
		status := []int{simulator.StatusRunning, simulator.StatusKilled}[i%2]
		p.AddJob(simulator.Job{ID: int64(i + 1), Status: status})
	}
	return p
}

// No page is read of which nothing is wanted.
func TestListResourceLimit(t *testing.T) {
	t.Parallel()
	const all = "1 2 3 4 5 6 7"
	for name, test := range map[string]struct {
		listing listing
		ids     string
		calls   int
	}{
		"none":                              {listing{limit: 0}, all, 3},
		"one":                               {listing{limit: 1}, "1", 1},
		"the first page":                    {listing{limit: 3}, "1 2 3", 1},
		"one more":                          {listing{limit: 4}, "1 2 3 4", 2},
		"two pages":                         {listing{limit: 6}, "1 2 3 4 5 6", 2},
		"all":                               {listing{limit: 7}, all, 3},
		"more than there are":               {listing{limit: 100}, all, 3},
		"of those that match":               {listing{limit: 2, config: attrs{"status": texts("KILLED", "LOST")}}, "2 4", 2},
		"one, and nobody takes it":          {listing{most: 1}, "1", 1},
		"nobody takes more than a page":     {listing{most: 3}, "1 2 3", 1},
		"nobody takes more than four":       {listing{most: 4}, "1 2 3 4", 2},
		"nobody takes what is not the last": {listing{most: 2, limit: 5}, "1 2", 1},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			for _, whole := range []bool{false, true} {
				p := pages(t, nil)
				test.listing.whole = whole
				p.wantListed(p.list(test.listing), test.ids)
				if calls := len(p.Calls()); calls != test.calls {
					t.Errorf("%d calls, want %d", calls, test.calls)
				}
			}
		})
	}
}

func TestListResourceOfNothing(t *testing.T) {
	t.Parallel()
	p := configured(t, nil)
	p.wantListed(p.list(listing{limit: 10, whole: true}), "")
	p.wantOneList("")
}

// last takes the last result, which tells nothing but its diagnostics.
func (p *protocol) last(results []listed) (before []listed, diags []*tfprotov6.Diagnostic) {
	p.t.Helper()
	if len(results) == 0 {
		p.t.Fatal("there are no results")
	}
	before, end := results[:len(results)-1], results[len(results)-1]
	if end.name != "" || end.identity != nil || end.resource != nil {
		p.t.Errorf("the last result tells of a job: %+v", end)
	}
	return before, end.diags
}

// What was listed before an error stays listed, and nothing comes after it.
func TestListResourceRefused(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		skip int
		ids  string
	}{
		"on the first page":    {0, ""},
		"in the middle of all": {1, "1 2 3"},
		"on the last page":     {2, "1 2 3 4 5 6"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			for _, whole := range []bool{false, true} {
				p := pages(t, nil)
				p.Inject(denied("", "", test.skip))
				before, diags := p.last(p.list(listing{whole: whole}))
				p.wantListed(before, test.ids)
				p.wantErrorNowhere(diags, "Could not list visualization jobs", "API message: not yours", "ModelArts.0108", "HTTP status: 403",
					"Request ID: "+p.Calls()[test.skip].RequestID)
				if calls := len(p.Calls()); calls != test.skip+1 {
					t.Errorf("%d calls, want %d", calls, test.skip+1)
				}
			}
		})
	}
}

func TestListResourceThatChanges(t *testing.T) {
	t.Parallel()
	goes := func(p *protocol, call simulator.Call) {
		if call.Query.Get("page") == "1" {
			p.RemoveJob(1)
		}
	}
	for _, whole := range []bool{false, true} {
		p := pages(t, goes)
		before, diags := p.last(p.list(listing{whole: whole}))
		p.wantListed(before, "1 2 3 5 6 7") // 4 moved up to a page that was read
		p.wantWarning(diags, "Not all visualization jobs may be listed", "jobs were deleted while it was read")
	}
	// Who does not want all of them does not miss any.
	p := pages(t, goes)
	p.wantListed(p.list(listing{limit: 6}), "1 2 3 5 6 7")
	p = pages(t, goes)
	p.wantListed(p.list(listing{most: 6}), "1 2 3 5 6 7")
}

func TestListResourceWithoutConfiguration(t *testing.T) {
	t.Parallel()
	for name, start := range notConfiguredYet {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := start(t)
			before, diags := p.last(p.list(listing{whole: true}))
			p.wantListed(before, "")
			p.wantErrorNowhere(diags, "The provider is not configured yet", "-target")
			p.wantNoCalls()
		})
	}
}

func TestListResourceInterrupted(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		p := inMemory(t, simulator.Options{PageCap: 1}, 0)
		p.AddJob(watched)
		p.AddJob(named(198, "board-2"))
		p.Inject(simulator.Fault{Skip: 1, Hang: true})
		began := time.Now()
		time.AfterFunc(30*time.Second, cancel)
		before, diags := p.last(p.list(listing{ctx: ctx}))
		p.wantListed(before, "197")
		p.wantErrorNowhere(diags, "Could not list visualization jobs", "It was interrupted.\n\nRun it again.")
		if took := time.Since(began); took != 30*time.Second {
			t.Errorf("it took %s", took)
		}
	})
}

func TestListResourceOutOfTime(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		p := inMemory(t, simulator.Options{PageCap: 1}, 20)
		p.AddJob(watched)
		p.AddJob(named(198, "board-2"))
		p.Inject(simulator.Fault{Skip: 1, Hang: true, Count: -1})
		began := time.Now()
		before, diags := p.last(p.list(listing{}))
		p.wantListed(before, "197")
		p.wantErrorNowhere(diags, "It was not done within 5m0s.", "\n\nRun it again.")
		if took := time.Since(began); took != 5*time.Minute {
			t.Errorf("it took %s", took)
		}
	})
}

func TestListResourceValidation(t *testing.T) {
	t.Parallel()
	p := configured(t, nil)
	for attribute, value := range map[string]any{
		"status": texts("RUNNING", "running"), "search_content": strings.Repeat("ä", 65),
	} {
		resp, err := p.provider.(tfprotov6.ListResourceServer).ValidateListResourceConfig(t.Context(), &tfprotov6.ValidateListResourceConfigRequest{
			TypeName: typeName, Config: p.encode(p.schemas.ListResourceSchemas[typeName].ValueType(), attrs{attribute: value}),
		})
		if err != nil {
			t.Fatal(err)
		}
		p.wantErrorAt(resp.Diagnostics, attribute)
	}
	p.wantNoCalls()
}
