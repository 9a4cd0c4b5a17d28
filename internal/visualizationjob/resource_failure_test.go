package visualizationjob_test

import (
	"net/http"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/knownvalue"
	"github.com/hashicorp/terraform-plugin-testing/plancheck"

	"github.com/opentelekomcloud-community/terraform-provider-modelarts/internal/acctest"
	"github.com/opentelekomcloud-community/terraform-provider-modelarts/internal/simulator"
)

// A job of the same name and path is not created a second time.
func TestResourceExisting(t *testing.T) {
	server := acctest.Simulator(t, simulator.Options{})
	server.AddJob(simulator.Job{ID: 7, Name: "board", TrainURL: "/bucket/logs", Description: "left over", Status: simulator.StatusKilled})
	acctest.Test(t, server, resource.TestCase{Steps: []resource.TestStep{
		{
			Config:      minimal(``),
			ExpectError: regexp.MustCompile(`(?s)name += "board".*id 7, status KILLED.*from = modelarts_visualization_job\.OLD.*terraform\s+import\s+<address of the resource>\s+7`),
		},
		{ // one that is adopted is brought to the configuration
			Config:           minimal("adopt_existing = true\ndescription = \"ours\"\nrunning = true"),
			ConfigPlanChecks: create,
			ConfigStateChecks: append(statusIs("RUNNING", true),
				known("id", knownvalue.StringExact("7")), known("description", knownvalue.StringExact("ours"))),
		},
	}})
}

// A replacement that adopts the job it is to replace keeps it.
func TestResourceAdoptBeforeDestroy(t *testing.T) {
	server := acctest.Simulator(t, simulator.Options{})
	config := func(flavor string) string {
		return minimal("adopt_existing = true\nflavor = \"" + flavor + "\"\nlifecycle {\n create_before_destroy = true\n}")
	}
	acctest.Test(t, server, resource.TestCase{Steps: []resource.TestStep{
		{Config: config("a"), ConfigPlanChecks: create},
		{
			Config:            config("b"),
			ConfigPlanChecks:  replace,
			ConfigStateChecks: append(statusIs("RUNNING", true), known("id", knownvalue.StringExact("1"))),
		},
	}})
}

// Two resources of one configuration do not share a job.
func TestResourceAdoptsForOneOwner(t *testing.T) {
	server := acctest.Simulator(t, simulator.Options{})
	server.AddJob(simulator.Job{ID: 7, Name: "board", TrainURL: "/bucket/logs/", Status: simulator.StatusRunning})
	acctest.Test(t, server, resource.TestCase{Steps: []resource.TestStep{{
		Config:      minimal("adopt_existing = true\ncount = 2"),
		ExpectError: regexp.MustCompile(`(?s)exists\s+already.*another\s+resource\s+of\s+this\s+apply`),
	}}})
}

// An adopted job enters the state when its adoption is complete, and not before: Terraform
// would taint it, and destroy it with the next apply.
func TestResourceIncompleteAdoption(t *testing.T) {
	server := acctest.Simulator(t, simulator.Options{})
	server.AddJob(simulator.Job{ID: 7, Name: "board", TrainURL: "/bucket/logs/", Description: "theirs", Status: simulator.StatusRunning})
	config := minimal("adopt_existing = true\ndescription = \"ours\"\nrunning = false")
	refused := func(method, path string) resource.TestStep {
		return resource.TestStep{
			PreConfig:        func() { server.Inject(denied(method, path, 0)) },
			Config:           config,
			ConfigPlanChecks: create,
			ExpectError:      regexp.MustCompile(`(?s)Could not adopt.*"board" \(id 7\).*not yours.*nothing\s+to\s+the\s+state.*job\s+7\s+still\s+exists.*adopts\s+it\s+again`),
		}
	}
	acctest.Test(t, server, resource.TestCase{Steps: []resource.TestStep{
		refused(http.MethodPut, ""),
		refused(http.MethodPut, ""),
		refused(http.MethodPost, ".*/stop"),
		{
			Config:           config,
			ConfigPlanChecks: create,
			ConfigStateChecks: append(statusIs("KILLED", false),
				known("id", knownvalue.StringExact("7")), known("description", knownvalue.StringExact("ours"))),
		},
	}})
}

