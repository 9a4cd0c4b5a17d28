package provider_test

import (
	"regexp"
	"strings"
	"testing"

	"github.com/opentelekomcloud-community/terraform-provider-modelarts/internal/acctest"
	"github.com/opentelekomcloud-community/terraform-provider-modelarts/internal/simulator"
)

var (
	resourceOfJob = regexp.MustCompile(`(?ms)^resource "modelarts_visualization_job" "training" \{\n.*?^\}\n`)
	color         = regexp.MustCompile(`\x1b\[[0-9;]*m`)
	frame         = regexp.MustCompile(`(?m)^[╷│╵] ?`) // around an error or a warning
)

// The guide to get started is walked through as a reader does: each configuration
// is written, each command run, and what it prints is what the guide shows.
func TestGuideGettingStarted(t *testing.T) {
	t.Parallel()
	// Of the guide's options, the hour is left out: nothing here waits for it.
	cloud := acctest.Simulator(t, simulator.Options{Buckets: []string{"my-bucket"}})
	reader := newRunner(t, cloud.Env())
	var main, output string
	commands := 0
	for _, block := range codeBlocks(t, root+"docs/guides/getting-started.md") {
		switch block.language {
		case "terraform":
			switch {
			case strings.Contains(block.content, "required_providers"):
				main = block.content
			case resourceOfJob.MatchString(block.content):
				main = resourceOfJob.ReplaceAllLiteralString(main, block.content)
			default:
				reader.Write("mistake.tf", block.content)
			}
			reader.Write("main.tf", main)
		case "shell":
			output = ""
			for line := range strings.Lines(block.content) {
				switch program, _, _ := strings.Cut(strings.TrimSpace(line), " "); program {
				case "sleep": // the schedule stops the job
					jobs := cloud.Jobs()
					cloud.SetStatus(jobs[len(jobs)-1].ID, simulator.StatusCompleted)
				case "terraform", "rm":
					commands++
					printed, _ := runShell(t, reader, line)
					output += frame.ReplaceAllString(color.ReplaceAllString(printed, ""), "")
				}
			}
		case "text":
			expectLines(t, block, output)
		}
	}
	if commands < 10 {
		t.Errorf("only %d commands were run", commands)
	}
	if jobs := cloud.Jobs(); len(jobs) > 0 {
		t.Errorf("these are left: %+v", jobs)
	}
}

// expectLines checks that the lines of a block are in the output, in their order.
// An ellipsis stands for anything.
func expectLines(t *testing.T, block codeBlock, output string) {
	t.Helper()
	rest := output
	for line := range strings.Lines(block.content) {
		line = strings.TrimRight(line, "\n")
		if line == "…" {
			continue
		}
		pattern := strings.ReplaceAll(regexp.QuoteMeta(line), "…", ".*")
		found := regexp.MustCompile(`(?m)^` + pattern + `$`).FindStringIndex(rest)
		if found == nil {
			t.Fatalf("line %d: this is not in what follows:\n%s\n\n%s", block.line, line, rest)
		}
		rest = rest[found[1]:]
	}
}
