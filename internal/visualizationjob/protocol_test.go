package visualizationjob_test

import (
	"net/http"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/opentelekomcloud-community/terraform-provider-modelarts/internal/simulator"
)

var (
	boardConfig   = attrs{"name": "board", "train_url": "/bucket/logs/"}
	boardIdentity = attrs{"id": "1", "project_id": simulator.DefaultProjectID}
	elsewhere     = "0123456789abcdef0123456789abcdef"
)

func wantIdentity(t *testing.T, got, want attrs) {
	t.Helper()
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error("identity (-want +got):\n" + diff)
	}
}

func TestProtocolImportByIdentity(t *testing.T) {
	t.Parallel()
	want := attrs{"id": "197", "project_id": simulator.DefaultProjectID}
	for name, identity := range map[string]attrs{
		"id alone":                         {"id": "197"},
		"both":                             want,
		"an empty project, which is unset": {"id": "197", "project_id": ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := configured(t, nil)
			p.AddJob(existing)
			imported, diags := p.take(identity)
			p.wantNone(diags)
			p.wantNoCalls()
			read, diags := p.read(imported)
			p.wantNone(diags)
			wantIdentity(t, read.identity, want)
			if read.values["id"] != "197" || read.values["name"] != "board" || read.values["project_id"] != simulator.DefaultProjectID {
				t.Errorf("the state is %v", read.values)
			}
			// A refresh changes nothing more, the identity least of all.
			again, diags := p.read(read)
			p.wantNone(diags)
			wantIdentity(t, again.identity, want)
		})
	}
}

func TestProtocolImportErrors(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		identity attrs
		says     []string
	}{
		"another project": {
			attrs{"id": "197", "project_id": elsewhere},
			[]string{"197 belongs to another project", elsewhere, simulator.DefaultProjectID, "tenant_id", "delegated_project"},
		},
		"no number":     {attrs{"id": "board"}, []string{"Invalid id", `"board" is not the id`, "such as 197"}},
		"leading zeros": {attrs{"id": "0197"}, []string{`"0197" is not the id`}},
		"an empty id":   {attrs{"id": "", "project_id": ""}, []string{`"" is not the id`}},
		"neither":       {attrs{}, []string{`"" is not the id`}},
		"no identity":   {nil, []string{`"" is not the id`}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := configured(t, nil)
			p.AddJob(existing)
			_, diags := p.take(test.identity)
			p.wantError(diags, test.says...)
			p.wantNoCalls()
		})
	}
}

// What an import cannot know is recorded by the first apply. What a create left
// out is known to be the default.
func TestProtocolFirstValueAfterImport(t *testing.T) {
	t.Parallel()
	p := configured(t, nil)
	p.AddJob(existing)
	imported, diags := p.take(attrs{"id": "197"})
	p.wantNone(diags)
	imported, diags = p.read(imported)
	p.wantNone(diags)
	typed := boardConfig.with(attrs{"description": "theirs", "job_type": "mindinsight"})
	recorded := p.must(imported, typed)
	p.wantChanges()
	if recorded.values["job_type"] != "mindinsight" {
		t.Errorf("the state has the type %v", recorded.values["job_type"])
	}
	wantIdentity(t, recorded.identity, attrs{"id": "197", "project_id": simulator.DefaultProjectID})
	if _, replaces := p.plan(recorded, typed.with(attrs{"job_type": "tensorboard"})); len(replaces) == 0 {
		t.Error("another type of a recorded one replaces nothing")
	}
	// What was not given yet may still be.
	if _, replaces := p.plan(recorded, typed.with(attrs{"flavor": "x"})); len(replaces) > 0 {
		t.Errorf("a first flavor replaces the job for %q", replaces)
	}

	p = configured(t, nil)
	created := p.must(instance{}, boardConfig)
	for name, value := range map[string]string{"job_type": "mindinsight", "flavor": "x"} {
		if _, replaces := p.plan(created, boardConfig.with(attrs{name: value})); len(replaces) != 1 {
			t.Errorf("a first %s of a job that was created replaces it for %q", name, replaces)
		}
	}
	if _, replaces := p.plan(created, boardConfig.with(attrs{"job_type": "tensorboard"})); len(replaces) > 0 {
		t.Errorf("the default, spelled out, replaces the job for %q", replaces)
	}
}

func TestProtocolIdentityOfEachOperation(t *testing.T) {
	t.Parallel()
	p := configured(t, nil)
	created := p.must(instance{}, boardConfig)
	wantIdentity(t, created.identity, boardIdentity)
	read, diags := p.read(created)
	p.wantNone(diags)
	wantIdentity(t, read.identity, boardIdentity)
	described := p.must(read, boardConfig.with(attrs{"description": "ours"}))
	wantIdentity(t, described.identity, boardIdentity)
	stopped := p.must(described, boardConfig.with(attrs{"description": "ours", "running": false}))
	wantIdentity(t, stopped.identity, boardIdentity)
	// A state from before there were identities gets one, also when nobody
	// refreshed it.
	stopped.identity = nil
	undescribed := p.must(stopped, boardConfig.with(attrs{"running": false}))
	wantIdentity(t, undescribed.identity, boardIdentity)
	read, diags = p.read(stopped)
	p.wantNone(diags)
	wantIdentity(t, read.identity, boardIdentity)
}

