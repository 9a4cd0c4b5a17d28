//go:build unix

package provider_test

import (
	"context"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
	"testing"

	"github.com/opentelekomcloud-community/terraform-provider-modelarts/internal/acctest"
)

var (
	resourceOfJob = regexp.MustCompile(`(?ms)^resource "modelarts_visualization_job" "training" \{\n.*?^\}\n`)
	color         = regexp.MustCompile(`\x1b\[[0-9;]*m`)
	frame         = regexp.MustCompile(`(?m)^[╷│╵] ?`) // around an error or a warning
	gitClone      = regexp.MustCompile(`(?m)^git clone \S+/terraform-provider-modelarts$`)
)

// reader follows a page in two shells. The second one keeps its folder and its variables from block to block.
type reader struct {
	*acctest.Workspace

	t *testing.T
}

func newReader(t *testing.T) *reader {
	t.Helper()
	acctest.NeedProgram(t, "make")
	// No user confirms an apply.
	confirmed := map[string]string{"TF_CLI_ARGS_apply": "-auto-approve", "TF_CLI_ARGS_destroy": "-auto-approve"}
	r := &reader{t: t, Workspace: acctest.NewWorkspace(t, confirmed)}
	r.Write("shell.env", "") // restores the state of the second shell
	return r
}

// startSimulator runs a script in the first shell until the test ends, and returns when the folder that
// the script creates is there. The clone is a copy of this tree.
func (r *reader) startSimulator(script, folder string) {
	r.t.Helper()
	clone := filepath.Join(r.Folder, "clone")
	copyTree(r.t, clone)
	placeProvider(r.t, r.Workspace, filepath.Join(clone, acctest.ProviderProgram))
	script = gitClone.ReplaceAllLiteralString(script, "mv '"+clone+"' terraform-provider-modelarts")
	ctx, cancel := context.WithCancel(context.Background())
	first := r.Command(ctx)
	first.Path, first.Args = acctest.NeedProgram(r.t, "sh"), []string{"sh", "-e", "-c", script}
	first.SysProcAttr = acctest.OwnGroup()
	first.Cancel = func() error { return syscall.Kill(-first.Process.Pid, syscall.SIGINT) } // as Ctrl-C does
	var printed strings.Builder
	first.Stderr = &printed
	if err := first.Start(); err != nil {
		r.t.Fatal(err)
	}
	r.t.Cleanup(func() {
		cancel()
		_ = first.Wait() // was interrupted
		if r.t.Failed() {
			r.t.Logf("the first shell:\n%s", printed.String())
		}
	})
	// A person changes to the second shell later than this test.
	r.run("until [ -e "+folder+" ]; do sleep 0.1; done", false)
}

// run runs a script in the second shell, and returns its output without colors and frames.
func (r *reader) run(script string, fails bool) string {
	r.t.Helper()
	state := filepath.Join(r.Folder, "shell.env")
	printed, code := runShell(r.t, r.Workspace, ". '"+state+"'\n"+
		`trap 'code=$?; { export -p; echo "cd \"$PWD\""; } >"`+state+`"; exit $code' EXIT`+"\n"+script)
	if (code != 0) != fails {
		r.t.Errorf("exit code %d of:\n%s\n%s", code, script, printed)
	}
	return frame.ReplaceAllString(color.ReplaceAllString(printed, ""), "")
}

// write writes a file into the folder of the second shell.
func (r *reader) write(name, content string) {
	r.t.Helper()
	r.run("cat >"+name+" <<'END'\n"+content+"END", false)
}

// A reader follows the guide to get started: writes each configuration and runs each command. The output
// is that of the page.
func TestGettingStarted(t *testing.T) {
	t.Parallel()
	newReader(t).follow(codeBlocks(t, root+"docs/guides/getting-started.md"), "modelarts-tour")
}

// A reader follows the README in the same way.
func TestReadme(t *testing.T) {
	t.Parallel()
	newReader(t).follow(codeBlocks(t, root+"README.md"), "terraform-provider-modelarts")
}

func (r *reader) follow(blocks []codeBlock, folder string) {
	var main, output string
	for number, block := range blocks {
		switch block.language {
		case "terraform":
			switch {
			case strings.Contains(block.content, "required_providers"):
				main = block.content
			case resourceOfJob.MatchString(block.content):
				main = resourceOfJob.ReplaceAllLiteralString(main, block.content)
			default:
				r.write("mistake.tf", block.content)
			}
			r.write("main.tf", main)
		case "shell":
			switch {
			case strings.Contains(block.content, "make simulator"):
				r.startSimulator(block.content, folder)
			case strings.Contains(block.content, "…"), strings.Contains(block.content, "make install"), strings.Contains(block.content, "~/"):
				// needs an account, or changes the home
			case strings.HasPrefix(block.content, "rm -rf"):
				r.run("cd '"+r.Folder+"'\n"+block.content+"[ ! -e "+folder+" ]", false)
			default:
				fails := number+1 < len(blocks) && strings.HasPrefix(blocks[number+1].content, "Error: ")
				output = r.run(block.content, fails)
			}
		case "text":
			expectLines(r.t, block, output)
		}
	}
	if !strings.Contains(output, "Destroy complete!") {
		r.t.Errorf("the last output is not that of a destroy:\n%s", output)
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
