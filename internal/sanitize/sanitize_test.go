package sanitize

import (
	"errors"
	"regexp"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"pgregory.net/rapid"
)

func TestLine(t *testing.T) {
	t.Parallel()

	for in, want := range map[string]string{
		"":                            "",
		"plain, ä, 日, 👍":              "plain, ä, 日, 👍",
		"a\nb\r\nc\td":                "a b c d",
		"\x1b[31mred\x1b[0m":          "[31mred[0m",
		"\u009b31mred":                "31mred",
		"\x00\x07\x08\x7f":            "",
		"\u202eevil\u2066\u200b":      "evil",
		"a\u2028b\u2029c\u0085d":      "abcd",
		"\xff\xfea\xc3":               "a",
		"\ufeffa\u00ad":               "a",
		"a\u00a0\u3000b":              "a\u00a0\u3000b",
		strings.Repeat("x", 20):       strings.Repeat("x", 20),
		strings.Repeat("x", 21):       strings.Repeat("x", 20) + "…",
		strings.Repeat("ä", 10):       strings.Repeat("ä", 10),
		"x" + strings.Repeat("ä", 10): "x" + strings.Repeat("ä", 9) + "…",
		strings.Repeat("\x00", 81):    "",
		"::error::x":                  ": :error::x",
		"a ::add-mask::":              "a : :add-mask::",
		"a\u3000::stop::":             "a\u3000: :stop::",
		"\x00::\u202estop::":          ": :stop::",
		"[::1]:80 a::b ::1":           "[::1]:80 a::b ::1",
		"x##[error]":                  "x# #[error]",
		"##vso[a.b]":                  "# #vso[a.b]",
		"###[group]":                  "## #[group]",
		"#\u200b#vso[x]":              "# #vso[x]",
		"##teamcity[a]":               "# #teamcity[a]",
		"# title ## x":                "# title ## x",
	} {
		if got := Line(in, 20); got != want {
			t.Errorf("%q: got %q, want %q", in, got, want)
		}
	}
}

// pipelineCommand is the beginning of a command, in a line or after it was wrapped.
var pipelineCommand = regexp.MustCompile(`##(vso|a*v*)?\[|(^|[\s\x{a0}])::[a-z]`)

func TestLineIsAlwaysSafe(t *testing.T) {
	t.Parallel()

	rapid.Check(t, func(r *rapid.T) {
		in := rapid.OneOf(rapid.String(), rapid.StringOf(rapid.RuneFrom([]rune("#[:av \n\x00\u200b\u00a0"))), rapid.Map(rapid.SliceOf(rapid.Byte()), func(b []byte) string { return string(b) })).Draw(r, "in")
		most := rapid.IntRange(1, 50).Draw(r, "most")
		got := Line(in, most)

		if len(got) > most+len("…") || strings.ContainsFunc(got, func(c rune) bool { return !unicode.IsGraphic(c) }) {
			r.Errorf("%q", got)
		}

		if pipelineCommand.MatchString(got) {
			r.Errorf("%q has a command", got)
		}

		if again := Line(got, most+len("…")); again != got || !utf8.ValidString(got) {
			r.Errorf("%q, then %q", got, again)
		}
	})
}

func TestError(t *testing.T) {
	t.Parallel()

	var redactor Redactor
	plain, odd := errors.New("connection reset"), errors.New("malformed \x1b[2J"+strings.Repeat("x y ", 2000))
	if errors.Unwrap(redactor.Error(plain)) != nil {
		t.Error("an error is wrapped without need")
	}

	if got := (*Redactor)(nil).Error(nil); got != nil {
		t.Errorf("got %v", got)
	}

	got := redactor.Error(odd)
	if !errors.Is(got, odd) || len(got.Error()) > 1010 || strings.Contains(got.Error(), "\x1b") {
		t.Errorf("%q", got)
	}
}

func TestCapitalize(t *testing.T) {
	t.Parallel()

	for s, want := range map[string]string{"": "", "a": "A", "the job": "The job", "Job": "Job", "7 jobs": "7 jobs", "über": "Über", "\xff": "\ufffd"} {
		if got := Capitalize(s); got != want {
			t.Errorf("%q: %q, want %q", s, got, want)
		}
	}
}
