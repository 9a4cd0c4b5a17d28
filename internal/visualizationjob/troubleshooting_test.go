package visualizationjob

import (
	"go/ast"
	"go/parser"
	"go/token"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// guide returns the template of the guide on troubleshooting. All that these tests read
// is published as it is there.
func guide(t *testing.T) string {
	t.Helper()
	content, err := os.ReadFile("../../templates/guides/troubleshooting.md.tmpl")
	if err != nil {
		t.Fatal(err)
	}
	return string(content)
}

// rows returns the cells of each row of the tables in the sections of a page.
func rows(t *testing.T, page string, sections ...string) [][]string {
	t.Helper()
	var rows [][]string
	for _, title := range sections {
		_, section, found := strings.Cut(page, "\n## "+title+"\n")
		if !found {
			t.Fatalf("the guide has no section %q", title)
		}
		section, _, _ = strings.Cut(section, "\n## ")
		for line := range strings.Lines(section) {
			cells := strings.Split(strings.TrimSpace(line), "|")
			if len(cells) < 3 || strings.HasPrefix(cells[1], "---") {
				continue
			}
			for i := range cells {
				cells[i] = strings.TrimSpace(cells[i])
			}
			rows = append(rows, cells[1:len(cells)-1])
		}
	}
	return rows
}

// The guide explains the error codes that the code explains, and names the same
// attributes.
func TestGuideHasEveryErrorCode(t *testing.T) {
	t.Parallel()
	want := make(map[string]string, len(errorCodes))
	for code, help := range errorCodes {
		want[code] = help.attribute
	}
	inTable := regexp.MustCompile("`([A-Za-z]+\\.[0-9]{4})`(?: with HTTP ([0-9]{3})|, of a `([A-Z]+)`)?")
	got := make(map[string]string)
	for _, row := range rows(t, guide(t), "Error codes of ModelArts", "Error codes of the gateway") {
		meanings := make(map[string]bool)
		for _, names := range inTable.FindAllStringSubmatch(row[0], -1) {
			key := strings.TrimSpace(names[1] + " " + names[2] + names[3])
			if _, twice := got[key]; twice {
				t.Errorf("%s is there twice", key)
			}
			attribute := strings.Trim(row[3], "`")
			if attribute == "as the message says" {
				attribute = ""
			}
			got[key] = attribute
			meanings[errorCodes[key].meaning] = true
		}
		if len(meanings) > 1 || slices.Contains(row[1:3], "") || row[4] == "" {
			t.Errorf("something is missing, or the codes mean different things: %q", row)
		}
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("the guide differs from errorCodes (-code +guide):\n%s", diff)
	}
}

// The guide has every summary of a diagnostic of this package.
func TestGuideHasEverySummary(t *testing.T) {
	t.Parallel()
	page := guide(t)
	sources := parse(t)
	for _, summary := range sources.summaries {
		// What is filled in is an ellipsis in the guide.
		var fragments []string
		for _, fragment := range regexp.MustCompile(`%[a-z]`).Split(summary, -1) {
			if fragment = strings.TrimSpace(fragment); fragment != "" {
				fragments = append(fragments, regexp.QuoteMeta(fragment))
			}
		}
		words := "`" + strings.Join(fragments, " … ") + "( visualization job)?( …)?`"
		if !regexp.MustCompile(words).MatchString(page) {
			t.Errorf("the guide does not have %q, as %s", summary, words)
		}
	}
	for _, verb := range sources.verbs {
		if !strings.Contains(page, "`Could not "+verb+" ") {
			t.Errorf("the guide does not have Could not %s", verb)
		}
	}
}

// What the guide quotes of diagnostics is in the code.
func TestGuideQuotesTheCode(t *testing.T) {
	t.Parallel()
	text := strings.Join(parse(t).texts, "\n")
	quote := regexp.MustCompile("`([^`]+)`")
	for _, row := range rows(t, guide(t), "What an error says of the job") {
		for _, words := range quote.FindAllStringSubmatch(row[0], -1) {
			for fragment := range strings.SplitSeq(words[1], "…") {
				if fragment = strings.TrimSpace(fragment); !strings.Contains(text, fragment) {
					t.Errorf("the code does not say %q", fragment)
				}
			}
		}
	}
}

// sources are the texts in the code of this package, and in the parts of auth and httpclient that it shows.
type sources struct {
	summaries []string // of diagnostics, as far as they are fixed
	verbs     []string // of operations
	texts     []string // every string, joined as the code joins it
}

// summaryAt is where a function takes the summary of a diagnostic.
var summaryAt = map[string]int{
	"NewErrorDiagnostic": 0, "NewWarningDiagnostic": 0, "NewAttributeErrorDiagnostic": 1, "NewAttributeWarningDiagnostic": 1,
	"AddError": 0, "AddWarning": 0, "AddAttributeError": 1, "AddAttributeWarning": 1,
}

func parse(t *testing.T) sources {
	t.Helper()
	files, err := filepath.Glob("*.go")
	if err != nil {
		t.Fatal(err)
	}
	summaries := make(map[string]bool)
	s := sources{verbs: slices.Collect(maps.Values(verbs))}
	for _, name := range append(files, "../auth/facts.go", "../httpclient/error.go", "../httpclient/proxy_error.go") {
		if strings.HasSuffix(name, "_test.go") {
			continue
		}
		file, err := parser.ParseFile(token.NewFileSet(), name, nil, 0)
		if err != nil {
			t.Fatal(err)
		}
		ast.Inspect(file, func(node ast.Node) bool {
			switch n := node.(type) {
			case *ast.CallExpr:
				selector, ok := n.Fun.(*ast.SelectorExpr)
				if !ok {
					break
				}
				if at, ok := summaryAt[selector.Sel.Name]; ok {
					if summary, ok := fixed(file, n.Args[at]); !ok {
						t.Errorf("%s: this test cannot tell the summary of a diagnostic", name)
					} else if summary != "" {
						summaries[summary] = true
					}
				}
			case *ast.KeyValueExpr:
				if key, ok := n.Key.(*ast.Ident); ok && key.Name == "verb" {
					if verb, ok := fixed(nil, n.Value); ok {
						s.verbs = append(s.verbs, verb)
					}
				}
			case *ast.BinaryExpr, *ast.BasicLit:
				if text, ok := fixed(file, node.(ast.Expr)); ok {
					s.texts = append(s.texts, text)
				}
			}
			return true
		})
	}
	s.summaries = slices.Sorted(maps.Keys(summaries))
	if len(s.summaries) < 10 || len(s.verbs) < 5 {
		t.Fatalf("the code has more than %q and %q", s.summaries, s.verbs)
	}
	return s
}

// fixed returns a text of the code with %s for what is filled in: "" when it is that
// of operation.summary, which the verbs stand for.
func fixed(file *ast.File, expr ast.Expr) (string, bool) {
	switch e := expr.(type) {
	case *ast.BasicLit:
		text, err := strconv.Unquote(e.Value)
		return text, err == nil && e.Kind == token.STRING
	case *ast.BinaryExpr:
		left, ok := fixed(file, e.X)
		if !ok {
			return "", false
		}
		right, ok := fixed(file, e.Y)
		if !ok {
			right = "%s"
		}
		return left + right, true
	case *ast.CallExpr:
		selector, ok := e.Fun.(*ast.SelectorExpr)
		switch {
		case ok && selector.Sel.Name == "Sprintf":
			return fixed(file, e.Args[0])
		case ok && selector.Sel.Name == "summary":
			return "", true
		}
	case *ast.Ident:
		if file != nil {
			return assigned(file, e.Name)
		}
	}
	return "", false
}

// assigned returns the text that a variable of the file is declared with.
func assigned(file *ast.File, name string) (text string, ok bool) {
	ast.Inspect(file, func(node ast.Node) bool {
		if n, is := node.(*ast.AssignStmt); is && n.Tok == token.DEFINE && len(n.Lhs) == 1 && len(n.Rhs) == 1 {
			if ident, is := n.Lhs[0].(*ast.Ident); is && ident.Name == name && !ok {
				text, ok = fixed(nil, n.Rhs[0])
			}
		}
		return true
	})
	return text, ok
}