// A job is not looked for in a project that is not its own: it would not be found.
func TestProtocolStateOfAnotherProject(t *testing.T) {
	t.Parallel()
	p := configured(t, nil)
	state := p.must(instance{}, boardConfig)
	state.values["project_id"] = elsewhere
	state.identity = attrs{"id": "1", "project_id": elsewhere}
	changed := boardConfig.with(attrs{"description": "ours", "running": false})
	update, _ := p.plan(state, changed)
	destroy, _ := p.plan(state, nil)
	p.ResetCalls()
	for name, operate := range map[string]func() (instance, []*tfprotov6.Diagnostic){
		"read":   func() (instance, []*tfprotov6.Diagnostic) { return p.read(state) },
		"update": func() (instance, []*tfprotov6.Diagnostic) { return p.apply(state, update, changed) },
		"delete": func() (instance, []*tfprotov6.Diagnostic) { return p.apply(state, destroy, nil) },
	} {
		t.Run(name, func(t *testing.T) {
			after, diags := operate()
			p.wantError(diags, "1 belongs to another project", elsewhere, simulator.DefaultProjectID)
			p.wantNoCalls()
			if diff := cmp.Diff(state.values, after.values); diff != "" {
				t.Error("the state changed (-before +after):\n" + diff)
			}
		})
	}
}

// Without a configuration nothing can be done, and nothing gets lost.
func TestProtocolUnknownConfiguration(t *testing.T) {
	t.Parallel()
	working := configured(t, nil)
	state := working.must(instance{}, boardConfig)
	for name, start := range notConfiguredYet {
		t.Run(name, func(t *testing.T) {
			p := start(t)
			const says = "The provider is not configured yet"

			read, diags := p.read(state)
			p.wantWarning(diags, "Not refreshed", "board")
			if diff := cmp.Diff(state.values, read.values); diff != "" {
				t.Error("a read changed the state (-before +after):\n" + diff)
			}
			create, _ := p.plan(instance{}, boardConfig)
			created, diags := p.apply(instance{}, create, boardConfig)
			p.wantError(diags, says)
			if created.values != nil {
				t.Errorf("a create left %v", created.values)
			}
			changed := boardConfig.with(attrs{"running": false})
			update, _ := p.plan(state, changed)
			updated, diags := p.apply(state, update, changed)
			p.wantError(diags, says)
			if diff := cmp.Diff(state.values, updated.values); diff != "" {
				t.Error("an update changed the state (-before +after):\n" + diff)
			}
			destroy, _ := p.plan(state, nil)
			deleted, diags := p.apply(state, destroy, nil)
			p.wantError(diags, says)
			if deleted.values == nil {
				t.Error("a delete dropped the state")
			}
			// An import is told later, by the read that follows it.
			imported, diags := p.take(attrs{"id": "1", "project_id": elsewhere})
			p.wantNone(diags)
			_, diags = p.read(imported)
			p.wantError(diags, says)
			p.wantNoCalls()
		})
	}
}

// A plan can be older than what it meets. It is a success when the job already
// is what the plan wants.
func TestProtocolSavedPlan(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		before, after bool
		meanwhile     func(*protocol)
		status        string
	}{
		"stopped meanwhile": {true, false, func(p *protocol) { p.StopJob(1) }, "KILLED"},
		"ended by its schedule meanwhile": {
			true, false, func(p *protocol) { p.SetStatus(1, simulator.StatusCompleted) }, "COMPLETED",
		},
		"started meanwhile": {false, true, func(p *protocol) { p.SetStatus(1, simulator.StatusRunning) }, "RUNNING"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := configured(t, nil)
			state := p.must(instance{}, boardConfig.with(attrs{"running": test.before}))
			wanted := boardConfig.with(attrs{"running": test.after})
			saved, _ := p.plan(state, wanted)
			test.meanwhile(p)
			if job, _ := p.Job(1); (job.Status == simulator.StatusRunning) != test.after {
				t.Fatalf("the job has the status %d", job.Status)
			}
			p.ResetCalls()
			applied, diags := p.apply(state, saved, wanted)
			p.wantNone(diags)
			p.wantChanges()
			if applied.values["running"] != test.after || applied.values["status"] != test.status {
				t.Errorf("the job is %v, running is %v", applied.values["status"], applied.values["running"])
			}
		})
	}
}

