package sanitize_test

import (
	"bytes"
	"encoding/base64"
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"pgregory.net/rapid"

	"github.com/opentelekomcloud-community/terraform-provider-modelarts/internal/acctest"
	"github.com/opentelekomcloud-community/terraform-provider-modelarts/internal/sanitize"
)

const (
	withheld     = "(not shown, because it contains a credential)"
	withheldLong = "(not shown, because it is longer than 16 KiB)"
)

func redactorOf(secrets ...string) *sanitize.Redactor {
	r := &sanitize.Redactor{}
	r.Add(secrets...)
	return r
}

func TestLine(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{
		"":                            "",
		"plain, ä, 日, 👍":              "plain, ä, 日, 👍",
		"a\nb\r\nc\td":                "a b c d",
		"\x1b[31mred\x1b[0m":          "[31mred[0m",
		"\u202eevil\u2066\u200b":      "evil",
		"a\u2028b\u2029c\u0085d":      "abcd",
		"\xff\xfea\xc3":               "a",
		"a\u00a0\u3000b":              "a\u00a0\u3000b",
		strings.Repeat("x", 20):       strings.Repeat("x", 20),
		strings.Repeat("x", 21):       strings.Repeat("x", 20) + "…",
		strings.Repeat("ä", 10):       strings.Repeat("ä", 10),
		"x" + strings.Repeat("ä", 10): "x" + strings.Repeat("ä", 9) + "…",
		"::error::x":                  ": :error::x",
		"a ::add-mask::":              "a : :add-mask::",
		"a\u3000::stop::":             "a\u3000: :stop::",
		"\x00::\u202estop::":          ": :stop::",
		"[::1]:80 a::b ::1":           "[::1]:80 a::b ::1",
		"x##[error]":                  "x# #[error]",
		"##vso[a.b]":                  "# #vso[a.b]",
		"#\u200b#vso[x]":              "# #vso[x]",
		"# title ## x":                "# title ## x",
	} {
		if got := sanitize.Line(in, 20); got != want {
			t.Errorf("%q: got %q, want %q", in, got, want)
		}
	}
}

// pipelineCommand is the beginning of a command, in a line or after the line was wrapped.
var pipelineCommand = regexp.MustCompile(`##(vso|a*v*)?\[|(^|[\s\x{a0}])::[a-z]`)

func TestLineIsAlwaysSafe(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(r *rapid.T) {
		in := rapid.OneOf(rapid.String(), rapid.StringOf(rapid.RuneFrom([]rune("#[:av \n\x00\u200b\u00a0"))),
			rapid.Map(rapid.SliceOf(rapid.Byte()), func(b []byte) string { return string(b) })).Draw(r, "in")
		maxBytes := rapid.IntRange(1, 50).Draw(r, "maxBytes")
		got := sanitize.Line(in, maxBytes)
		isShort := len(got) <= maxBytes+len("…")
		if !isShort || strings.ContainsFunc(got, func(c rune) bool { return !unicode.IsGraphic(c) }) || pipelineCommand.MatchString(got) {
			r.Errorf("%q", got)
		}
		if again := sanitize.Line(got, maxBytes+len("…")); again != got || !utf8.ValidString(got) {
			r.Errorf("%q, then %q", got, again)
		}
	})
}

// secretRunes draws characters that encodings treat differently.
var secretRunes = rapid.RuneFrom([]rune("aZ0 !\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~\n\tä\u00a0\u20ac😀n;x41u"))

func TestNoFormOfASecretIsShown(t *testing.T) {
	t.Parallel()
	encodings := acctest.Encodings
	names := slices.Sorted(maps.Keys(encodings))
	rapid.Check(t, func(r *rapid.T) {
		secret := rapid.StringOfN(secretRunes, 4, 60, -1).Draw(r, "secret")
		if markers := "[redacted]" + withheld; strings.Contains(markers, strings.TrimSpace(secret)) {
			r.Skip("the secret is a part of an ordinary word")
		}
		first, second := rapid.SampledFrom(names).Draw(r, "first"), rapid.SampledFrom(names).Draw(r, "second")
		quoted := encodings[second](encodings[first](secret))
		before := rapid.SampledFrom([]string{"", "Invalid password ", `{"password": "`, "u'", "a", "Basic ", "abc/", `\"`, "x=", "\u202e"}).Draw(r, "before")
		after := rapid.SampledFrom([]string{"", " is wrong", `"}`, "'", "&x=1", "==", "…", "9"}).Draw(r, "after")
		redactor := redactorOf("another secret", secret, secret+"-former")
		for _, got := range []string{string(redactor.Text(before+quoted+after, 1000)), redactor.Line(before+quoted+after, 1000)} {
			for name, encode := range encodings {
				for _, form := range []string{encode(secret), encode(encodings[first](secret)), sanitize.Line(secret, 1000)} {
					if len(form) > 3 && strings.TrimSpace(form) != "" && strings.Contains(got, form) {
						r.Errorf("%s of %s: %q shows %q as %s", second, first, got, secret, name)
					}
				}
			}
		}
	})
}

