package simulator_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/opentelekomcloud-community/terraform-provider-modelarts/internal/simulator"
)

func TestParseFault(t *testing.T) {
	t.Parallel()

	conflict, err := simulator.NamedFault("conflict")
	if err != nil {
		t.Fatal(err)
	}

	like := func(method, path string, count, skip int) simulator.Fault {
		f := conflict
		f.Method, f.Path, f.Count, f.Skip = method, path, count, skip

		return f
	}

	for words, c := range map[string]struct {
		want  simulator.Fault
		words string // as they are given back
	}{
		"POST /visualization-jobs conflict": {
			like("POST", "/visualization-jobs", 1, 0), "POST /visualization-jobs conflict 1 0",
		},
		"  *  .*/stop\tconflict -1 ": {like("", ".*/stop", -1, 0), "* .*/stop conflict -1 0"},
		"GET /v3.* conflict 2 30":    {like("GET", "/v3.*", 2, 30), "GET /v3.* conflict 2 30"},
		"DELETE .* conflict 3 0":     {like("DELETE", ".*", 3, 0), "DELETE .* conflict 3 0"},
		"PUT .* conflict 1":          {like("PUT", ".*", 1, 0), "PUT .* conflict 1 0"},
	} {
		got, err := simulator.ParseFault(words)
		if err != nil {
			t.Errorf("%s: %v", words, err)
		}

		if diff := cmp.Diff(c.want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", words, diff)
		}

		if diff := cmp.Diff(c.words, got.Words()); diff != "" {
			t.Errorf("%s, given back (-want +got):\n%s", words, diff)
		}
	}

	if got, want := (simulator.Fault{}).Words(), "* /visualization-jobs.* custom 1 0"; got != want {
		t.Errorf("words of a fault without a kind: %q, want %q", got, want)
	}
}

func TestParseFaultRefuses(t *testing.T) {
	t.Parallel()

	for words, want := range map[string]string{
		"":                           "METHOD PATH KIND [COUNT [SKIP]]",
		"POST .*":                    "METHOD PATH KIND [COUNT [SKIP]]",
		"POST .* conflict 1 2 3":     "METHOD PATH KIND [COUNT [SKIP]]",
		"POST .* typo":               "unknown kind of fault \"typo\": it has to be one of drop-before, ",
		"PSOT .* conflict":           "the method has to be *, GET, POST, PUT, DELETE",
		"post .* conflict":           "the method has to be",
		"POST ( conflict":            "missing closing )",
		`POST \Q conflict`:           "missing closing )",
		"POST * conflict":            "missing argument to repetition operator",
		"POST .* conflict 0":         "COUNT has to be a positive number, or -1",
		"POST .* conflict -2":        "COUNT has to be",
		"POST .* conflict many":      "COUNT has to be",
		"POST .* conflict 1 -1":      "SKIP has to be a number, 0 or more",
		"POST .* conflict 1 some":    "SKIP has to be",
		"POST .* conflict 1.5":       "COUNT has to be",
		"POST .* conflict 99999999x": "COUNT has to be",
	} {
		if _, err := simulator.ParseFault(words); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: error %v, want %q", words, err, want)
		}
	}
}
