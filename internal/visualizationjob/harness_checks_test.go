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

// service is a simulator whose requests a test checks.
type service struct {
	*simulator.Server

	t testing.TB
}

func unknown(v any) bool { return v == any(tftypes.UnknownValue) }

// checkPlanned is Terraform's check of a planned state: each attribute is as configured, or as before if it is
// configured, or computed. Objects aren't checked, because their attributes have defaults of their own.
func (p *protocol) checkPlanned(prior, config, planned attrs) {
	p.t.Helper()
	config = p.decode(p.typ, p.encode(p.typ, config))
	computed := map[string]bool{}
	for _, attribute := range p.schema.Block.Attributes {
		computed[attribute.Name] = attribute.Computed
	}
	for name, value := range planned {
		configured := config[name]
		_, structured := configured.(attrs)
		switch {
		case structured, cmp.Equal(value, configured):
		case configured != nil && prior[name] != nil && cmp.Equal(value, prior[name]):
		case configured == nil && computed[name]:
		default:
			p.t.Errorf("invalid plan: %s is planned as %v, and configured as %v", name, value, configured)
		}
	}
}

// checkApplied is Terraform's check of a new state: every attribute is known, and as planned.
func (p *protocol) checkApplied(planned, applied attrs) {
	p.t.Helper()
	for name, value := range applied {
		if unknown(value) {
			p.t.Errorf("invalid result: %s is unknown after the apply", name)
		}
	}
	for name, value := range planned {
		if !unknown(value) && !cmp.Equal(value, applied[name]) {
			p.t.Errorf("inconsistent result: %s was planned as %v and is %v", name, value, applied[name])
		}
	}
}

func (p *protocol) wantNone(diags []*tfprotov6.Diagnostic) {
	p.t.Helper()
	for _, d := range diags {
		p.t.Errorf("unexpected: %s\n%s", d.Summary, d.Detail)
	}
}

// wantError checks that there is one error, and that it contains the texts.
func (p *protocol) wantError(diags []*tfprotov6.Diagnostic, contains ...string) {
	p.t.Helper()
	p.wantOne(diags, tfprotov6.DiagnosticSeverityError, contains...)
}

// wantWarning is wantError for a warning.
func (p *protocol) wantWarning(diags []*tfprotov6.Diagnostic, contains ...string) {
	p.t.Helper()
	p.wantOne(diags, tfprotov6.DiagnosticSeverityWarning, contains...)
}

func (p *protocol) wantOne(diags []*tfprotov6.Diagnostic, severity tfprotov6.DiagnosticSeverity, contains ...string) {
	p.t.Helper()
	if len(diags) != 1 || diags[0].Severity != severity {
		p.t.Errorf("want one %s, got %d diagnostics", severity, len(diags))
		p.wantNone(diags)
		return
	}
	text := diags[0].Summary + "\n" + diags[0].Detail
	for _, part := range contains {
		if !strings.Contains(text, part) {
			p.t.Errorf("the diagnostic doesn't contain %q:\n%s", part, text)
		}
	}
}

// wantErrorAt is wantError for an error on an attribute, or within it; "" for an error on none.
func (p *protocol) wantErrorAt(diags []*tfprotov6.Diagnostic, attribute string, contains ...string) {
	p.t.Helper()
	p.wantError(diags, contains...)
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

// wantChanges compares the requests since its last call, without GET requests.
func (s service) wantChanges(want ...string) {
	s.t.Helper()
	var got []string
	for _, call := range s.Requests() {
		if call.Method != http.MethodGet {
			got = append(got, call.Method+" "+strings.TrimPrefix(call.Path, "/v1/"+simulator.DefaultProjectID))
		}
	}
	if strings.Join(got, ", ") != strings.Join(want, ", ") {
		s.t.Errorf("the changes were %q, want %q", got, want)
	}
	s.ResetRequests()
}

func (s service) wantNoCalls() {
	s.t.Helper()
	if calls := s.Requests(); len(calls) > 0 {
		s.t.Errorf("%d calls were made, the first was %+v", len(calls), calls[0])
	}
}

// wantTook checks how long something took since it began, in fake time.
func wantTook(t testing.TB, began time.Time, want time.Duration) {
	t.Helper()
	if took := time.Since(began); took != want {
		t.Errorf("it took %s, want %s", took, want)
	}
}

// wantSame compares attributes of a state, an identity or a data source.
func wantSame(t testing.TB, got, want attrs) {
	t.Helper()
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error("unexpected (-want +got):\n" + diff)
	}
}

// denied is an error response that these credentials aren't allowed to send the request, once so many with the
// method and the path passed. Empty strings are any.
func denied(method, path string, skip int) simulator.Fault {
	return simulator.Fault{Method: method, Path: path, Skip: skip, Status: http.StatusForbidden, Code: "ModelArts.0108", Message: "not yours"}
}

// standing is a simulator whose clock stands still, so that no duration grows.
func standing() simulator.Options {
	return simulator.Options{Now: func() time.Time { return time.Date(2024, 3, 1, 12, 0, 0, 0, time.UTC) }}
}
