package provider_test

import (
	"encoding/json"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"

	"github.com/opentelekomcloud-community/terraform-provider-modelarts/internal/acctest"
)

var (
	codeBlock    = regexp.MustCompile("(?ms)^```([a-z]+)\n(.*?)^```$")
	usedVariable = regexp.MustCompile(`\bvar\.(\w+)`)
)

// Every piece of configuration in a guide is one that the provider, or a reader of
// its format, takes.
func TestGuides(t *testing.T) {
	guides, err := filepath.Glob("../../docs/guides/*.md")
	if err != nil || len(guides) == 0 {
		t.Fatalf("no guides: %v", err)
	}
	for _, guide := range guides {
		t.Run(filepath.Base(guide), func(t *testing.T) {
			t.Parallel()
			w := acctest.NewWorkspace(t, nil)
			seen := map[string]int{}
			for _, block := range codeBlock.FindAllStringSubmatch(read(t, guide), -1) {
				language, content := block[1], block[2]
				seen[language]++
				var value any
				switch language {
				case "terraform":
					// Terraform does not look at a provider that nothing uses.
					config := terraformBlock + board("") + content
					var declared []string
					for _, name := range usedVariable.FindAllStringSubmatch(content, -1) {
						variable := `variable "` + name[1] + `"`
						if !strings.Contains(content, variable) && !slices.Contains(declared, variable) {
							declared = append(declared, variable)
							config += variable + " {\n  sensitive = true\n  ephemeral = true\n}\n"
						}
					}
					w.Write("main.tf", config)
					if output, code := w.Run("validate"); code != 0 {
						t.Errorf("%s\n%s", content, output)
					}
				case "json":
					if err := json.Unmarshal([]byte(content), &value); err != nil {
						t.Errorf("%s\n%v", content, err)
					}
				case "yaml":
					if err := yaml.Unmarshal([]byte(content), &value); err != nil {
						t.Errorf("%s\n%v", content, err)
					}
				}
			}
			if seen["terraform"] == 0 {
				t.Error("there is no configuration in it")
			}
		})
	}
}
