package modelarts

import (
	"crypto/sha256"
	"encoding/hex"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/opentelekomcloud-community/terraform-provider-modelarts/internal/acctest"
)

var classes = map[Class]string{
	ClassChanging: "changing", ClassStarting: "starting", ClassRunning: "running", ClassStopping: "stopping", ClassStopped: "stopped", ClassFailed: "failed",
}

// The names and the classes are those of the API reference, by code.
func TestStatus(t *testing.T) {
	t.Parallel()
	var names []string
	for documented := range strings.FieldsSeq(`UNKNOWN:changing INIT:starting IMAGE_CREATING:starting IMAGE_FAILED:failed SUBMIT_TRYING:starting
		SUBMIT_FAILED:failed DELETE_FAILED:failed WAITING:starting RUNNING:running KILLING:stopping COMPLETED:stopped FAILED:failed KILLED:stopped
		CANCELED:stopped LOST:failed SCALING:starting SUBMIT_MODEL_FAILED:failed DEPLOY_SERVICE_FAILED:failed CHECK_INIT:starting
		CHECK_RUNNING:starting CHECK_RUNNING_COMPLETED:starting CHECK_FAILED:failed`) {
		name, class, _ := strings.Cut(documented, ":")
		code := Status(len(names))
		names = append(names, name)
		parsed, ok := ParseStatus(name)
		isTransient := strings.HasSuffix(class, "ing") && class != "running"
		if !ok || parsed != code || code.String() != name || classes[code.Class()] != class || code.Class().IsTransient() != isTransient {
			t.Errorf("%d: %v, class %d, parsed as %d, %t", int(code), code, code.Class(), int(parsed), ok)
		}
	}
	if diff := cmp.Diff(names, StatusNames()); diff != "" {
		t.Errorf("names (-want +got):\n%s", diff)
	}
	for code, name := range map[Status]string{22: "UNKNOWN(22)", -1: "UNKNOWN(-1)"} {
		if parsed, ok := ParseStatus(name); ok || parsed != 0 || code.String() != name || code.Class() != ClassChanging {
			t.Errorf("%d is %s of the class %v, parsed as %d, %t", int(code), code, code.Class(), int(parsed), ok)
		}
	}
}

// The picture of the states and the table beside it have every status in its class, and no others. The PNG that the pages show was made
// from the SVG as it is.
func TestStatesOfTheDocumentation(t *testing.T) {
	t.Parallel()
	read := func(path string) string { return strings.ReplaceAll(acctest.Read(t, "../../docs", path), "\r\n", "\n") }
	picture := read("images/visualization-job-states.svg")
	_, table, _ := strings.Cut(read("resources/visualization_job.md"), "\n## States\n")
	table, _, _ = strings.Cut(table, "\n## ")
	want := make(map[string][]string)
	for status := range statuses {
		class := classes[status.Class()]
		want[class] = append(want[class], status.String())
	}
	for _, shown := range []struct{ text, class, status string }{
		{picture, `(?s)<g id="([a-z]+)">(.*?)</g>`, `class="status"[^>]*>([^<]*)<`},
		{table, `(?m)^\| *([a-z]+) *\|([^|]*)\|`, "`([A-Z_]+)`"},
	} {
		got := make(map[string][]string)
		for _, class := range regexp.MustCompile(shown.class).FindAllStringSubmatch(shown.text, -1) {
			for _, status := range regexp.MustCompile(shown.status).FindAllStringSubmatch(class[2], -1) {
				got[class[1]] = append(got[class[1]], status[1])
			}
		}
		if diff := cmp.Diff(want, got, cmpopts.SortSlices(strings.Compare)); diff != "" {
			t.Errorf("%s: the statuses differ (-want +got):\n%s", shown.class, diff)
		}
	}
	sum := sha256.Sum256([]byte(picture))
	if !strings.Contains(acctest.Read(t, "../../docs/images/visualization-job-states.png"), hex.EncodeToString(sum[:])) {
		t.Error("the PNG was made from another SVG: run make picture")
	}
}
