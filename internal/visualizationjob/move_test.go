package visualizationjob_test

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6"

	"github.com/opentelekomcloud-community/terraform-provider-modelarts/internal/acctest"
	"github.com/opentelekomcloud-community/terraform-provider-modelarts/internal/simulator"
)

// foreign is an instance in the state of another provider, as a version of it wrote it.
type foreign struct {
	Type          string          `json:"type"`
	Provider      string          `json:"provider"`
	SchemaVersion int64           `json:"schema_version"`
	Attributes    json.RawMessage `json:"attributes"`
	Identity      json.RawMessage `json:"identity,omitempty"`
}

func recordedState(t *testing.T, name string) foreign {
	t.Helper()
	var state foreign
	if err := json.Unmarshal([]byte(acctest.Read(t, "testdata", "moved", name+".json")), &state); err != nil {
		t.Fatal(err)
	}
	return state
}

// restapiState is the state of a restapi_object.
func restapiState(attributes string) foreign {
	return foreign{Type: "restapi_object", Provider: "registry.terraform.io/mastercard/restapi", Attributes: json.RawMessage(attributes)}
}

// movedConfig is a configuration of all that the recorded jobs were created with.
var movedConfig = boardConfig.with(attrs{
	"description": "theirs", "job_type": "mindinsight", "flavor": "modelarts.p3.large.public", "schedule": attrs{"duration": 4},
})

// wantDifferences compares the plan to the state before.
func wantDifferences(t *testing.T, before, planned instance, names ...string) {
	t.Helper()
	var got []string
	for name, value := range planned.values {
		if !cmp.Equal(before.values[name], value) {
			got = append(got, name)
		}
	}
	slices.Sort(got)
	if want := slices.Sorted(slices.Values(names)); !slices.Equal(got, want) {
		t.Errorf("the plan changes %q, want %q", got, want)
	}
}

// A move needs no request and no configured provider. The plans before and after a refresh only record values that the moved
// state lacks. An apply without a refresh completes the identity, because nothing can change it later. OpenTofu passes the
// identity of the other provider's state on, and requests an upgrade from a lower version.
func TestProtocolMove(t *testing.T) {
	t.Parallel()
	unknown := []string{"job_type", "flavor", "schedule"}
	identity := attrs{"id": "197", "project_id": simulator.DefaultProjectID}
	for name, recorded := range map[string][]string{
		"restapi-1.20": nil, "restapi-2.0": unknown, "restapi-3.0": nil, "restapi-3.0-created": nil, "restapi-3.0-refreshed": unknown,
		"restful-0.13": nil, "restful-0.14": nil, "restful-0.25": nil, "restful-0.25-created": nil, "restful-0.25-sensitive": unknown,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := unconfigured(t, simulator.Options{})
			p.AddJob(existing)
			state := recordedState(t, name)
			moved, diags := p.move(state)
			p.wantNone(diags)
			p.configure(nil)
			plan := func(from instance) instance {
				t.Helper()
				planned, replaces := p.plan(from, movedConfig)
				if len(replaces) > 0 {
					t.Errorf("the job would be replaced for %q", replaces)
				}
				wantDifferences(t, from, planned, recorded...)
				return planned
			}
			plan(moved)
			p.wantNoCalls()

			read := p.mustRead(moved)
			wantSame(t, read.identity, identity)
			if read.values["status"] != "RUNNING" || read.values["running"] != true || read.values["project_id"] != simulator.DefaultProjectID {
				t.Errorf("the state is %v", read.values)
			}
			applied, diags := p.apply(read, plan(read), movedConfig)
			p.wantNone(diags)
			p.wantChanges()
			planned, _ := p.plan(applied, movedConfig)
			wantDifferences(t, applied, planned)

			if state.Identity != nil {
				resp := send(p, p.provider.UpgradeResourceIdentity, &tfprotov6.UpgradeResourceIdentityRequest{
					TypeName: typeName, Version: 0, RawIdentity: &tfprotov6.RawState{JSON: state.Identity},
				})
				p.wantNone(resp.Diagnostics)
				moved.identity = p.decodeIdentity(resp.UpgradedIdentity)
				wantSame(t, moved.identity, attrs{"id": nil, "project_id": nil})
			}
			described := p.must(moved, movedConfig.with(attrs{"description": "ours"}))
			p.wantChanges("PUT /visualization-jobs/197")
			wantSame(t, described.identity, identity)
			if read := p.mustRead(described); read.values["description"] != "ours" || read.values["project_id"] != identity["project_id"] {
				t.Errorf("the state is %v", read.values)
			}
			p.RemoveJob(197) // After the first read, a moved job is like any other.
			if gone := p.mustRead(applied); gone.values != nil {
				t.Errorf("the state of a deleted job is %v", gone.values)
			}
		})
	}
}

func TestProtocolMoveErrors(t *testing.T) {
	t.Parallel()
	other := restapiState(`{"id":"197","path":"/training-jobs"}`)
	otherType, otherProvider := other, other
	otherType.Type, otherProvider.Provider = "restapi_query", "registry.terraform.io/hashicorp/restapi"
	p := configured(t, simulator.Options{})
	for text, state := range map[string]foreign{
		"Cannot move this restapi_object to modelarts_visualization_job\nIts path is \"/training-jobs\"": other,
		otherType.Type: otherType, otherProvider.Provider: otherProvider,
	} {
		moved, diags := p.move(state)
		p.wantError(diags, text)
		wantSame(t, moved.values, nil)
	}
	p.wantNoCalls()
}

// A job that isn't found can be in another project. A read removes it from the state only if the state has this project.
func TestProtocolMovedJobThatIsGone(t *testing.T) {
	t.Parallel()
	here := recordedState(t, "restful-0.14")
	there := here
	there.Attributes = json.RawMessage(strings.ReplaceAll(string(here.Attributes), simulator.DefaultProjectID, elsewhere))
	for text, state := range map[string]foreign{
		`Could not find visualization job "board" (ID 197)`: recordedState(t, "restapi-3.0"), // without a project
		"197 belongs to another project":                    there,
		"":                                                  here,
	} {
		p := configured(t, simulator.Options{})
		moved, diags := p.move(state)
		p.wantNone(diags)
		read, diags := p.read(moved)
		if (read.values == nil) != (text == "") {
			t.Errorf("%s: the state is %v", text, read.values)
		}
		if text == "" {
			p.wantNone(diags)
		} else {
			p.wantError(diags, text, "tenant_id", "delegated_project", simulator.DefaultProjectID)
		}
	}
}
