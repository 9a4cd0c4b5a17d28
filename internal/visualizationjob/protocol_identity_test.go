package visualizationjob_test

import (
	"net/http"
	"testing"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"

	"github.com/opentelekomcloud-community/terraform-provider-modelarts/internal/simulator"
)

// takeByID imports by the id alone, as versions without identities do.
func (p *protocol) takeByID(id string) instance {
	p.t.Helper()
	resp, err := p.provider.ImportResourceState(p.t.Context(), &tfprotov6.ImportResourceStateRequest{TypeName: typeName, ID: id})
	if err != nil {
		p.t.Fatal(err)
	}
	p.wantNone(resp.Diagnostics)
	imported := resp.ImportedResources[0]
	return instance{p.decode(p.typ, imported.State), imported.Private, p.decodeIdentity(imported.Identity)}
}

func TestProtocolIdentityAfterImportByID(t *testing.T) {
	t.Parallel()
	p := configured(t, nil)
	p.AddJob(existing)
	read, diags := p.read(p.takeByID("197"))
	p.wantNone(diags)
	wantIdentity(t, read.identity, attrs{"id": "197", "project_id": simulator.DefaultProjectID})
}

// A plan changes no identity, and makes none up.
func TestProtocolIdentityOfPlan(t *testing.T) {
	t.Parallel()
	p := configured(t, nil)
	fresh, _ := p.plan(instance{}, boardConfig)
	wantIdentity(t, fresh.identity, nil)
	created := p.must(instance{}, boardConfig)
	for name, config := range map[string]attrs{
		"nothing":     boardConfig,
		"description": boardConfig.with(attrs{"description": "ours"}),
		"running":     boardConfig.with(attrs{"running": false}),
		"replacement": boardConfig.with(attrs{"name": "other"}),
	} {
		planned, _ := p.plan(created, config)
		if got := planned.identity; got["id"] != "1" || got["project_id"] != simulator.DefaultProjectID {
			t.Errorf("%s: the identity is planned as %v", name, got)
		}
	}
}

// What is in the state after a failure has its identity, or the CLI says that this
// is a bug of the provider, on top of what went wrong.
func TestProtocolIdentityAfterFailure(t *testing.T) {
	t.Parallel()
	changed := boardConfig.with(attrs{"description": "ours", "running": false})
	for name, test := range map[string]struct {
		config attrs // of the change; nil for a destroy
		fresh  bool  // it is a create
		method string
		path   string
		want   attrs
	}{
		"create, refused":           {boardConfig, true, http.MethodPost, "", nil},
		"create, not seen any more": {boardConfig, true, http.MethodGet, ".*/1", boardIdentity},
		"create, not stopped":       {changed, true, http.MethodPost, ".*/stop", boardIdentity},
		"update, not described":     {changed, false, http.MethodPut, "", boardIdentity},
		"update, not stopped":       {changed, false, http.MethodPost, ".*/stop", boardIdentity},
		"delete, refused":           {nil, false, http.MethodDelete, "", boardIdentity},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := configured(t, nil)
			before := instance{}
			if !test.fresh {
				before = p.must(instance{}, boardConfig)
			}
			always := denied(test.method, test.path, 0)
			always.Count = -1
			p.Inject(always)
			planned, _ := p.plan(before, test.config)
			after, diags := p.apply(before, planned, test.config)
			p.wantError(diags, "not yours")
			if (after.values != nil) != (test.want != nil) {
				t.Errorf("the state is %v", after.values)
			}
			if test.want != nil {
				wantIdentity(t, after.identity, test.want)
			}
		})
	}
}
