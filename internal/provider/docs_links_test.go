package provider_test

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

var (
	link    = regexp.MustCompile(`\]\(([^)\s]+)\)`)
	heading = regexp.MustCompile(`(?m)^#+ (.*)$`)
	anchor  = regexp.MustCompile(`<a id="([^"]+)">`)
	// unslugged is what GitHub and the registry leave out of the anchor of a heading.
	unslugged = regexp.MustCompile(`[^\p{L}\p{N} _-]`)
	code      = regexp.MustCompile("(?ms)^ *```.*?^ *```$")
)

// Every link from one page to another leads somewhere, and so does its anchor.
func TestDocsLinks(t *testing.T) {
	t.Parallel()
	all := pages(t)
	for _, page := range contributorPages {
		all = append(all, root+page)
	}
	for _, page := range all {
		for _, found := range link.FindAllStringSubmatch(code.ReplaceAllString(read(t, page), ""), -1) {
			target, fragment, _ := strings.Cut(found[1], "#")
			if strings.Contains(target, "://") {
				continue
			}
			path := page
			if target != "" {
				path = filepath.Join(filepath.Dir(page), target)
			}
			if _, err := os.Stat(path); err != nil {
				t.Errorf("%s links to %s: %v", page, found[1], err)
				continue
			}
			if fragment != "" && !anchors(t, path)[fragment] {
				t.Errorf("%s links to %s: there is no such heading", page, found[1])
			}
		}
	}
}

// anchors are what a link to the page can end with.
func anchors(t *testing.T, page string) map[string]bool {
	t.Helper()
	found := map[string]bool{}
	content := code.ReplaceAllString(read(t, page), "")
	for _, text := range heading.FindAllStringSubmatch(content, -1) {
		slug := unslugged.ReplaceAllString(strings.ToLower(text[1]), "")
		found[strings.ReplaceAll(slug, " ", "-")] = true
	}
	for _, id := range anchor.FindAllStringSubmatch(content, -1) {
		found[id[1]] = true
	}
	return found
}
