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
	all := "  " + strings.ReplaceAll(strings.TrimSuffix(sgr.ReplaceAllString(printed, ""), "\n"), "\n", "\n  ") + "\n"
	for s, want := range map[screen]string{{}: relevant, {color: true}: relevant, {verbose: true}: all} {
		var to strings.Builder
		shown := &output{screen: &screen{&to, s.color, s.verbose}}
		for i := range len(printed) {
			if _, err := shown.Write([]byte{printed[i]}); err != nil { // A pipe cuts lines anywhere.
				t.Fatal(err)
			}
		}
		if diff := cmp.Diff(want, sgr.ReplaceAllString(to.String(), "")); diff != "" || strings.Contains(to.String(), "\x1b") != s.color {
			t.Errorf("%+v: %q (-want +got):\n%s", s, &to, diff)
		}
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

// Only a terminal gets color, unless the user doesn't want it.
func TestHasColor(t *testing.T) {
	for _, test := range []struct {
		noColor, term, file string
		want                bool
	}{
		{"", "xterm", os.DevNull, true}, // a character device, like a terminal
		{"1", "xterm", os.DevNull, false},
		{"", "dumb", os.DevNull, false},
		{"", "xterm", "screen_test.go", false},
	} {
		t.Setenv("NO_COLOR", test.noColor)
		t.Setenv("TERM", test.term)
		file, err := os.Open(test.file)
		if err != nil {
			t.Fatal(err)
		}
		if got := hasColor(file); got != test.want {
			t.Errorf("%+v: %t", test, got)
		}
		file.Close()
	}
}
