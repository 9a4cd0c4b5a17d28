package modelarts

import (
	"strings"
	"unicode"
)

// What an answer says is shown in diagnostics and logs. These bounds are in bytes,
// and above anything that is documented.
const (
	longestMessage   = 1000
	longestCode      = 100
	longestRequestID = 200
	longestCause     = 1000 // of what an error from below says, which may quote an answer
)

// printable returns s as one line without what could forge another one, talk to a
// terminal or turn text around, cut to most bytes.
func printable(s string, most int) string { return shown(s, most, false) }

// printableLines is printable for text that may have several lines.
func printableLines(s string, most int) string { return shown(s, most, true) }

func shown(s string, most int, lines bool) string {
	cut := false
	if enough := 4 * most; len(s) > enough { // what is left out must not cost time
		s, cut = s[:enough], true
	}
	s = strings.Map(func(r rune) rune {
		switch {
		case r == '\n' && lines || unicode.IsGraphic(r):
			return r
		case r == '\n' || r == '\t':
			return ' '
		default: // control and format characters
			return -1
		}
	}, strings.ToValidUTF8(s, ""))
	if len(s) > most {
		s, cut = strings.ToValidUTF8(s[:most], ""), true
	}
	if cut {
		s += "…"
	}
	return s
}

// printableError is an error whose text quotes what came from outside, without bound.
type printableError struct{ err error }

// asPrintable returns err, behind a printableError if it needs one.
func asPrintable(err error) error {
	if text := err.Error(); printable(text, longestCause) == text {
		return err
	}
	return &printableError{err}
}

// Error implements error.
func (e *printableError) Error() string { return printable(e.err.Error(), longestCause) }

// Unwrap returns the error itself.
func (e *printableError) Unwrap() error { return e.err }
