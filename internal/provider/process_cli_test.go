//go:build unix

package provider_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/opentelekomcloud-community/terraform-provider-modelarts/internal/acctest"
)

// A provider process logs only if a variable enables a log.
func TestProcessLogsOnDemand(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		variables map[string]string
		logs      bool
	}{
		"no variable":     {nil, false},
		"TF_LOG_PROVIDER": {map[string]string{"TF_LOG_PROVIDER": "TRACE"}, true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := acctest.NewWorkspace(t, test.variables)
			folder, written := t.TempDir(), filepath.Join(w.Folder, "stderr")
			built := w.UseProvider(folder)
			script := fmt.Sprintf("#!/bin/sh\nexec '%s' \"$@\" 2>> '%s'\n", built, written)
			if err := os.WriteFile(filepath.Join(folder, filepath.Base(built)), []byte(script), 0o700); err != nil {
				t.Fatal(err)
			}
			w.Write("main.tf", terraformBlock+board("a description"))
			w.MustRun(0, "validate")
			log, err := os.ReadFile(written)
			if err != nil {
				t.Fatal(err)
			}
			if lines := strings.Count(string(log), `"@module":"sdk.`); (lines > 0) != test.logs {
				t.Errorf("it wrote %d lines:\n%s", lines, log)
			}
		})
	}
}
