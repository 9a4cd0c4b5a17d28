package provider_test

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/opentelekomcloud-community/terraform-provider-modelarts/internal/acctest"
)

// The module's tests in the guide pass in the guide's workflow, with the provider and the simulator that it builds.
func TestGuideTesting(t *testing.T) {
	t.Parallel()
	folder := filepath.Join(examples, "guides", "testing")
	acctest.NeedProgram(t, "curl")
	runner, _ := newInstaller(t, map[string]string{})
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
	var output string
	for _, script := range readCI(t, folder, "workflow.yml").scripts("test") {
		printed, code := runShell(t, runner, script)
		if code != 0 {
			t.Fatalf("%s: exit code %d\n%s", script, code, printed)
		}
		output += printed
	}
	wantOutput(t, output, "7 passed, 0 failed", "5 passed, 0 failed", "Recovered visualization job")
}
