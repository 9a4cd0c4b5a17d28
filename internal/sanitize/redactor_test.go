package sanitize_test

import (
	"encoding/base64"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/opentelekomcloud-community/terraform-provider-modelarts/internal/acctest"
	"github.com/opentelekomcloud-community/terraform-provider-modelarts/internal/sanitize"
)

const (
	withheld     = "(not shown, because it contains a credential)"
	withheldLong = "(not shown, because it is longer than 16 KiB)"
)

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

		redactor := &sanitize.Redactor{}
		redactor.Add("another secret", secret, secret+"-former")

		got := string(redactor.Text(before+quoted+after, 1000))
		for name, encode := range encodings {
			for _, form := range []string{encode(secret), encode(encodings[first](secret)), sanitize.Line(secret, 1000)} {
				if len(form) > 3 && strings.TrimSpace(form) != "" && strings.Contains(got, form) {
					r.Errorf("%s of %s: %q shows %q as %s", second, first, got, secret, name)
				}
			}
		}
	})
}

func TestText(t *testing.T) {
	t.Parallel()

	token := strings.Repeat("gAAAAABl", 40)
	redactor := &sanitize.Redactor{}
	redactor.Add("Sommer#2026", token, "", "Pass\nword")

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
		"the password Pass\nword":                      "the password [redacted]",
		"password=Sommer%232026":                       withheld,
		"Sommer\u200b#2026 hidden":                     "[redacted] hidden",
		"Signature=" + strings.Repeat("0f", 32):        "Signature=[redacted]",
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
}

// A service can quote the signature of a request in a text that the provider keeps as it is, such as the name of a job.
func TestSignatureIsNotShown(t *testing.T) {
	t.Parallel()
	for _, s := range []string{"Signature=%s,", "Signature%%3D%s", "\\u003d%s", "0%s"} {
		s = fmt.Sprintf(s, strings.Repeat("0f", 32))
		redactor := &sanitize.Redactor{}
		for _, got := range []string{redactor.Line(s, 1000), string(redactor.Text(s, 1000))} {
			if strings.Contains(got, "0f0f") {
				t.Errorf("%s is shown as %s", s, got)
			}
		}
	}
}

// The client decides by codes of the documented form, whatever the secrets are.
func TestCode(t *testing.T) {
	t.Parallel()

	redactor := &sanitize.Redactor{}
	redactor.Add("ModelArts", "5")

	for s, want := range map[string]sanitize.Text{
		"ModelArts.0105": "ModelArts.0105", "APIGW.0308": "APIGW.0308", "ModelArts.x": "[redacted].x", "Other.0105": withheld,
	} {
		if got := redactor.Code(s, 100); got != want {
			t.Errorf("%q: got %q, want %q", s, got, want)
		}
	}
}

// A password of three characters is in many words. What contains it can't be shown in part, because
// that would tell where it was.
func TestTextWithAShortSecretIsNotShown(t *testing.T) {
	t.Parallel()

	redactor := &sanitize.Redactor{}
	redactor.Add("abc", "\u00adthe\u00ad") // which is "the" without format characters

	for s, want := range map[string]sanitize.Text{
		"the password abc": withheld,
		"the abcissa":      withheld,
		"Basic " + base64.StdEncoding.EncodeToString([]byte("user:abc")): withheld,
		"the job is unknown": "the job is unknown",
	} {
		if got := redactor.Text(s, 1000); got != want {
			t.Errorf("%q: got %q, want %q", s, got, want)
		}
	}
}

// The compiler accepts a conversion of any string to Text, which only this package may do.
func TestOnlyTheRedactorMakesText(t *testing.T) {
	t.Parallel()

	root := filepath.Join("..", "..")
	err := fs.WalkDir(os.DirFS(root), "internal", func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() || !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") {
			return err
		}
		file, err := parser.ParseFile(token.NewFileSet(), filepath.Join(root, path), nil, parser.SkipObjectResolution)
		if err != nil {
			return err
		}
		ast.Inspect(file, func(node ast.Node) bool {
			call, ok := node.(*ast.CallExpr)
			if !ok {
				return true
			}
			if called, ok := call.Fun.(*ast.SelectorExpr); ok && called.Sel.Name == "Text" {
				if from, ok := called.X.(*ast.Ident); ok && from.Name == "sanitize" {
					t.Errorf("%s converts a string to sanitize.Text: use a Redactor", path)
				}
			}
			return true
		})
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}
