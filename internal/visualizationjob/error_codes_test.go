package visualizationjob

import (
	"fmt"
	"net/http"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/opentelekomcloud-community/terraform-provider-modelarts/internal/modelarts"
	"github.com/opentelekomcloud-community/terraform-provider-modelarts/internal/sanitize"
)

// Each documented code is explained, or the documentation has a reason why not, and nothing else is explained.
func TestErrorCodesAreTheDocumentedOnes(t *testing.T) {
	t.Parallel()
	documented := map[string][]string{} // the HTTP statuses of each code
	for line := range strings.Lines(readFile(t, "testdata/error_codes.tsv")) {
		if strings.HasPrefix(line, "#") {
			continue
		}
		columns := strings.Split(strings.TrimSuffix(line, "\n"), "\t")
		if _, explained := errorCodes[columns[0]]; explained != (len(columns) == 2) {
			t.Errorf("%q is explained: %t", columns, explained)
		}
		documented[columns[0]] = append(documented[columns[0]], columns[1])
	}
	for key, help := range errorCodes {
		code, with, isQualified := strings.Cut(key, ":")
		switch statuses, ok := documented[code]; {
		case !ok:
			t.Errorf("%s is explained and not documented", key)
		case isQualified && errorCodes[code].meaning == "":
			t.Errorf("%s is explained, and %s alone is not", key, code)
		case isQualified && with != http.MethodGet && !slices.Contains(statuses, with):
			t.Errorf("%s is explained, and documented with HTTP %s", key, statuses)
		}
		for what, text := range map[string]string{"meaning": help.meaning, "remedy": help.remedy} {
			if len(text) < 10 || !strings.HasSuffix(text, ".") || strings.HasSuffix(text, "..") {
				t.Errorf("the %s of %s is no sentence: %q", what, key, text)
			}
		}
	}
}

// No code is explained in two ways.
func TestErrorCodesAreUnique(t *testing.T) {
	t.Parallel()
	_, source, _ := strings.Cut(readFile(t, "error_codes.go"), "var errorCodes")
	found := regexp.MustCompile(`\b(ModelArts|APIGW)\.[0-9]{4}(:\w+)?`).FindAllString(source, -1)
	if len(found) != len(errorCodes) {
		t.Errorf("%d codes are there, and %d are explained", len(found), len(errorCodes))
	}
}

// An HTTP status or a method says more than the code alone.
func TestHelpByStatusAndMethod(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		code, operation string
		status          int
		want            string // the key in errorCodes
	}{
		{"APIGW.0201", "GET /visualization-jobs", 599, "APIGW.0201"},
		{"ModelArts.0105", "POST /visualization-jobs/1/stop", 400, "ModelArts.0105"},
		{"ModelArts.0105", "GET /visualization-jobs/1", 400, "ModelArts.0105:GET"},
		{"ModelArts.4106", "POST /visualization-jobs", 500, "ModelArts.4106:500"},
		{"ModelArts.9999", "GET /visualization-jobs", 400, ""},
		{"", "GET /visualization-jobs", 502, ""},
	} {
		help, known := helpFor(&modelarts.Error{Operation: test.operation, Code: sanitize.Text(test.code), StatusCode: test.status})
		if want := errorCodes[test.want]; help.meaning != want.meaning || known != (test.want != "") {
			t.Errorf("%s with HTTP %d of %s means %q", test.code, test.status, test.operation, help.meaning)
		}
	}
}

func TestDiagnosticOfEachCode(t *testing.T) {
	t.Parallel()
	for key, help := range errorCodes {
		code, with, _ := strings.Cut(key, ":")
		refusal := refused(code, "It cannot be.")
		switch status, err := strconv.Atoi(with); {
		case err == nil:
			refusal.StatusCode = status
		case with != "":
			refusal.Operation = with + " /visualization-jobs"
		default:
			refusal.StatusCode = 418 // which says nothing
		}
		message := fmt.Sprintf("API message: It cannot be.\nError code: %s\nHTTP status: %d\nRequest ID: req-1\nRequest: %s\nHost: ma.example.com\n\n%s %s",
			code, refusal.StatusCode, refusal.Operation, help.meaning, help.remedy)
		for _, verb := range []string{"wait", "update", "list", "stop"} { // of each kind that differs
			o := operations[verb]
			d := errorDiagnostic(o, fmt.Errorf("wrapped: %w", refusal))
			wantWellWritten(t, d, o)
			if got := at(d); !strings.HasPrefix(d.Detail(), message) || got != help.attribute && o.isManaging() {
				t.Errorf("%s: it is at %q, want %q, and does not say %q:\n%s", key, got, help.attribute, message, d.Detail())
			}
		}
	}
}