// The same plan makes its call when nobody was faster, so the above means something.
func TestProtocolSavedPlanThatIsStillNeeded(t *testing.T) {
	t.Parallel()
	p := configured(t, nil)
	running := p.must(instance{}, boardConfig)
	p.ResetCalls()
	stopped := p.must(running, boardConfig.with(attrs{"running": false}))
	p.wantChanges("POST /visualization-jobs/1/stop")
	p.must(stopped, boardConfig.with(attrs{"running": true}))
	p.wantChanges("POST /visualization-jobs/1/restart")
}

// What an update did before it failed is in the state that it returns, and what
// it did not do is not. A refresh would hide the difference.
func TestProtocolUpdateKeepsWhatSucceeded(t *testing.T) {
	t.Parallel()
	p := configured(t, nil)
	state := p.must(instance{}, boardConfig)
	wanted := boardConfig.with(attrs{"description": "second", "running": false})
	planned, _ := p.plan(state, wanted)
	p.Inject(denied("POST", ".*/stop", 0))
	applied, diags := p.apply(state, planned, wanted)
	p.wantError(diags, "not yours")
	if diff := cmp.Diff(state.values.with(attrs{"description": "second"}), applied.values); diff != "" {
		t.Error("the state after the failed stop (-want +got):\n" + diff)
	}
}

func TestProtocolDeletedBeforeUpdate(t *testing.T) {
	t.Parallel()
	for name, change := range map[string]attrs{
		"stop":             {"running": false},
		"description":      {"description": "ours"},
		"description, too": {"description": "ours", "running": false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := configured(t, nil)
			state := p.must(instance{}, boardConfig)
			wanted := boardConfig.with(change)
			saved, _ := p.plan(state, wanted)
			p.RemoveJob(1)
			after, diags := p.apply(state, saved, wanted)
			p.wantError(diags, `Could not update visualization job "board" (id 1)`, "does not exist any more", "terraform plan")
			if diff := cmp.Diff(state.values, after.values); diff != "" {
				t.Error("the state changed (-before +after):\n" + diff)
			}
			// What the error sends a user to tells the truth.
			read, diags := p.read(after)
			p.wantNone(diags)
			if read.values != nil {
				t.Errorf("the job that is gone reads as %v", read.values)
			}
		})
	}
}

// No code for an unknown job is documented: a refusal is no proof either way, but
// a look at the job is.
func TestProtocolDescriptionRefused(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		gone bool
		says string
	}{
		"as the job is gone":      {true, "does not exist any more"},
		"for what it has in mind": {false, "API message: something is wrong"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := configured(t, nil)
			state := p.must(instance{}, boardConfig)
			wanted := boardConfig.with(attrs{"description": "ours"})
			saved, _ := p.plan(state, wanted)
			p.Inject(simulator.Fault{Method: "PUT", Code: "ModelArts.0101", Message: "something is wrong"})
			if test.gone {
				p.RemoveJob(1)
			}
			_, diags := p.apply(state, saved, wanted)
			p.wantError(diags, test.says)
		})
	}
}

// A job that never ran has no address. That is known as well, and an update
// that does not start it leaves it so.
func TestProtocolUpdateOfJobWithoutServiceURL(t *testing.T) {
	t.Parallel()
	p := configured(t, nil)
	p.AddJob(simulator.Job{ID: 1, Name: "board", TrainURL: "/bucket/logs/", Status: simulator.StatusKilled})
	imported, diags := p.take(attrs{"id": "1"})
	p.wantNone(diags)
	state, diags := p.read(imported)
	p.wantNone(diags)
	if state.values["service_url"] != nil {
		t.Fatalf("the job has the address %v", state.values["service_url"])
	}
	described := p.must(state, boardConfig.with(attrs{"description": "ours"}))
	if described.values["service_url"] != nil {
		t.Errorf("the job has the address %v", described.values["service_url"])
	}
	started := p.must(described, boardConfig.with(attrs{"description": "ours", "running": true}))
	if started.values["service_url"] == nil {
		t.Error("the job that runs has no address")
	}
}

// The end of the time of an operation is told apart from all else that takes long.
func TestProtocolReadOutOfTime(t *testing.T) {
	t.Parallel()
	synctest.Test(t, testReadOutOfTime)
}

func testReadOutOfTime(t *testing.T) {
	p := inMemory(t, simulator.Options{Latency: time.Minute}, 0)
	p.AddJob(existing)
	limits := p.typ.AttributeTypes["timeouts"].(tftypes.Object)
	values := map[string]tftypes.Value{}
	for name, typ := range limits.AttributeTypes {
		values[name] = tftypes.NewValue(typ, "300ms")
	}
	state := instance{values: boardConfig.with(attrs{
		"id": "197", "project_id": simulator.DefaultProjectID, "timeouts": tftypes.NewValue(limits, values),
	})}
	_, diags := p.read(state)
	p.wantError(diags, `Could not read visualization job "board" (id 197)`, "It was not done within 300ms.", "Raise timeouts.read",
		"terraform apply -refresh=false")
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
