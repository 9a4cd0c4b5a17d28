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

// leftOut are the codes of the pages that no request of this provider can get, as ranges
// or one by one, and why. A code of a range that errorCodes has is not left out.
var leftOut = []struct{ codes, reason string }{
	{"ModelArts.0109", "alarms"},
	{"ModelArts.0113", "notebooks"},
	{"ModelArts.0209", "authentication of the service's own backend by app and API ID"},
	{"ModelArts.0421-0422 ModelArts.0424-0426 ModelArts.0430-0431", "requests that manage the authorization of ModelArts itself"},
	{"ModelArts.2750 ModelArts.2752-2762 ModelArts.2765-2770 ModelArts.2772 ModelArts.2774 ModelArts.2780 ModelArts.2792 " +
		"ModelArts.2802 ModelArts.2806 ModelArts.2814 ModelArts.2817 ModelArts.2821 ModelArts.2829-2830 ModelArts.2832 " +
		"ModelArts.2839 ModelArts.2855-2857 ModelArts.2859", "algorithms, engines and code of training jobs"},
	{
		"ModelArts.2776-2777 ModelArts.2797 ModelArts.2818-2820 ModelArts.2822 ModelArts.2824 ModelArts.2827-2828 ModelArts.2831",
		"logs, metrics and results of training jobs",
	},
	{"ModelArts.2779 ModelArts.2782-2783 ModelArts.2793-2795 ModelArts.2798 ModelArts.2834-2835 ModelArts.2841-2842 ModelArts.2846 " +
		"ModelArts.2854", "data sets, models, instances and experiments, which a visualization job doesn't have"},
	{"ModelArts.2801 ModelArts.2804-2805 ModelArts.2847-2853", "federated learning and edge nodes"},
	{"ModelArts.2807-2809 ModelArts.2812", "filters and actions of version 2 of the API"},
	{"ModelArts.2810-2811 ModelArts.2843-2845 ModelArts.2879-2885", "images, VPC endpoints and saving of images"},
	{"ModelArts.2886-2890", "dedicated resource pools"},
	{"ModelArts.3000-3999", "models and services, but for OBS paths"},
	{"ModelArts.4100-4309", "accounts of data management, and the gateway of real-time services"},
	{"ModelArts.4315-4999", "data sets, labeling, teams and workflows, but for OBS paths and agencies"},
	{"ModelArts.5000-5999", "AI Gallery"},
	{"ModelArts.6000-6999", "notebooks, images and projects"},
	{"ModelArts.7002-7003 ModelArts.7006", "requests that manage workspaces"},
	{"APIGW.0311-0314 APIGW.0615-0617", "APIs of others: debugging, and authentication by a third party"},
	{"APIGW.0405 APIGW.0501-0502", "apps, which this API isn't called through"},
	{"APIGW.1001-1004 APIGW.2102 APIGW.2202-2213", "OAuth and signature keys of a gateway's owner"},
}

// isLeftOut reports whether a code is in leftOut.
func isLeftOut(code string) bool {
	for _, group := range leftOut {
		for codes := range strings.FieldsSeq(group.codes) {
			first, last, isRange := strings.Cut(codes, "-")
			if !isRange {
				last = first
			} else {
				last = first[:strings.Index(first, ".")+1] + last
			}
			if first <= code && code <= last {
				return true
			}
		}
	}
	return false
}

// documentedCodes returns the HTTP statuses of each code of the documentation.
func documentedCodes(t *testing.T) map[string][]string {
	t.Helper()
	codes := map[string][]string{}
	for line := range strings.Lines(readFile(t, "testdata/error_codes.tsv")) {
		if strings.HasPrefix(line, "#") {
			continue
		}
		code, status, ok := strings.Cut(strings.TrimSuffix(line, "\n"), "\t")
		if !ok || slices.Contains(codes[code], status) {
			t.Fatalf("%q has no status, or is there twice", line)
		}
		codes[code] = append(codes[code], status)
	}
	return codes
}

// Each documented code is explained or left out, and nothing else is explained.
func TestErrorCodesAreTheDocumentedOnes(t *testing.T) {
	t.Parallel()
	documented := documentedCodes(t)
	for code := range documented {
		if _, explained := errorCodes[code]; !explained && !isLeftOut(code) {
			t.Errorf("%s is neither explained nor left out", code)
		}
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
		message := fmt.Sprintf("API message: It cannot be.\nError code: %s\nHTTP status: %d\nRequest ID: req-1\nRequest: %s\n\n%s %s",
			code, refusal.StatusCode, refusal.Operation, help.meaning, help.remedy)
		for _, o := range operations {
			d := errorDiagnostic(o, fmt.Errorf("wrapped: %w", refusal))
			wantWellWritten(t, d, o)
			if got := at(d); !strings.HasPrefix(d.Detail(), message) || got != help.attribute && o.isManaging() {
				t.Errorf("%s: it is at %q, want %q, and does not say %q:\n%s", key, got, help.attribute, message, d.Detail())
			}
		}
	}
}
