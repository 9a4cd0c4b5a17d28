package provider_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"github.com/opentelekomcloud-community/terraform-provider-modelarts/internal/acctest"
)

// The module's tests in the guide pass in the guide's workflow, with the provider and the simulator that it builds.
func TestGuideTesting(t *testing.T) {
	t.Parallel()
	folder := filepath.Join(examples, "guides", "testing")
	home := t.TempDir()
	env := map[string]string{"HOME": home}
	acctest.NeedProgram(t, "make")
	acctest.NeedProgram(t, "curl")
	for _, name := range []string{"GOCACHE", "GOMODCACHE", "GOPATH"} { // not those of an empty home
		value, err := exec.CommandContext(t.Context(), "go", "env", name).Output()
		if err != nil {
			t.Fatal(err)
		}
		env[name] = strings.TrimSpace(string(value))
	}
	runner := newRunner(t, env)
	if err := os.CopyFS(runner.Folder, os.DirFS(filepath.Join(folder, "module"))); err != nil {
		t.Fatal(err)
	}
	provider, err := filepath.Abs(root)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(provider, filepath.Join(runner.Folder, "provider")); err != nil {
		t.Fatal(err)
	}
	runner.Write("cli.tfrc", "disable_checkpoint = true\n") // the CLI finds the provider where make installs it
	setting := ""
	if strings.HasPrefix(filepath.Base(runner.Command(t.Context()).Path), "tofu") {
		setting = "export PLUGIN_DIR='" + filepath.Join(home, ".terraform.d", "plugins", "registry.opentofu.org",
			"opentelekomcloud-community", "modelarts", "0.0.1", runtime.GOOS+"_"+runtime.GOARCH) + "'\n"
	}
	var output string
	for _, script := range readCI(t, folder, "workflow.yml").scripts("test") {
		printed, code := runShell(t, runner, setting+script)
		if code != 0 {
			t.Fatalf("%s: exit code %d\n%s", script, code, printed)
		}
		output += printed
	}
	wantOutput(t, output, "7 passed, 0 failed", "5 passed, 0 failed", "Recovered visualization job")
}
