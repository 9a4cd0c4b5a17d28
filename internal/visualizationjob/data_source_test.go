package visualizationjob_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/opentelekomcloud-community/terraform-provider-modelarts/internal/simulator"
)

// watched is a job with each attribute that the API returns.
var (
	watched = simulator.Job{
		ID: 197, Name: "board", TrainURL: "/bucket/logs/", Description: "theirs", Status: simulator.StatusRunning,
		CreateTime: time.Date(2024, 2, 29, 23, 30, 15, 987e6, time.UTC), Duration: 90 * time.Minute,
		ServiceURL: "https://example.org/197/", ResourceID: "4711",
	}
	byID   = attrs{"id": "197"}
	byName = attrs{"name": "board"}
)

// named is the watched job with another ID and name.
func named(id int64, name string) simulator.Job {
	job := watched
	job.ID, job.Name = id, name
	return job
}

func TestDataSource(t *testing.T) {
	t.Parallel()
	p := configured(t, standing())
	p.AddJob(watched)
	// The API's search finds these as well.
	p.AddJob(named(198, "board-2"))
	p.AddJob(named(196, "a-board"))
	want := attrs{
		"id": "197", "name": "board", "train_url": "/bucket/logs/", "description": "theirs", "running": true,
		"status": "RUNNING", "status_code": int64(8), "create_time": "2024-02-29T23:30:15Z", "duration": int64(5400000),
		"service_url": "https://example.org/197/", "resource_id": "4711", "project_id": simulator.DefaultProjectID,
		"schedule": nil,
	}
	for _, config := range []attrs{byID, byName} {
		got, diags := p.readData(jobBlock, config)
		p.wantNone(diags)
		wantSame(t, got, want)
	}
	p.wantChanges()
}

// An attribute that the API omits is null, unless it has a value all the same. A search can ignore case, and a name doesn't. A
// list that might be incomplete might lack the job, or a second one with its name.
func TestDataSourceOfResponse(t *testing.T) {
	t.Parallel()
	bare := attrs{
		"id": "197", "description": "", "running": false, "status": "UNKNOWN", "status_code": int64(0), "duration": int64(0),
		"project_id": simulator.DefaultProjectID, "name": nil, "train_url": nil, "create_time": nil, "service_url": nil,
		"resource_id": nil, "schedule": nil,
	}
	response := func(body string) simulator.Fault {
		return simulator.Fault{Status: http.StatusOK, Body: body, Count: -1}
	}
	for name, test := range map[string]struct {
		config   attrs
		fault    simulator.Fault
		want     attrs    // nil after an error
		contains []string // in the error or the warning
	}{
		"few members": {byID, response(`{"job_id":"197","service_url":null,"duration":null,"job_desc":null}`), bare, nil},
		"other case": {
			byName, response(`{"job_total_count":2,"jobs":[{"job_id":198,"job_name":"Board"},{"job_id":197,"job_name":"board"}]}`),
			bare.with(byName), nil,
		},
		"incomplete": {
			byName, response(`{"job_total_count":3,"jobs":[{"job_id":197,"job_name":"board"}]}`), bare.with(byName),
			[]string{"The list of visualization jobs might be incomplete", "run the command again"},
		},
		"incomplete, without the job": {
			byName, response(`{"job_total_count":3,"jobs":[]}`), nil,
			[]string{"No job in the default workspace has this name.\n\nThe list might be incomplete", "run the command again"},
		},
		"rejected": {byID, denied("", "", 0), nil, []string{"Could not read visualization job 197", "API message: not yours", "Request ID: "}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := configured(t, simulator.Options{})
			p.Inject(test.fault)
			got, diags := p.readData(jobBlock, test.config)
			wantSame(t, got, test.want)
			switch {
			case test.want == nil:
				p.wantError(diags, test.contains...)
			case test.contains != nil:
				p.wantWarning(diags, test.contains...)
			default:
				p.wantNone(diags)
			}
		})
	}
}

func TestUnknownID(t *testing.T) {
	t.Parallel()
	for _, shape := range simulator.NotFoundShapes() {
		synctest.Test(t, func(t *testing.T) {
			p := inMemory(t, simulator.New(simulator.Options{NotFoundShape: shape}), 0)
			p.AddJob(named(198, "board"))
			_, diags := p.readData(jobBlock, byID)
			const remedy = "The project of the provider has no job with this ID."
			p.wantErrorAt(diags, "id", "Could not read visualization job 197", "HTTP status: ", "GET /visualization-jobs/197", remedy)
			for _, verb := range []string{"stop", "restart"} {
				p.ResetRequests()
				progress, diags := p.invoke(actionBlock(verb), byID)
				wantProgress(t, progress, "")
				p.wantErrorAt(diags, "id", "Could not "+verb+" visualization job 197", "HTTP status: ", remedy)
			}
			p.wantChanges()
		})
	}
}

func TestDataSourceOfUnknownName(t *testing.T) {
	t.Parallel()
	const none = `Could not find visualization job "board"` + "\n" + `No job in the default workspace has this name.`
	many := []simulator.Job{}
	for i := range 25 {
		many = append(many, named(int64(i+1), fmt.Sprintf("board-%02d", i+1)))
	}
	for name, test := range map[string]struct {
		jobs     []simulator.Job
		contains string // the whole diagnostic if it begins with its summary
	}{
		"no job": {nil, none},
		"other name": {
			[]simulator.Job{named(197, "bored"), many[0]},
			none + " These names contain it:\n  - \"board-01\", ID 1, status RUNNING, created 2024-02-29T23:30:15Z",
		},
		"more contain it": {many, "  - \"board-20\", ID 20, status RUNNING, created 2024-02-29T23:30:15Z\n  - and 5 more"},
		"two have it": {
			[]simulator.Job{named(7, "board"), named(8, "board-2"), named(9, "board")},
			`Could not find visualization job "board"` + "\n2 jobs have this name:\n" +
				"  - ID 7, status RUNNING, created 2024-02-29T23:30:15Z\n  - ID 9, status RUNNING, created 2024-02-29T23:30:15Z\n\n" +
				"Set id instead of name.",
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := configured(t, standing())
			for _, job := range test.jobs {
				p.AddJob(job)
			}
			_, diags := p.readData(jobBlock, byName)
			p.wantErrorAt(diags, "name", test.contains)
			for _, d := range diags {
				text, _, _ := strings.Cut(d.Summary+"\n"+d.Detail, "\n\nSee https://")
				if strings.HasPrefix(test.contains, "Could") && text != test.contains {
					t.Errorf("there is more text:\n%s", text)
				}
			}
			p.wantOneList("search_content=board")
		})
	}
}
