// Package printable makes what others sent fit to be shown in diagnostics and logs.
package printable

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// longestError is in bytes.
const longestError = 1000

// Line returns s as one line without what could forge another one, be a command to
// what reads a pipeline's log, talk to a terminal or turn text around, cut to most bytes.
func Line(s string, most int) string {
	cut := false
	if enough := 4 * most; len(s) > enough { // what is left out must not cost time
		s, cut = s[:enough], true
	}
	s = strings.Map(func(r rune) rune {
		switch {
		case unicode.IsGraphic(r):
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

// Capitalised returns s as the beginning of a sentence.
func Capitalised(s string) string {
	if s == "" {
		return ""
	}
	first, size := utf8.DecodeRuneInString(s)
	return string(unicode.ToUpper(first)) + s[size:]
}

// printableError is an error whose text quotes what came from outside, without bound.
type printableError struct{ err error }

// Error returns err, or one that wraps it and whose text is a Line of up to 1000 bytes.
func Error(err error) error {
	if text := err.Error(); Line(text, longestError) == text {
		return err
	}
	return &printableError{err}
}

// Error implements error.
func (e *printableError) Error() string { return Line(e.err.Error(), longestError) }

// Unwrap returns the error itself.
func (e *printableError) Unwrap() error { return e.err }
