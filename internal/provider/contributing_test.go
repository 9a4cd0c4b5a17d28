package provider_test

import (
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/opentelekomcloud-community/terraform-provider-modelarts/internal/acctest"
)

var (
	testFunc   = regexp.MustCompile(`(?m)^func ((?:Test|Fuzz|Benchmark)\w+)\(`)
	testName   = regexp.MustCompile("`((?:Test|Fuzz|Benchmark)[A-Z]\\w*)`")
	makeTarget = regexp.MustCompile("(?m)(?:`|^)make ([a-z-]+)")
	codeSpan   = regexp.MustCompile("`([^`\\n]+)`")
	filePath   = regexp.MustCompile(`^[\w.-]+/[\w./-]+\.(go|md|tmpl|tf|svg|yml)$`)
	// An action in a folder of the repository, uses: ./name, needs no pin.
	actionUse    = regexp.MustCompile(`(?m)^[ \t-]*["']?uses["']?:[ \t]*[^./ \t].*$`)
	pinnedAction = regexp.MustCompile(`uses: [\w.-]+/[\w./-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+$`)
	direct       = regexp.MustCompile(`(?m)^\t(\S+) v\S+$`)
)

// contributorPages are the pages for contributors. Readers of README.md and SECURITY.md are users as well.
var contributorPages = []string{
	"CONTRIBUTING.md", "DESIGN.md", "RELEASING.md", "SECURITY.md",
	"internal/benchmark/MEASUREMENTS.md", "internal/benchmark/README.md", "internal/faulttest/README.md",
}

// The pages for contributors name existing tests, targets, files and dependencies.
func TestContributorsReadWhatIs(t *testing.T) {
	t.Parallel()
	tests := map[string]bool{}
	files := map[string]bool{}
	eachFile(t, root, func(path string) {
		files[strings.TrimPrefix(filepath.ToSlash(path), root)] = true
		if strings.HasSuffix(path, "_test.go") {
			for _, found := range testFunc.FindAllStringSubmatch(acctest.Read(t, path), -1) {
				tests[found[1]] = true
			}
		}
	})
	makefile := acctest.Read(t, root, "GNUmakefile")
	for _, page := range append([]string{"README.md"}, contributorPages...) {
		content := acctest.Read(t, root, page)
		for _, found := range testName.FindAllStringSubmatch(content, -1) {
			if !tests[found[1]] {
				t.Errorf("%s: there is no %s", page, found[1])
			}
		}
		for _, found := range makeTarget.FindAllStringSubmatch(content, -1) {
			if !strings.Contains(makefile, "\n"+found[1]+":") {
				t.Errorf("%s: there is no make %s", page, found[1])
			}
		}
		for _, found := range codeSpan.FindAllStringSubmatch(content, -1) {
			if name := found[1]; filePath.MatchString(name) && !files[name] && !files["internal/"+name] {
				t.Errorf("%s: there is no %s", page, name)
			}
		}
	}
	design := acctest.Read(t, root, "DESIGN.md")
	for _, found := range direct.FindAllStringSubmatch(acctest.Read(t, root, "go.mod"), -1) {
		if name := strings.TrimPrefix(found[1], "github.com/"); !strings.Contains(design, "`"+name+"`") {
			t.Errorf("DESIGN.md gives no reason for %s", name)
		}
	}
}

// An action is pinned by the SHA of its commit, because the owner of an action can move a tag. The
// comment has the version, which Dependabot updates along with the SHA.
func TestActionsArePinned(t *testing.T) {
	t.Parallel()
	const minActions = 10 // a pattern that no longer matches finds none
	found := 0
	for _, folder := range []string{".github", "examples", "templates"} {
		eachFile(t, root+folder, func(path string) {
			for _, line := range actionUse.FindAllString(acctest.Read(t, path), -1) {
				found++
				if !pinnedAction.MatchString(line) {
					t.Errorf("%s: %s isn't of the form uses: owner/name@SHA # v1.2.3", path, strings.TrimSpace(line))
				}
			}
		})
	}
	if found < minActions {
		t.Errorf("%d actions were found", found)
	}
}
