package provider_test

import (
	"context"
	"maps"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/opentelekomcloud-community/terraform-provider-modelarts/internal/acctest"
)

// newRunner returns a workspace whose CLI is called terraform, whichever it is, and
// finds the provider without a registry.
func newRunner(t *testing.T, env map[string]string) *acctest.Workspace {
	t.Helper()
	env = maps.Clone(env)
	env["PATH"] = pathWithTerraform(t)
	w := acctest.NewWorkspace(t, env)
	w.MirrorProvider()
	return w
}

// pathWithTerraform returns a PATH on which the CLI is called terraform, whichever it
// is, for scripts as readers have them.
func pathWithTerraform(t *testing.T) string {
	t.Helper()
	folder := t.TempDir()
	if err := os.Symlink(acctest.NeedCLI(t), filepath.Join(folder, "terraform")); err != nil {
		t.Fatal(err)
	}
	return folder + string(os.PathListSeparator) + os.Getenv("PATH")
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
	code, err = acctest.ExitCode(ctx, cmd, err)
	if err != nil {
		t.Fatalf("%s\n%v\n%s", script, err, printed)
	}
	return string(printed), code
}
