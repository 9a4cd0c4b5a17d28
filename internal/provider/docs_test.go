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
)

const root = "../../"

// Every piece of configuration in the documentation is formatted, and one that the
// provider, or a reader of its format, takes.
func TestDocs(t *testing.T) {
	for _, page := range pages(t) {
		t.Run(strings.TrimPrefix(page, root), func(t *testing.T) {
			t.Parallel()
			for _, block := range codeBlocks(t, page) {
				var value any
				switch block.language {
				case "terraform":
					t.Run(fmt.Sprintf("line %d", block.line), func(t *testing.T) { checkConfiguration(t, block.content) })
				case "json":
					if err := json.Unmarshal([]byte(block.content), &value); err != nil {
						t.Errorf("line %d: %v", block.line, err)
					}
				case "yaml":
					if err := yaml.Unmarshal([]byte(block.content), &value); err != nil {
						t.Errorf("line %d: %v", block.line, err)
					}
				case "shell", "text", "":
				default:
					t.Errorf("line %d: nobody checks %s", block.line, block.language)
				}
			}
		})
	}
}

// pages are the files that a user reads.
func pages(t *testing.T) []string {
	t.Helper()
	found := []string{root + "README.md"}
	err := filepath.WalkDir(root+"docs", func(path string, _ fs.DirEntry, err error) error {
		if filepath.Ext(path) == ".md" {
			found = append(found, path)
		}
		return err
	})
	if err != nil || len(found) < 2 {
		t.Fatalf("no documentation: %v", err)
	}
	return found
}

// codeBlock is what stands between two fences.
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
	for line := range strings.Lines(read(t, page)) {
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
	hasIdentity = regexp.MustCompile(`(?m)^  identity = `)
	// needsMore is what cannot be validated alone: modules, tests, what is about other
	// blocks, other providers.
	needsMore    = regexp.MustCompile(`(?m)^(?:module|run|mock_provider|check|moved|removed) |\b(?:restapi|restful)_\w+`)
	usedVariable = regexp.MustCompile(`\bvar\.(\w+)`)
	usedJob      = regexp.MustCompile(`\bmodelarts_visualization_job\.(\w+)`)
)

// checkConfiguration has the CLI validate a piece of configuration, with what it
// leaves out around it.
func checkConfiguration(t *testing.T, content string) {
	w := acctest.NewWorkspace(t, nil)
	format := w.Command(t.Context(), "fmt", "-check", "-diff", "-")
	format.Stdin = strings.NewReader(content)
	if output, err := format.CombinedOutput(); err != nil {
		t.Errorf("not formatted: %v\n%s", err, output)
	}
	around := terraformBlock
	if strings.Contains(content, "required_providers") {
		around = ""
	}
	declare := func(used *regexp.Regexp, block, body string) {
		declared := []string{content}
		for _, name := range used.FindAllStringSubmatch(content, -1) {
			head := fmt.Sprintf(block, name[1])
			if !slices.ContainsFunc(declared, func(s string) bool { return strings.Contains(s, head) }) {
				declared = append(declared, head)
				around += head + " {\n" + body + "}\n"
			}
		}
	}
	command := []string{"validate"}
	switch {
	case needsMore.MatchString(content):
		return
	case isQuery.MatchString(content):
		acctest.NeedTerraform(t, "1.14.0")
		w.Write("main.tfquery.hcl", content)
		command = append(command, "-query")
		content = ""
	case isAction.MatchString(content):
		acctest.NeedTerraform(t, "1.14.0")
	case hasIdentity.MatchString(content):
		acctest.NeedVersion(t, "1.12.0")
	}
	declare(usedVariable, `variable "%s"`, "  sensitive = true\n  ephemeral = true\n")
	declare(usedJob, `resource "modelarts_visualization_job" "%s"`, "  name      = \"board\"\n  train_url = \"/bucket/logs/\"\n")
	// Terraform does not look at a provider that nothing uses.
	w.Write("main.tf", around+board("this_is_the_documentation")+content)
	if output, code := w.Run(command...); code != 0 {
		t.Errorf("%s\n%s", content, output)
	}
}

// Nothing in examples/ is left unread, and so unchecked.
func TestExamplesAreShown(t *testing.T) {
	var shown strings.Builder
	for _, page := range pages(t) {
		shown.WriteString(read(t, page))
	}
	err := filepath.WalkDir(examples, func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		content, err := os.ReadFile(path)
		if !strings.Contains(shown.String(), strings.TrimSpace(string(content))) {
			t.Errorf("%s is on no page", path)
		}
		return err
	})
	if err != nil {
		t.Error(err)
	}
}