// A job with another schedule isn't adopted: the next plan would replace it.
func TestResourceAdoptsNoOtherSchedule(t *testing.T) {
	server := acctest.Simulator(t, simulator.Options{ShowSchedule: true})
	server.AddJob(simulator.Job{
		ID: 7, Name: "board", TrainURL: "/bucket/logs/", Status: simulator.StatusRunning,
		Schedule: &simulator.Schedule{Type: "stop", TimeUnit: "HOURS", Duration: 4},
	})
	acctest.Test(t, server, resource.TestCase{Steps: []resource.TestStep{
		{
			Config:      minimal("adopt_existing = true\nschedule = { duration = 9 }"),
			ExpectError: regexp.MustCompile(`(?s)Could not adopt.*"board" \(id 7\).*set\s+schedule = { duration = 4 }.*nothing\s+to\s+the\s+state`),
		},
		{Config: minimal("adopt_existing = true\nschedule = { duration = 4 }"), ConfigPlanChecks: create},
		{Config: minimal("adopt_existing = true\nschedule = { duration = 4 }"), ConfigPlanChecks: nothing},
	}})
}

// A wait that ends badly leaves the job in the state, so that the next apply
// goes on from there.
func TestResourceSavesIDOnWaitError(t *testing.T) {
	server := acctest.Simulator(t, simulator.Options{Transition: 10 * time.Second})
	acctest.Test(t, server, resource.TestCase{Steps: []resource.TestStep{
		{
			Config:      minimal("timeouts {\n create = \"5s\"\n}"),
			ExpectError: regexp.MustCompile(`(?s)"board" \(id 1\).*last seen in status \w+.*timeouts\.create\s+=\s+"5s".*next\s+apply\s+replaces\s+it`),
		},
		{
			Config:            minimal(``),
			ConfigPlanChecks:  planned(plancheck.ResourceActionReplace),
			ConfigStateChecks: append(statusIs("RUNNING", true), known("id", knownvalue.StringExact("2"))),
		},
	}})
}

func TestResourceFailedJob(t *testing.T) {
	server := acctest.Simulator(t, simulator.Options{Transition: time.Second})
	acctest.Test(t, server, resource.TestCase{Steps: []resource.TestStep{{
		PreConfig: func() {
			// It fails as soon as it is there.
			server.Inject(simulator.Fault{
				Method: http.MethodGet, Path: "/visualization-jobs/1", Status: http.StatusOK,
				Body: `{"job_id":1,"job_name":"board","train_url":"/bucket/logs/","status":11,"create_time":1}`,
			})
		},
		Config:      minimal(``),
		ExpectError: regexp.MustCompile(`(?s)"board" \(id 1\).*status FAILED.*ModelArts\s+console.*next\s+apply\s+replaces\s+it`),
	}}})
}

// As many jobs as may run at once do: a restart is refused, and not only a create.
func TestResourceRestartBeyondQuota(t *testing.T) {
	server := acctest.Simulator(t, simulator.Options{RunLimit: 1})
	acctest.Test(t, server, resource.TestCase{Steps: []resource.TestStep{
		{Config: minimal(`running = false`), ConfigPlanChecks: create},
		{
			PreConfig:   func() { server.AddJob(simulator.Job{ID: 7, Name: "other", Status: simulator.StatusRunning}) },
			Config:      minimal(`running = true`),
			ExpectError: regexp.MustCompile(`(?s)Could not update visualization job "board" \(id 1\).*KILLED.*ModelArts\.2815.*run\s+at\s+once.*Stop\s+jobs`),
		},
		{
			PreConfig:         func() { server.RemoveJob(7) },
			Config:            minimal(`running = true`),
			ConfigPlanChecks:  update,
			ConfigStateChecks: statusIs("RUNNING", true),
		},
	}})
}

// A job that failed is no difference in a plan, so the refresh says so: once in a run.
func TestResourceWarnsOfFailedJob(t *testing.T) {
	server := acctest.Simulator(t, simulator.Options{})
	w := workspaceFor(t, server, minimal(``))
	t.Parallel()
	w.MustRun(0, "apply", "-auto-approve", "-no-color")
	server.SetStatus(1, simulator.StatusImageFailed)
	printed := w.MustRun(0, "plan", "-no-color")
	wantOutput(t, printed, "No changes.", `Warning: Failed: visualization job "board" (id 1)`,
		"The job has the status IMAGE_FAILED: its image could not be created.", "set running = true")
	if n := strings.Count(printed, "Warning: Failed:"); n != 1 {
		t.Errorf("%d warnings:\n%s", n, printed)
	}
}

