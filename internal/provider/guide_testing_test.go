package provider_test

import (
	"os"
	"path/filepath"
	"testing"
)

// The module's tests in the guide pass in the guide's workflow, with the provider and the simulator that it builds.
func TestGuideTesting(t *testing.T) {
	t.Parallel()
	folder := filepath.Join(examples, "guides", "testing")
	w, _ := newInstaller(t, map[string]string{})
	provider, err := filepath.Abs(root)
	if err == nil {
		err = os.Symlink(provider, filepath.Join(w.Folder, "provider"))
	}
	if err == nil {
		err = os.CopyFS(w.Folder, os.DirFS(filepath.Join(folder, "module")))
	}
	if err != nil {
		t.Fatal(err)
	}
	var output string
	for _, script := range readCI(t, folder, "workflow.yml").scripts(t, "test") {
		printed, code := runShell(t, w, script)
		if code != 0 {
			t.Fatalf("%s: exit code %d\n%s", script, code, printed)
		}
		output += printed
	}
	wantOutput(t, output, "7 passed, 0 failed", "5 passed, 0 failed", "Recovered visualization job")
}
