package acctest

import (
	"context"
	"errors"
	"os"
	"sync"
	"testing"

	"github.com/opentelekomcloud-community/terraform-provider-modelarts/internal/cli"
)

// release asks the CLI what it is, once for all tests of a package.
var release = sync.OnceValues(func() (cli.Release, error) { return cli.ReleaseOf(context.Background(), program) })

// NeedVersion skips a test, loudly, when the CLI is older than lowest.
func NeedVersion(t *testing.T, lowest string) {
	t.Helper()
	need(t, lowest, false)
}

// NeedTerraform is NeedVersion for what OpenTofu has in no version.
func NeedTerraform(t *testing.T, lowest string) {
	t.Helper()
	need(t, lowest, true)
}

func need(t *testing.T, lowest string, onlyTerraform bool) {
	t.Helper()
	NeedCLI(t)
	have, err := release()
	if err != nil {
		t.Fatal(err)
	}
	if lack := have.Lacks(lowest, onlyTerraform); lack != "" {
		skip(t, lack)
	}
}

// skip skips a test. go test says so with -v alone: the reason is appended to the file
// that NOT_TESTED names, for make test to show.
func skip(tb testing.TB, reason string) {
	tb.Helper()
	if name := os.Getenv("NOT_TESTED"); name != "" {
		file, err := os.OpenFile(name, os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o600) //nolint:gosec // make's own
		if err != nil {
			tb.Fatal(err)
		}
		_, err = file.WriteString(reason + "\n")
		if err := errors.Join(err, file.Close()); err != nil {
			tb.Fatal(err)
		}
	}
	tb.Skip("NOT TESTED: " + reason)
}
