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

// The picture of the states and the table beside it have every status in its class, and no others.
func TestStatesOfTheDocumentation(t *testing.T) {
	t.Parallel()
	names := []string{"changing", "starting", "running", "stopping", "stopped", "failed"}
	want, drawn, listed := make(map[string][]string), make(map[string][]string), make(map[string][]string)
	for status := range statuses {
		class := names[status.Class()]
		want[class] = append(want[class], status.String())
	}
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
	for _, group := range drawing.Groups {
		for _, text := range group.Texts {
			if text.Class == "status" {
				drawn[group.ID] = append(drawn[group.ID], text.Text)
			}
		}
	}
	_, section, _ := strings.Cut(string(readFile(t, "../../docs/resources/visualization_job.md")), "\n## States\n")
	section, _, _ = strings.Cut(section, "\n## ")
	row := regexp.MustCompile(`(?m)^\| *([a-z]+) *\|([^|]*)\|`)
	for _, cells := range row.FindAllStringSubmatch(section, -1) {
		for _, name := range regexp.MustCompile("`([A-Z_]+)`").FindAllStringSubmatch(cells[2], -1) {
			listed[cells[1]] = append(listed[cells[1]], name[1])
		}
	}
	for name, shown := range map[string]map[string][]string{"picture": drawn, "table": listed} {
		if diff := cmp.Diff(want, shown, cmpopts.SortSlices(strings.Compare)); diff != "" {
			t.Errorf("the %s differs from the statuses (-want +got):\n%s", name, diff)
		}
	}
}

// The PNG that the pages show was made from the SVG as it is.
func TestPictureIsOfItsSource(t *testing.T) {
	t.Parallel()
	sum := sha256.Sum256(bytes.ReplaceAll(readFile(t, picture+".svg"), []byte("\r\n"), []byte("\n")))
	if !bytes.Contains(readFile(t, picture+".png"), []byte(hex.EncodeToString(sum[:]))) {
		t.Error("the PNG was made from another SVG: run make picture")
	}
}

func readFile(t *testing.T, path string) []byte {
	t.Helper()
	content, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return content
}
