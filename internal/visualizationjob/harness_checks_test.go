package visualizationjob_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/opentelekomcloud-community/terraform-provider-modelarts/internal/simulator"
)

func (p *protocol) wantNone(diags []*tfprotov6.Diagnostic) {
	p.t.Helper()
	for _, d := range diags {
		p.t.Errorf("unexpected: %s\n%s", d.Summary, d.Detail)
	}
}

// wantError checks that there is one error, and what it says.
func (p *protocol) wantError(diags []*tfprotov6.Diagnostic, says ...string) {
	p.t.Helper()
	p.wantOne(diags, tfprotov6.DiagnosticSeverityError, says...)
}

// wantWarning is wantError for a warning.
func (p *protocol) wantWarning(diags []*tfprotov6.Diagnostic, says ...string) {
	p.t.Helper()
	p.wantOne(diags, tfprotov6.DiagnosticSeverityWarning, says...)
}

func (p *protocol) wantOne(diags []*tfprotov6.Diagnostic, severity tfprotov6.DiagnosticSeverity, says ...string) {
	p.t.Helper()
	if len(diags) != 1 || diags[0].Severity != severity {
		p.t.Errorf("want one %s, got %d diagnostics", severity, len(diags))
		p.wantNone(diags)
		return
	}
	text := diags[0].Summary + "\n" + diags[0].Detail
	for _, say := range says {
		if !strings.Contains(text, say) {
			p.t.Errorf("the diagnostic does not say %q:\n%s", say, text)
		}
	}
}

// wantErrorAt is wantError for an error on an attribute, or within it; "" for an error on none.
func (p *protocol) wantErrorAt(diags []*tfprotov6.Diagnostic, attribute string, says ...string) {
	p.t.Helper()
	p.wantError(diags, says...)
	for _, d := range diags {
		at := ""
		if steps := d.Attribute.Steps(); len(steps) > 0 {
			at = string(steps[0].(tftypes.AttributeName))
		}
		if at != attribute {
			p.t.Errorf("the error is at %q, want %q", at, attribute)
		}
	}
}

// wantChanges compares the requests since it was last asked, without those that only read.
func (p *protocol) wantChanges(want ...string) {
	p.t.Helper()
	var got []string
	for _, call := range p.Calls() {
		if call.Method != http.MethodGet {
			got = append(got, call.Method+" "+strings.TrimPrefix(call.Path, "/v1/"+simulator.DefaultProjectID))
		}
	}
	if strings.Join(got, ", ") != strings.Join(want, ", ") {
		p.t.Errorf("the changes were %q, want %q", got, want)
	}
	p.ResetCalls()
}

func (p *protocol) wantNoCalls() {
	p.t.Helper()
	if calls := p.Calls(); len(calls) > 0 {
		p.t.Errorf("%d calls were made, the first was %+v", len(calls), calls[0])
	}
}

// wantTook checks how long something took since it began, in fake time.
func wantTook(t *testing.T, began time.Time, want time.Duration) {
	t.Helper()
	if took := time.Since(began); took != want {
		t.Errorf("it took %s, want %s", took, want)
	}
}

// wantSame compares attributes of a state, an identity or a data source.
func wantSame(t *testing.T, got, want attrs) {
	t.Helper()
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error("unexpected (-want +got):\n" + diff)
	}
}

// count returns how many of the calls had the method.
func count(calls []simulator.Call, method string) int {
	n := 0
	for _, call := range calls {
		if call.Method == method {
			n++
		}
	}
	return n
}

// denied is an error response that these credentials aren't allowed to send the request, once so many with the
// method and the path passed. Empty strings are any.
func denied(method, path string, skip int) simulator.Fault {
	fault, err := simulator.NamedFault("denied")
	if err != nil {
		panic(err)
	}
	fault.Method, fault.Path, fault.Skip, fault.Message = method, path, skip, "not yours"
	return fault
}

// standing is a simulator whose clock stands still, so that no duration grows.
func standing() simulator.Options {
	return simulator.Options{Clock: simulator.NewManualClock(time.Date(2024, 3, 1, 12, 0, 0, 0, time.UTC))}
}
