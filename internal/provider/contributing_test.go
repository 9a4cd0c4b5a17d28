package provider_test

import (
	"io/fs"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
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

// What contributors read names tests, targets, files and dependencies that there are.
func TestContributorsReadWhatIs(t *testing.T) {
	t.Parallel()
	tests := map[string]bool{}
	files := map[string]bool{}
	err := filepath.WalkDir(root, func(path string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if entry.IsDir() && (entry.Name() == ".git" || entry.Name() == "bin") {
			return fs.SkipDir
		}
		files[strings.TrimPrefix(filepath.ToSlash(path), root)] = true
		if strings.HasSuffix(path, "_test.go") {
			for _, found := range testFunc.FindAllStringSubmatch(read(t, path), -1) {
				tests[found[1]] = true
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	makefile := read(t, root, "GNUmakefile")
	for _, page := range append([]string{"README.md"}, contributorPages...) {
		content := read(t, root, page)
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
	design := read(t, root, "DESIGN.md")
	for _, found := range direct.FindAllStringSubmatch(read(t, root, "go.mod"), -1) {
		if name := strings.TrimPrefix(found[1], "github.com/"); !strings.Contains(design, "`"+name+"`") {
			t.Errorf("DESIGN.md does not say why %s is there", name)
		}
	}
}

// An action is pinned by the SHA of its commit, because the owner of an action can move a tag. The
// comment has the version, which Dependabot updates along with the SHA.
func TestActionsArePinned(t *testing.T) {
	t.Parallel()
	const fewest = 10 // a pattern that no longer matches finds none
	found := 0
	for _, folder := range []string{".github", "examples", "templates"} {
		err := filepath.WalkDir(root+folder, func(path string, entry fs.DirEntry, err error) error {
			if err != nil || entry.IsDir() {
				return err
			}
			for _, line := range actionUse.FindAllString(read(t, path), -1) {
				found++
				if !pinnedAction.MatchString(line) {
					t.Errorf("%s: %s isn't of the form uses: owner/name@SHA # v1.2.3", path, strings.TrimSpace(line))
				}
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	if found < fewest {
		t.Errorf("%d actions were found", found)
	}
}

// The notes of a release are the section of its version, and a version without one has no
// release.
func TestReleaseNotes(t *testing.T) {
	t.Parallel()
	notes := func(version string) (string, error) {
		output, err := exec.CommandContext(t.Context(), acctest.NeedProgram(t, "bash"), root+"scripts/release-notes", version).CombinedOutput()
		return string(output), err
	}
	// The first section that says something: after a release there may be one that does not.
	for section := range strings.SplitSeq(read(t, root, "CHANGELOG.md"), "\n## [") {
		heading, want, _ := strings.Cut(section, "\n")
		version, _, isVersion := strings.Cut(heading, "]")
		if !isVersion || strings.TrimSpace(want) == "" {
			continue
		}
		if got, err := notes(version); err != nil || !slices.Equal(strings.Fields(got), strings.Fields(want)) {
			t.Errorf("%v: the notes of %s are %s", err, version, got)
		}
		break
	}
	if got, err := notes("99.0.0"); err == nil || !strings.Contains(got, `nothing under "## [99.0.0]"`) {
		t.Errorf("a version that is not there has the notes %s", got)
	}
}
