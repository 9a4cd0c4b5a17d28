package visualizationjob

import (
	"maps"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/opentelekomcloud-community/terraform-provider-modelarts/internal/acctest"
)

const guidePage = "../../templates/guides/troubleshooting.md.tmpl"

// chapter is the part of the troubleshooting guide below a second-level heading.
type chapter struct {
	text     string
	sections map[string]string // the text below each third-level heading
}

// troubleshootingGuide returns the chapters of the guide by their headings.
func troubleshootingGuide(t *testing.T) map[string]chapter {
	t.Helper()
	chapters := map[string]chapter{}
	for _, part := range strings.Split(acctest.Read(t, guidePage), "\n## ")[1:] {
		title, text, _ := strings.Cut(part, "\n")
		sections := map[string]string{}
		for _, part := range strings.Split(text, "\n### ")[1:] {
			heading, text, _ := strings.Cut(part, "\n")
			if _, twice := sections[heading]; twice {
				t.Errorf("the heading %q exists twice", heading)
			}
			sections[heading] = strings.TrimSpace(text)
		}
		chapters[title] = chapter{text: text, sections: sections}
	}
	return chapters
}

// anchoredHeadings returns the third-level headings of the guide by their anchors.
func anchoredHeadings(t *testing.T) map[string]string {
	t.Helper()
	headings := map[string]string{}
	for _, lines := range regexp.MustCompile(`(?m)^(<a id=.*)\n### (.*)$`).FindAllStringSubmatch(acctest.Read(t, guidePage), -1) {
		for _, anchor := range regexp.MustCompile(`id="([^"]+)"`).FindAllStringSubmatch(lines[1], -1) {
			headings[anchor[1]] = lines[2]
		}
	}
	return headings
}

// Each meaning of an error code is a heading. Before it is an anchor for each code. Below it are its codes, its attribute and what to do.
func TestGuideHasEveryErrorCode(t *testing.T) {
	t.Parallel()
	want, got, headings := map[string][]string{}, map[string][]string{}, anchoredHeadings(t)
	for code, help := range errorCodes {
		heading, _, _ := strings.Cut(strings.TrimSuffix(help.meaning, "."), ". ")
		want[heading] = append(want[heading], strings.Replace(code, ":", " ", 1)+" "+help.attribute)
		if anchor := anchorOf(code); headings[anchor] != heading {
			t.Errorf("%q isn't the anchor of %q", anchor, heading)
		}
	}
	facts := regexp.MustCompile("^Codes: (.+?)\\. (?:Attribute: `?(.+?)`?\\. )?Retry: (?:yes|no|later|once)\\b.*\\.\n\n\\S")
	code := regexp.MustCompile("`(\\w+\\.[0-9]{4})`(?: with HTTP ([0-9]{3})| of a `([A-Z]+)`)?")
	for title, chapter := range troubleshootingGuide(t) {
		if !strings.HasPrefix(title, "Error codes: ") {
			continue
		}
		for heading, text := range chapter.sections {
			found := facts.FindStringSubmatch(text)
			if found == nil {
				t.Errorf("%q has no codes, no retry or no remedy: %s", heading, text)
				continue
			}
			attribute := strings.TrimSuffix(found[2], "as the message says")
			for _, name := range code.FindAllStringSubmatch(found[1], -1) {
				got[heading] = append(got[heading], strings.TrimSpace(name[1]+" "+name[2]+name[3])+" "+attribute)
			}
		}
	}
	if diff := cmp.Diff(want, got, cmpopts.SortSlices(strings.Compare)); diff != "" {
		t.Errorf("the guide differs from errorCodes (-code +guide):\n%s", diff)
	}
}

// pattern returns a pattern for a message in the guide, where … stands for text that the provider fills in.
func pattern(message string) *regexp.Regexp {
	return regexp.MustCompile("(?i)" + regexp.MustCompile(`\s*…\s*`).ReplaceAllString(regexp.QuoteMeta(message), ".*"))
}

// summary matches a diagnostic whose summary is a literal. Other diagnostics are in testdata/diagnostics.txt.
var summary = regexp.MustCompile(`(?:(?:Error|Warning)(?:Diagnostic)?|\.diagnostic)\((?:[^",]+(?:"\w+"\))?, )?(?:fmt\.Sprintf\()?"([A-Z][^"]*)"`)