func TestProtocolWarnsOfFailedJobOnce(t *testing.T) {
	t.Parallel()
	p := configured(t, nil)
	state := p.must(instance{}, boardConfig)
	for _, status := range []int{simulator.StatusKilled, 99} {
		p.SetStatus(1, status)
		_, diags := p.read(state)
		p.wantNone(diags)
	}
	p.SetStatus(1, simulator.StatusLost)
	for range 2 { // a reattached provider is configured again for each run
		p.configure(nil)
		failed, diags := p.read(state)
		p.wantWarning(diags, `Failed: visualization job "board" (id 1)`, "status LOST")
		_, diags = p.read(failed)
		p.wantNone(diags)
	}
}

// A gateway that no longer knows the API says nothing of the job, which stays in the state.
func TestProtocolOfAnAPIThatIsGone(t *testing.T) {
	t.Parallel()
	p := configured(t, nil)
	state := p.must(instance{}, boardConfig)
	p.Inject(simulator.Fault{Count: -1, Status: http.StatusNotFound, Code: "APIGW.0101", Message: "The API does not exist"})
	after, diags := p.read(state)
	p.wantError(diags, `Could not read visualization job "board" (id 1)`, "Error code: APIGW.0101", "The gateway doesn't know this API",
		"switched the API of visualization jobs off in this region", "endpoint or region", "says nothing about the jobs")
	if diff := cmp.Diff(state.values, after.values); diff != "" {
		t.Error("the state changed (-before +after):\n" + diff)
	}
	_, diags = p.readJobs(attrs{})
	p.wantError(diags, "Could not list visualization jobs", "APIGW.0101", "The gateway doesn't know this API")
}

// An update that failed half-way goes on from there, and does nothing twice.
func TestResourceUpdateGoesOn(t *testing.T) {
	server := acctest.Simulator(t, simulator.Options{})
	acctest.Test(t, server, resource.TestCase{Steps: []resource.TestStep{
		{Config: minimal(`description = "first"`), ConfigPlanChecks: create},
		{
			PreConfig: func() {
				server.Inject(denied(http.MethodPost, ".*/stop", 0))
			},
			Config:      minimal("description = \"second\"\nrunning = false"),
			ExpectError: regexp.MustCompile(`(?s)Could not update visualization job "board" \(id 1\).*not yours.*ModelArts\.0108.*403.*tensorboard`),
		},
		{ // the plan shows the stop alone
			Config: minimal("description = \"second\"\nrunning = false"),
			ConfigPlanChecks: planned(plancheck.ResourceActionUpdate,
				plannedValue("description", knownvalue.StringExact("second")), plannedUnknown("status")),
			ConfigStateChecks: statusIs("KILLED", false),
		},
		{
			PreConfig: func() {
				if n := count(server.Calls(), http.MethodPut); n != 1 {
					t.Errorf("the description was set %d times, want once", n)
				}
			},
			Config:           minimal("description = \"second\"\nrunning = false"),
			ConfigPlanChecks: nothing,
		},
	}})
}

// An error code of the API is shown with all that is known of it, on the
// attribute at fault.
func TestResourceShowsErrorCode(t *testing.T) {
	server := acctest.Simulator(t, simulator.Options{Buckets: []string{"other"}})
	acctest.Test(t, server, resource.TestCase{Steps: []resource.TestStep{{
		Config: minimal(``),
		ExpectError: regexp.MustCompile(`(?s)Could not create visualization job "board".*train_url += "/bucket/logs/"` +
			`.*API message: .*Error code: ModelArts\.4311.*HTTP status: 400.*Request ID: \w+.*bucket does not exist.*Check that`),
	}}})
}

// A delete that is refused waits until it is possible, and stops a job if that
// is what is in the way.
func TestResourceDelete(t *testing.T) {
	tests := map[string]func(*simulator.Server){
		"while it is stopping": func(s *simulator.Server) { s.StopJob(1) },
		"gone already":         func(s *simulator.Server) { s.RemoveJob(1) },
		"refused while it runs": func(s *simulator.Server) {
			s.Inject(simulator.Fault{Method: http.MethodDelete, Code: "ModelArts.0105", Message: "This job can't be delete. job status: 8"})
		},
		"answered by nobody": func(s *simulator.Server) {
			s.Inject(simulator.Fault{Method: http.MethodDelete, Drop: true, After: true})
		},
	}
	for name, disturb := range tests {
		t.Run(name, func(t *testing.T) {
			server := acctest.Simulator(t, simulator.Options{Transition: 500 * time.Millisecond})
			acctest.Test(t, server, resource.TestCase{Steps: []resource.TestStep{
				{Config: minimal(``), ConfigPlanChecks: create},
				{PreConfig: func() { disturb(server) }, Config: minimal(``), Destroy: true},
			}})
		})
	}
}
