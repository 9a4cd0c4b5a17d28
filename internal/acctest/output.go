package acctest

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// Read returns the content of a file.
func Read(tb testing.TB, path ...string) string {
	tb.Helper()
	content, err := os.ReadFile(filepath.Join(path...)) //nolint:gosec // of this repository or of a test
	if err != nil {
		tb.Fatal(err)
	}
	return string(content)
}

// Unwrapped returns the output of a CLI without the line ends and frames that the CLI adds.
func Unwrapped(output string) string {
	return strings.Join(strings.FieldsFunc(output, func(r rune) bool { return strings.ContainsRune(" \n│╷╵", r) }), " ")
}

// WantOutput checks that a CLI printed some texts, on any number of lines.
func WantOutput(tb testing.TB, output string, wants ...string) {
	tb.Helper()
	for _, want := range wants {
		if !strings.Contains(Unwrapped(output), want) {
			tb.Errorf("the output lacks %q:\n%s", want, output)
		}
	}
}
