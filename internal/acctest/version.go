package acctest

import (
	"context"
	"errors"
	"fmt"
	"os"
	"regexp"
	"sync"
	"testing"

	"github.com/hashicorp/go-version"
)

// release is the product and the version of a CLI.
type release struct {
	product string // Terraform or OpenTofu
	version *version.Version
}

// String returns the name and the version of the CLI.
func (r release) String() string { return r.product + " " + r.version.String() }

// releaseOf returns the release of a CLI.
func releaseOf(ctx context.Context, program string) (release, error) {
	output, err := NewCLI(program, os.TempDir(), nil).Command(ctx, "version").Output()
	if err != nil {
		return release{}, fmt.Errorf("%s version: %w", program, err)
	}
	return parseRelease(string(output))
}

// firstLine is how the output of version begins, after warnings. Its JSON calls
// both products Terraform.
var firstLine = regexp.MustCompile(`(?m)^(Terraform|OpenTofu) v(\S+)$`)

// parseRelease reads the output of version.
func parseRelease(output string) (release, error) {
	found := firstLine.FindStringSubmatch(output)
	if found == nil {
		return release{}, fmt.Errorf("not the version of a CLI: %q", output)
	}
	number, err := version.NewVersion(found[2])
	return release{found[1], number}, err
}

// lacks returns why the release is not the one that is needed, "" when it is.
func (r release) lacks(lowest string, onlyTerraform bool) string {
	switch {
	case onlyTerraform && r.product != "Terraform":
		return fmt.Sprintf("%s is not Terraform %s or later", r, lowest)
	case r.version.LessThan(version.Must(version.NewVersion(lowest))):
		return fmt.Sprintf("%s is older than %s", r, lowest)
	default:
		return ""
	}
}

// ownRelease returns the release of the CLI, which it reads once for all tests of a package.
var ownRelease = sync.OnceValues(func() (release, error) { return releaseOf(context.Background(), program) })

// NeedVersion skips a test, loudly, when the CLI is older than lowest.
func NeedVersion(t *testing.T, lowest string) {
	t.Helper()
	need(t, lowest, false)
}

// NeedTerraform is NeedVersion for a feature that OpenTofu lacks in all versions.
func NeedTerraform(t *testing.T, lowest string) {
	t.Helper()
	need(t, lowest, true)
}

func need(t *testing.T, lowest string, onlyTerraform bool) {
	t.Helper()
	NeedCLI(t)
	have, err := ownRelease()
	if err != nil {
		t.Fatal(err)
	}
	if lack := have.lacks(lowest, onlyTerraform); lack != "" {
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