func TestText(t *testing.T) {
	t.Parallel()
	token, signature := strings.Repeat("gAAAAABl", 40), strings.Repeat("0f", 32)
	redactor := redactorOf("Sommer#2026", token, "", "Pass\nword", "Straße 😀", "short/pieces/between/slashes")
	for s, want := range map[string]sanitize.Text{
		"":                                             "",
		"The job does not exist.":                      "The job does not exist.",
		"wrong password Sommer#2026":                   "wrong password [redacted]",
		"Sommer#2026Sommer#2026":                       "[redacted][redacted]",
		"##Sommer#2026":                                "# #[redacted]",
		"the token " + token + " expired":              "the token [redacted] expired",
		"the token " + token[:16] + "…":                "the token [redacted]…",
		"GET /v3/auth/tokens/" + token[:52]:            "GET /v3/auth/tokens/[redacted]",
		"the token " + token[:15] + "…":                "the token " + sanitize.Text(token[:15]) + "…",
		"the key short/pieces/between…":                "the key [redacted]…",
		"the password Pass\nword":                      "the password [redacted]",
		"password=Sommer%232026":                       withheld,
		`Sommer\#2026`:                                 withheld,
		`u'Stra\xdfe \U0001f600'`:                      withheld, // characters, as in Python
		`Stra\xc3\x9fe \ud83d\ude00`:                   withheld, // bytes, and UTF-16 as in JSON
		"Sommer\u200b#2026 hidden":                     "[redacted] hidden",
		"Signature=" + signature:                       "Signature=[redacted]",
		"/bucket/" + strings.Repeat("long-name/", 20):  sanitize.Text("/bucket/" + strings.Repeat("long-name/", 20)),
		"request 0123456789abcdef0123456789abcdef":     "request 0123456789abcdef0123456789abcdef",
		strings.Repeat("a ", 10_000):                   withheldLong,
		strings.Repeat("b ", 600):                      sanitize.Text(strings.Repeat("b ", 500)) + "…",
		strings.Repeat("b ", 495) + "Sommer#2026":      sanitize.Text(strings.Repeat("b ", 495)) + "[redacted]",
		strings.Repeat("b ", 499) + "Sommer#2026 tail": sanitize.Text(strings.Repeat("b ", 499)) + "[r…",
	} {
		if got := redactor.Text(s, 1000); got != want {
			t.Errorf("%.80q: got %q, want %q", s, got, want)
		}
	}
	if got := redactor.Lines("a Sommer#2026\nb"); got != "a [redacted]\nb" {
		t.Errorf("%q", got)
	}
	// A service can quote the signature of a request in a text that isn't changed otherwise, such as the name of a job.
	for _, s := range []string{"Signature=%s,", "Signature%%3D%s", "\\u003d%s", "0%s"} {
		s = fmt.Sprintf(s, signature)
		for _, got := range []string{redactor.Line(s, 1000), string(redactor.Text(s, 1000))} {
			if strings.Contains(got, "0f0f") {
				t.Errorf("%s is shown as %s", s, got)
			}
		}
	}
}

// TestTextWithAShortSecretIsNotShown has a secret that is in many words. A part of a text with it can't be shown, because this would show its
// place.
func TestTextWithAShortSecretIsNotShown(t *testing.T) {
	t.Parallel()
	short := redactorOf("abc", "\u00adthe\u00ad", "\u00adzork\u00ad") // "the" and "zork" with format characters
	basic := "Basic " + base64.StdEncoding.EncodeToString([]byte("user:abc"))
	for s, want := range map[string]sanitize.Text{"the password abc": withheld, "the abcissa": withheld, basic: withheld, "the zork": "the [redacted]", "the job is unknown": "the job is unknown"} {
		if got := short.Text(s, 1000); got != want {
			t.Errorf("%q: got %q, want %q", s, got, want)
		}
	}
}

// TestCode has codes of the documented form, which decisions depend on, whatever the secrets are.
func TestCode(t *testing.T) {
	t.Parallel()
	redactor := redactorOf("ModelArts", "5")
	for s, want := range map[string]sanitize.Text{
		"ModelArts.0105": "ModelArts.0105", "APIGW.0308": "APIGW.0308", "ModelArts.x": "[redacted].x", "Other.0105": withheld,
	} {
		if got := redactor.Code(s, 100); got != want {
			t.Errorf("%q: got %q, want %q", s, got, want)
		}
	}
}

func TestError(t *testing.T) {
	t.Parallel()
	redactor, plain, odd := (*sanitize.Redactor)(nil), errors.New("connection reset"), errors.New("malformed \x1b[2J"+strings.Repeat("x y ", 2000))
	if redactor.Error(nil) != nil || !errors.Is(redactor.Error(plain), plain) || errors.Unwrap(redactor.Error(plain)) != nil {
		t.Error("an error is wrapped without need")
	}
	if got := redactor.Error(odd); !errors.Is(got, odd) || len(got.Error()) > 1010 || strings.Contains(got.Error(), "\x1b") {
		t.Errorf("%q", got)
	}
}

func TestCapitalize(t *testing.T) {
	t.Parallel()
	for s, want := range map[string]string{"": "", "a": "A", "the job": "The job", "Job": "Job", "7 jobs": "7 jobs", "über": "Über", "\xff": "\ufffd"} {
		if got := sanitize.Capitalize(s); got != want {
			t.Errorf("%q: %q, want %q", s, got, want)
		}
	}
}

// TestOnlyTheRedactorCreatesText reads the code of all packages. The compiler accepts a conversion of any string to Text, and only the package
// itself is allowed to convert one.
func TestOnlyTheRedactorCreatesText(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob(filepath.Join("..", "*", "*.go"))
	if err != nil || len(files) < 100 {
		t.Fatalf("%d files, %v", len(files), err)
	}
	for _, file := range files {
		content, err := os.ReadFile(file)
		if err != nil || !strings.HasSuffix(file, "_test.go") && bytes.Contains(content, []byte("sanitize.Text(")) {
			t.Errorf("%s converts a string to sanitize.Text: use a Redactor (%v)", file, err)
		}
	}
}