// literalSummaries returns the summaries of diagnostics that are literals in this package, as formats.
func literalSummaries(t *testing.T) (found []string) {
	t.Helper()
	files, err := filepath.Glob("*.go")
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range files {
		if !strings.HasSuffix(name, "_test.go") {
			for _, literal := range summary.FindAllStringSubmatch(acctest.Read(t, name), -1) {
				found = append(found, strings.TrimSuffix(literal[1], " ")+" visualization job …") // from operation.job, if it ends with a space
			}
		}
	}
	return found
}

// quotedIn returns the messages that the guide quotes, in a heading, in an example or as code.
func quotedIn(t *testing.T, guide map[string]chapter) (quoted []string) {
	t.Helper()
	quote := regexp.MustCompile("`([A-Z][^`\n]* [^`\n]* [^`\n]*)`")
	for _, title := range []string{"Errors of visualization jobs", "Errors of the configuration, the state and imports", "Warnings"} {
		if len(guide[title].sections) == 0 {
			t.Errorf("the guide has no %q", title)
		}
		quoted = slices.AppendSeq(quoted, maps.Keys(guide[title].sections))
		for _, found := range quote.FindAllStringSubmatch(guide[title].text, -1) {
			quoted = append(quoted, found[1])
		}
	}
	examples := regexp.MustCompile("(?s)```text\n(.*?)\n```").FindAllStringSubmatch(guide["How to read an error"].text, -1)
	if len(examples) == 0 {
		t.Error("the guide has no example of an error")
	}
	for _, example := range examples {
		for paragraph := range strings.SplitSeq(example[1], "\n\n") {
			if !strings.HasPrefix(paragraph, "  on main.tf line ") { // which Terraform adds
				quoted = append(quoted, strings.Join(strings.Fields(paragraph), " "))
			}
		}
	}
	return quoted
}

// Each summary of a diagnostic, and the first line of each error's detail, is a heading of the guide. The provider has each
// message that the guide quotes.
func TestGuideHasTheMessages(t *testing.T) {
	t.Parallel()
	chapters, anchored, isCode := troubleshootingGuide(t), anchoredHeadings(t), regexp.MustCompile(`-[0-9]{4}`)
	messages := literalSummaries(t)
	if len(messages) < 10 {
		t.Errorf("only %d literal summaries were found", len(messages))
	}
	texts := strings.Join(messages, "\n") + "\n" + acctest.Read(t, "../auth/transport.go") + acctest.Read(t, "../auth/access_key.go")
	for _, one := range strings.Split(acctest.Read(t, "testdata", "diagnostics.txt"), "=== ")[1:] {
		line := strings.Join(strings.Fields(one), " ") // a pattern matches within a line
		texts += "\n" + line
		name, text, _ := strings.Cut(one, " ===\n")
		head, detail, _ := strings.Cut(text, "\n\n")
		severity, summary, _ := strings.Cut(head, ": ")
		messages = append(messages, summary)
		isInvented := strings.HasPrefix(name, "any other,")
		if severity != "Warning" && !isInvented {
			first, _, _ := strings.Cut(detail, "\n")
			messages = append(messages, first)
		}
		_, anchor, _ := strings.Cut(strings.TrimSpace(detail), guide)
		heading := anchored[anchor]
		if severity != "Warning" && (heading == "" || !isCode.MatchString(anchor) && !pattern(heading).MatchString(line)) {
			t.Errorf("%s links to %q, whose heading is %q", name, anchor, heading)
		}
	}
	var headings []*regexp.Regexp
	for title, chapter := range chapters {
		for heading := range chapter.sections {
			if !strings.HasPrefix(title, "Error codes: ") {
				headings = append(headings, pattern(heading))
			}
		}
	}
	for _, message := range messages {
		if !slices.ContainsFunc(headings, func(heading *regexp.Regexp) bool { return heading.MatchString(message) }) {
			t.Errorf("no heading matches %q", message)
		}
	}
	for _, message := range quotedIn(t, chapters) {
		if !pattern(message).MatchString(texts) {
			t.Errorf("the provider has no message %q", message)
		}
	}
	for _, o := range operations {
		if text := chapters["Errors of visualization jobs"].sections["Could not … visualization job …"]; !strings.Contains(text, "`"+o.verb+"`") {
			t.Errorf("the guide doesn't have the verb of %q", o.summary())
		}
	}
}
