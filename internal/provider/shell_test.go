package provider_test

import (
	"context"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/opentelekomcloud-community/terraform-provider-modelarts/internal/acctest"
	"github.com/opentelekomcloud-community/terraform-provider-modelarts/internal/provider"
)

// runShell runs a script in the folder and the environment of a workspace, as CI does: it ends at the first command that fails. The
// CLI is called terraform, even if it is OpenTofu.
func runShell(t *testing.T, w *acctest.Workspace, script string) (output string, code int) {
	t.Helper()
	shell := acctest.NeedProgram(t, "sh")
	bin := t.TempDir()
	if err := os.Symlink(w.Program, filepath.Join(bin, "terraform")); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 4*time.Minute)
	defer cancel()
	cmd := w.Command(ctx)
	cmd.Path, cmd.Args = shell, []string{"sh", "-e", "-c", script}
	cmd.Env = slices.Concat(w.Env, []string{"PATH=" + bin + string(os.PathListSeparator) + os.Getenv("PATH")})
	cmd.WaitDelay = 10 * time.Second // children of the shell can outlive it
	printed, err := cmd.CombinedOutput()
	code, err = acctest.ExitCode(ctx, cmd, err)
	if err != nil {
		t.Fatalf("%s\n%v\n%s", script, err, printed)
	}
	return string(printed), code
}

// newInstaller returns a workspace for scripts that install the provider themselves, with make. Its home directory is empty. The
// path of the provider in a folder of plugins depends on the CLI and on the platform.
func newInstaller(t *testing.T, env map[string]string) (w *acctest.Workspace, path string) {
	t.Helper()
	acctest.NeedProgram(t, "make")
	home := t.TempDir()
	env = maps.Clone(env)
	env["HOME"] = home
	names := []string{"GOCACHE", "GOMODCACHE", "GOPATH"} // not those of the empty home directory
	values, err := exec.CommandContext(t.Context(), "go", append([]string{"env"}, names...)...).Output()
	if err != nil {
		t.Fatal(err)
	}
	for i, value := range strings.Split(strings.TrimSpace(string(values)), "\n") {
		env[names[i]] = value
	}
	// With the options of make, a script that runs go build finds each package in the cache.
	env["CGO_ENABLED"], env["GOFLAGS"] = "0", "-trimpath"
	path = "registry.terraform.io/" + acctest.ProviderSource + "/0.0.1/" + runtime.GOOS + "_" + runtime.GOARCH
	if strings.HasPrefix(filepath.Base(acctest.NeedCLI(t)), "tofu") {
		path = strings.Replace(path, "terraform.io", "opentofu.org", 1)
		env["PLUGIN_DIR"] = filepath.Join(home, ".terraform.d", "plugins", filepath.FromSlash(path))
	}
	w = acctest.NewWorkspace(t, env)
	for _, folder := range []string{filepath.Join(home, ".terraform.d"), filepath.Join(w.Folder, "terraform.d")} {
		placeProvider(t, w, filepath.Join(folder, "plugins", filepath.FromSlash(path), acctest.ProviderProgram+"_v0.0.1"))
	}
	w.Write("cli.tfrc", "disable_checkpoint = true\n") // instead of an override
	return w, path
}

// placeProvider puts the provider where make builds it. Make finds that it is up to date, and doesn't link it again.
func placeProvider(t *testing.T, w *acctest.Workspace, program string) {
	t.Helper()
	built := w.UseProvider(t.TempDir())
	err := os.MkdirAll(filepath.Dir(program), 0o700)
	if err == nil {
		err = os.Link(built, program)
	}
	if err != nil {
		t.Fatal(err)
	}
}

// copyTree copies the files of this tree that make needs.
func copyTree(t *testing.T, folder string) {
	t.Helper()
	if err := os.CopyFS(filepath.Join(folder, "internal"), os.DirFS(root+"internal")); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"GNUmakefile", "go.mod", "go.sum", "main.go"} {
		provider.WriteFile(t, folder, name, acctest.Read(t, root, name))
	}
}
