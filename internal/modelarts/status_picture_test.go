package modelarts

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/xml"
	"os"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
)

const picture = "../../docs/images/visualization-job-states"

// classNames are what the documentation calls the classes.
var classNames = map[Class]string{
	ClassChanging: "changing",
	ClassStarting: "starting",
	ClassRunning:  "running",
	ClassStopping: "stopping",
	ClassStopped:  "stopped",
	ClassFailed:   "failed",
}

// wantStatuses checks that names has exactly the names of the statuses of each class.
func wantStatuses(t *testing.T, names map[string][]string) {
	t.Helper()
	want := make(map[string][]string)
	for status := range statuses {
		class := classNames[status.Class()]
		want[class] = append(want[class], status.String())
	}
	if diff := cmp.Diff(want, names, cmpopts.SortSlices(strings.Compare)); diff != "" {
		t.Errorf("the documentation differs from the statuses (-want +got):\n%s", diff)
	}
}

// The picture of the states shows every status in its class, and no others.
func TestPictureShowsEveryStatus(t *testing.T) {
	t.Parallel()
	var drawing struct {
		Groups []struct {
			ID    string `xml:"id,attr"`
			Texts []struct {
				Class string `xml:"class,attr"`
				Text  string `xml:",chardata"`
			} `xml:"text"`
		} `xml:"g"`
	}
	if err := xml.Unmarshal(readFile(t, picture+".svg"), &drawing); err != nil {
		t.Fatal(err)
	}
	shown := make(map[string][]string)
	for _, group := range drawing.Groups {
		for _, text := range group.Texts {
			if text.Class == "status" {
				shown[group.ID] = append(shown[group.ID], text.Text)
			}
		}
	}
	wantStatuses(t, shown)
}

// The PNG that the pages show was made from the SVG as it is.
func TestPictureIsOfItsSource(t *testing.T) {
	t.Parallel()
	sum := sha256.Sum256(bytes.ReplaceAll(readFile(t, picture+".svg"), []byte("\r\n"), []byte("\n")))
	if !bytes.Contains(readFile(t, picture+".png"), []byte(hex.EncodeToString(sum[:]))) {
		t.Error("the PNG was made from another SVG: run make picture")
	}
}

// The table beside the picture has every status in the row of its class.
func TestTableOfStatesHasEveryStatus(t *testing.T) {
	t.Parallel()
	page := string(readFile(t, "../../docs/resources/visualization_job.md"))
	_, section, found := strings.Cut(page, "\n## States\n")
	if !found {
		t.Fatal("the page has no section States")
	}
	section, _, _ = strings.Cut(section, "\n## ")
	status := regexp.MustCompile("`([A-Z_]+)`")
	shown := make(map[string][]string)
	for line := range strings.Lines(section) {
		cells := strings.Split(line, "|")
		if len(cells) < 3 {
			continue
		}
		for _, name := range status.FindAllStringSubmatch(cells[2], -1) {
			class := strings.TrimSpace(cells[1])
			shown[class] = append(shown[class], name[1])
		}
	}
	wantStatuses(t, shown)
}

func readFile(t *testing.T, path string) []byte {
	t.Helper()
	content, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return content
}
