//go:build unix

package main

import (
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// Of the CLI's output, only the relevant lines are shown, in color only where there is color.
func TestOutput(t *testing.T) {
	t.Parallel()
	const printed = "\x1b[33m╷\x1b[0m\n\x1b[33m│\x1b[0m \x1b[1mWarning: Provider development overrides are in effect\x1b[0m\n" +
		"\x1b[33m╵\x1b[0m\nTerraform will perform the following actions:\n" +
		"\x1b[1m  # modelarts_visualization_job.board\x1b[0m will be updated in-place\n      \x1b[33m~\x1b[0m running     = false -> true\n" +
		"      \x1b[33m~\x1b[0m status      = \"KILLED\" -> (known after apply)\n" +
		"\x1b[31m╷\x1b[0m\n\x1b[31m│\x1b[0m \x1b[31mError: \x1b[0mCould not stop\n\x1b[31m│\x1b[0m \n\x1b[31m╵\x1b[0m\nafter\n"
	const relevant = "    # modelarts_visualization_job.board will be updated in-place\n        ~ running     = false -> true\n" +
		"  ╷\n  │ Error: Could not stop\n  │ \n  ╵\n"
	for name, test := range map[string]struct {
		screen screen
		want   string
	}{
		"plain":   {screen{}, relevant},
		"color":   {screen{color: true}, relevant},
		"verbose": {screen{verbose: true}, "  " + strings.ReplaceAll(strings.TrimSuffix(sgr.ReplaceAllString(printed, ""), "\n"), "\n", "\n  ") + "\n"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var to strings.Builder
			test.screen.to = &to
			shown := &output{screen: &test.screen}
			for i := range len(printed) {
				if _, err := shown.Write([]byte{printed[i]}); err != nil { // a pipe cuts lines anywhere
					t.Fatal(err)
				}
			}
			if diff := cmp.Diff(test.want, sgr.ReplaceAllString(to.String(), "")); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
			if got := strings.Contains(to.String(), "\x1b"); got != test.screen.color {
				t.Errorf("color: %t, want %t", got, test.screen.color)
			}
		})
	}
}

// The recording in the README shows the demo as it is: after a change, make recording.
func TestRecording(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile("../../../docs/images/demo.txt")
	if err != nil {
		t.Fatal(err)
	}
	for number, step := range slices.Concat(first, recent, []step{last}) {
		if want := fmt.Sprintf("\n%d. %s\n", number+1, step.sentence); !strings.Contains(string(text), want) {
			t.Errorf("the recording doesn't have %q", want)
		}
	}
	svg, err := os.Stat("../../../docs/images/demo.svg")
	if err != nil || svg.Size() > 1_000_000 {
		t.Errorf("the recording has more than 1 MB, or none: %v", err)
	}
}

// A file or a pipe gets no color.
func TestHasColor(t *testing.T) {
	t.Setenv("NO_COLOR", "")
	t.Setenv("TERM", "xterm")
	file, err := os.Create(t.TempDir() + "/output")
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	if hasColor(file) {
		t.Error("a file has color")
	}
	null, err := os.Open(os.DevNull) // a character device, like a terminal
	if err != nil {
		t.Fatal(err)
	}
	defer null.Close()
	if !hasColor(null) {
		t.Error("a terminal has no color")
	}
	for variable, value := range map[string]string{"NO_COLOR": "1", "TERM": "dumb"} {
		t.Run(variable, func(t *testing.T) {
			t.Setenv(variable, value)
			if hasColor(null) {
				t.Errorf("%s=%s doesn't turn color off", variable, value)
			}
		})
	}
}
