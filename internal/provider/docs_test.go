package provider_test

import (
	"encoding/json"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"

	"github.com/opentelekomcloud-community/terraform-provider-modelarts/internal/acctest"
	"github.com/opentelekomcloud-community/terraform-provider-modelarts/internal/provider"
)

const (
	root     = "../../"
	examples = root + "examples"
)

// eachFile calls f for each file of a folder of the repository and the folders in it, except Git's and built ones.
func eachFile(t *testing.T, folder string, f func(path string)) {
	t.Helper()
	err := filepath.WalkDir(folder, func(path string, entry fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case entry.IsDir() && (entry.Name() == ".git" || entry.Name() == "bin"):
			return fs.SkipDir
		case !entry.IsDir():
			f(path)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

// pages returns the files that a user reads.
func pages(t *testing.T) []string {
	t.Helper()
	found := []string{root + "README.md"}
	eachFile(t, root+"docs", func(path string) {
		if filepath.Ext(path) == ".md" {
			found = append(found, path)
		}
	})
	return found
}

// codeBlock is the text between two fences.
type codeBlock struct {
	language string
	line     int // of the first fence
	content  string
}

func codeBlocks(t *testing.T, page string) []codeBlock {
	t.Helper()
	var blocks []codeBlock
	var open *codeBlock
	var indent string
	number := 0
	for line := range strings.Lines(acctest.Read(t, page)) {
		number++
		text := strings.TrimSpace(line)
		before, language, fence := strings.Cut(line, "```")
		switch {
		case open == nil && fence && strings.TrimSpace(before) == "":
			indent = before
			open = &codeBlock{language: strings.TrimSpace(language), line: number}
		case open != nil && text == "```":
			blocks = append(blocks, *open)
			open = nil
		case open != nil:
			open.content += strings.TrimPrefix(line, indent)
		}
	}
	if open != nil {
		t.Errorf("line %d: the code does not end", open.line)
	}
	return blocks
}

var (
	isQuery     = regexp.MustCompile(`(?m)^list "`)
	isAction    = regexp.MustCompile(`(?m)^action "|action_trigger`)
	isImport    = regexp.MustCompile(`(?m)^import `)
	hasIdentity = regexp.MustCompile(`(?m)^  identity = `)
	// refersElsewhere matches code that is incomplete without other blocks, files or providers.
	refersElsewhere = regexp.MustCompile(`(?m)^(?:module|run|mock_provider|check|moved|removed) |\b(?:opentelekomcloud|restapi|restful)_\w+`)
	usedVariable    = regexp.MustCompile(`\bvar\.(\w+)`)
	usedJob         = regexp.MustCompile(`\bmodelarts_visualization_job\.(\w+)`)
	jobName         = regexp.MustCompile(`(modelarts_visualization_job(?:\.|" ")\w+)`)
	variable        = regexp.MustCompile(`(?m)^variable "(\w+)"`)
)

// snippet is a configuration on a page.
type snippet struct{ at, content string }

// Each configuration on a page is formatted and valid, and JSON and YAML can be parsed.
func TestDocs(t *testing.T) {
	t.Parallel()
	formatted := acctest.NewWorkspace(t, nil)
	snippets := map[string][]snippet{} // by the version that they need
	for _, page := range pages(t) {
		for _, block := range codeBlocks(t, page) {
			at := fmt.Sprintf("%s-line-%d", strings.TrimSuffix(strings.ReplaceAll(strings.TrimPrefix(page, root), "/", "-"), ".md"), block.line)
			var value any
			switch block.language {
			case "terraform":
				provider.WriteFile(t, formatted.Folder, at+".tf", block.content)
				if version := neededVersion(block.content); !refersElsewhere.MatchString(block.content) {
					snippets[version] = append(snippets[version], snippet{at, block.content})
				}
			case "json":
				if err := json.Unmarshal([]byte(block.content), &value); err != nil {
					t.Errorf("%s: %v", at, err)
				}
			case "yaml":
				if err := yaml.Unmarshal([]byte(block.content), &value); err != nil {
					t.Errorf("%s: %v", at, err)
				}
			case "shell", "text", "":
			default:
				t.Errorf("%s: no check for the language %s", at, block.language)
			}
		}
	}
	formatted.MustRun(0, "fmt", "-check", "-diff")
	for version, all := range snippets {
		t.Run("Terraform "+version, func(t *testing.T) {
			t.Parallel()
			if version == actionVersion {
				acctest.NeedTerraform(t, version)
			} else {
				acctest.NeedVersion(t, version)
			}
			validate(t, all)
		})
	}
}

// The versions that have identities, and actions and queries.
const identityVersion, actionVersion = "1.12.0", "1.14.0"

func neededVersion(content string) string {
	switch {
	case isAction.MatchString(content) || isQuery.MatchString(content):
		return actionVersion
	case hasIdentity.MatchString(content):
		return identityVersion
	default:
		return "1.11.0"
	}
}

// validate has the CLI validate snippets. Most of them are modules of one configuration: one run validates them all.
func validate(t *testing.T, snippets []snippet) {
	t.Helper()
	w := acctest.NewWorkspace(t, nil)
	modules := terraformBlock + "variable \"unknown\" {}\n"
	for _, s := range snippets {
		switch {
		case isQuery.MatchString(s.content):
			alone := acctest.NewWorkspace(t, nil)
			alone.Write("main.tf", terraformBlock)
			alone.Write("main.tfquery.hcl", s.content)
			alone.MustRun(0, "validate", "-query")
		case isImport.MatchString(s.content): // which only the root module can have, so the jobs need other names
			w.Write(s.at+".tf", jobName.ReplaceAllString(completed(s.content), "${1}-"+s.at))
		default:
			modules += addModule(t, w, s.at, completed(s.content))
		}
	}
	w.Write("main.tf", modules)
	w.MustRun(0, "get")
	w.MustRun(0, "validate")
}

// addModule writes a module into a workspace, and returns the block that includes it. Its variables have the value of var.unknown.
func addModule(t *testing.T, w *acctest.Workspace, name, content string) (block string) {
	t.Helper()
	if !strings.Contains(content, "required_providers") {
		content = terraformBlock + content
	}
	provider.WriteFile(t, filepath.Join(w.Folder, name), "main.tf", content)
	block = fmt.Sprintf("module %q {\n  source = \"./%[1]s\"\n", name)
	for _, declared := range variable.FindAllStringSubmatch(content, -1) {
		block += "  " + declared[1] + " = var.unknown\n"
	}
	return block + "}\n"
}

// completed returns a configuration with the blocks that it refers to and lacks.
func completed(content string) string {
	for _, missing := range []struct {
		used         *regexp.Regexp
		header, body string
	}{
		{usedVariable, `variable "%s"`, "  sensitive = true\n  ephemeral = true\n"},
		{usedJob, `resource "modelarts_visualization_job" "%s"`, "  name      = \"board\"\n  train_url = \"/bucket/logs/\"\n"},
	} {
		for _, name := range missing.used.FindAllStringSubmatch(content, -1) {
			if header := fmt.Sprintf(missing.header, name[1]); !strings.Contains(content, header) {
				content += header + " {\n" + missing.body + "}\n"
			}
		}
	}
	return content + board("the CLI validates no provider that is not used")
}

var (
	link    = regexp.MustCompile(`\]\(([^)\s]+)\)`)
	heading = regexp.MustCompile(`(?m)^#+ (.*)$`)
	anchor  = regexp.MustCompile(`<a id="([^"]+)">`)
	// notInAnchor matches the characters that GitHub and the registry omit from the anchor of a heading.
	notInAnchor = regexp.MustCompile(`[^\p{L}\p{N} _-]`)
	code        = regexp.MustCompile("(?ms)^ *```.*?^ *```$")
)

// Each link from one page to another has an existing target, and so has its anchor.
func TestDocsLinks(t *testing.T) {
	t.Parallel()
	known := map[string][]string{} // the anchors by page
	all := pages(t)
	for _, page := range contributorPages {
		all = append(all, root+page)
	}
	for _, page := range all {
		for _, found := range link.FindAllStringSubmatch(code.ReplaceAllString(acctest.Read(t, page), ""), -1) {
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
			if fragment != "" && known[path] == nil {
				known[path] = anchors(t, path)
			}
			if fragment != "" && !slices.Contains(known[path], fragment) {
				t.Errorf("%s links to %s, which is no heading", page, found[1])
			}
		}
	}
}

// anchors returns the anchors of a page.
func anchors(t *testing.T, page string) (found []string) {
	t.Helper()
	content := code.ReplaceAllString(acctest.Read(t, page), "")
	for _, text := range heading.FindAllStringSubmatch(content, -1) {
		found = append(found, strings.ReplaceAll(notInAnchor.ReplaceAllString(strings.ToLower(text[1]), ""), " ", "-"))
	}
	for _, id := range anchor.FindAllStringSubmatch(content, -1) {
		found = append(found, id[1])
	}
	return found
}

// Each file of examples/ is on a page, so the other tests check it.
func TestExamplesAreShown(t *testing.T) {
	t.Parallel()
	var shown strings.Builder
	for _, page := range pages(t) {
		shown.WriteString(acctest.Read(t, page))
	}
	eachFile(t, examples, func(path string) {
		if !strings.Contains(shown.String(), strings.TrimSpace(acctest.Read(t, path))) {
			t.Errorf("%s is on no page", path)
		}
	})
}
