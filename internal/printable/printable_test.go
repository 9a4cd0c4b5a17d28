package printable

import (
	"errors"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"pgregory.net/rapid"
)

func TestPrintable(t *testing.T) {
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
		strings.Repeat("\x00", 81):    "…",
		strings.Repeat("\x00", 80):    "",
	} {
		if got := Line(in, 20); got != want {
			t.Errorf("%q: got %q, want %q", in, got, want)
		}
	}
}

func TestPrintableAlways(t *testing.T) {
	t.Parallel()

	rapid.Check(t, func(r *rapid.T) {
		in := rapid.OneOf(rapid.String(), rapid.Map(rapid.SliceOf(rapid.Byte()), func(b []byte) string { return string(b) })).Draw(r, "in")
		most := rapid.IntRange(1, 50).Draw(r, "most")
		got := Line(in, most)

		if len(got) > most+len("…") || strings.ContainsFunc(got, func(c rune) bool { return !unicode.IsGraphic(c) }) {
			r.Errorf("%q", got)
		}

		if again := Line(got, most+len("…")); again != got || !utf8.ValidString(got) {
			r.Errorf("%q, then %q", got, again)
		}
	})
}

func TestPrintableError(t *testing.T) {
	t.Parallel()

	clean, odd := errors.New("connection reset"), errors.New("malformed \x1b[2J"+strings.Repeat("x", 5000))
	if errors.Unwrap(Error(clean)) != nil {
		t.Error("an error without need is hidden")
	}

	got := Error(odd)
	if !errors.Is(got, odd) || len(got.Error()) > 1010 || strings.Contains(got.Error(), "\x1b") {
		t.Errorf("%q", got)
	}
}

func TestCapitalised(t *testing.T) {
	t.Parallel()

	for s, want := range map[string]string{"": "", "a": "A", "the job": "The job", "Job": "Job", "7 jobs": "7 jobs", "über": "Über", "\xff": "\ufffd"} {
		if got := Capitalised(s); got != want {
			t.Errorf("%q: %q, want %q", s, got, want)
		}
	}
}
