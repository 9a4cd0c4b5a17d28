// Package sanitize prepares foreign text, such as text of a service, for diagnostics and logs. Foreign text can quote credentials, forge
// lines of a log, and contain commands for a terminal or a pipeline.
package sanitize

import (
	"regexp"
	"strings"
	"unicode"
	"unicode/utf8"
)

var (
	// commands matches the beginning of a command of GitHub Actions, Azure Pipelines or TeamCity that has an effect anywhere in a
	// line.
	commands = regexp.MustCompile(`##([A-Za-z]*\[)`)
	// lineCommands matches the beginning of a command of GitHub Actions that has an effect at the beginning of a line. It also
	// matches after a space, because a CLI wraps lines at spaces.
	lineCommands = regexp.MustCompile(`(^|\p{Z})::([A-Za-z])`)
)

// Line returns s as one line of at most maxBytes bytes and an ellipsis. It removes control and format
// characters, such as bidirectional overrides, and breaks commands of pipelines with a space.
func Line(s string, maxBytes int) string {
	s = commands.ReplaceAllString(clean(s), "# #$1")
	s = lineCommands.ReplaceAllString(s, "$1: :$2")
	if len(s) <= maxBytes {
		return s
	}
	return strings.ToValidUTF8(s[:maxBytes], "") + "…"
}

func clean(s string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case unicode.IsGraphic(r):
			return r
		case r == '\n' || r == '\t':
			return ' '
		default: // control and format characters
			return -1
		}
	}, strings.ToValidUTF8(s, ""))
}

// Capitalize returns s with its first letter in upper case.
func Capitalize(s string) string {
	_, size := utf8.DecodeRuneInString(s)
	return strings.ToUpper(s[:size]) + s[size:]
}
