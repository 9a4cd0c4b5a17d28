package provider_test

import (
	"io/fs"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

var (
	testName   = regexp.MustCompile("`((?:Test|Fuzz|Benchmark)[A-Z]\\w*)`")
	makeTarget = regexp.MustCompile("(?m)(?:`|^)make ([a-z-]+)")
	codeSpan   = regexp.MustCompile("`([^`\\n]+)`")
	direct     = regexp.MustCompile(`(?m)^\t(\S+) v\S+$`)
)

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
			for _, found := range regexp.MustCompile(`(?m)^func ((?:Test|Fuzz|Benchmark)\w+)\(`).FindAllStringSubmatch(read(t, path), -1) {
				tests[found[1]] = true
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	makefile := read(t, root, "GNUmakefile")
	for _, page := range []string{"README.md", "CONTRIBUTING.md", "DESIGN.md", "SECURITY.md"} {
		content := read(t, root, page)
		for _, found := range testName.FindAllStringSubmatch(content, -1) {
			if !tests[found[1]] {
				t.Errorf("%s: there is no %s", page, found[1])
			}
		}
		for _, found := range makeTarget.FindAllStringSubmatch(content, -1) {
			if !strings.Contains(makefile, "\n"+found[1]+": ") {
				t.Errorf("%s: there is no make %s", page, found[1])
			}
		}
		for _, found := range codeSpan.FindAllStringSubmatch(content, -1) {
			if name := found[1]; isFile(name) && !files[name] && !files["internal/"+name] {
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

// isFile tells whether a piece of code is the path of a file of this tree.
func isFile(code string) bool {
	return strings.Contains(code, "/") && regexp.MustCompile(`^[\w./-]+\.(go|md|tmpl|tf|svg|yml)$`).MatchString(code)
}
