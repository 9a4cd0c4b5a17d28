package visualizationjob

import (
	"net/http"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/opentelekomcloud-community/terraform-provider-modelarts/internal/acctest"
)

// Each documented code is explained once, or the documentation has a reason why not, and nothing else is explained.
func TestErrorCodesAreTheDocumentedOnes(t *testing.T) {
	t.Parallel()
	documented := map[string][]string{} // the HTTP statuses of each code
	for line := range strings.Lines(acctest.Read(t, "testdata/error_codes.tsv")) {
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
	_, source, _ := strings.Cut(acctest.Read(t, "error_codes.go"), "var errorCodes")
	found := regexp.MustCompile(`\b(ModelArts|APIGW)\.[0-9]{4}(:\w+)?`).FindAllString(source, -1)
	if len(found) != len(errorCodes) {
		t.Errorf("%d codes are there, and %d are explained", len(found), len(errorCodes))
	}
}
