package provider_test

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"testing"
	"time"

	"github.com/opentelekomcloud-community/terraform-provider-modelarts/internal/acctest"
)

// newRunner returns a workspace whose CLI is called terraform, whichever it is, and
// finds the provider without a registry.
func newRunner(t *testing.T, env map[string]string) *acctest.Workspace {
	t.Helper()
	tools := t.TempDir()
	env = maps.Clone(env)
	env["PATH"] = tools + string(os.PathListSeparator) + os.Getenv("PATH")
	w := acctest.NewWorkspace(t, env)
	cli, err := filepath.Abs(w.Command(t.Context()).Path)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(cli, filepath.Join(tools, "terraform")); err != nil {
		t.Fatal(err)
	}
	built := w.UseProvider(tools)
	for _, registry := range []string{"registry.terraform.io", "registry.opentofu.org"} {
		folder := filepath.Join(tools, registry, "opentelekomcloud-community", "modelarts", "0.0.1", runtime.GOOS+"_"+runtime.GOARCH)
		if err := os.MkdirAll(folder, 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.Symlink(built, filepath.Join(folder, filepath.Base(built)+"_v0.0.1")); err != nil {
			t.Fatal(err)
		}
	}
	w.Write("cli.tfrc", fmt.Sprintf("disable_checkpoint = true\nprovider_installation {\n  filesystem_mirror {\n    path = %q\n  }\n}\n", tools))
	return w
}

// runShell runs a script in the folder and the environment of a workspace, as CI
// does: it ends at the first command that fails.
func runShell(t *testing.T, w *acctest.Workspace, script string) (output string, code int) {
	t.Helper()
	shell := acctest.NeedProgram(t, "sh")
	ctx, cancel := context.WithTimeout(t.Context(), 4*time.Minute)
	defer cancel()
	cmd := w.Command(ctx)
	cmd.Path, cmd.Args = shell, []string{"sh", "-e", "-c", script}
	cmd.WaitDelay = 10 * time.Second // what the shell started may go on
	printed, err := cmd.CombinedOutput()
	var exit *exec.ExitError
	if err != nil && (!errors.As(err, &exit) || ctx.Err() != nil) {
		t.Fatalf("%s\n%v\n%s", script, err, printed)
	}
	return string(printed), cmd.ProcessState.ExitCode()
}
