package cli

import (
	"context"
	"fmt"
	"os"
	"regexp"

	"github.com/hashicorp/go-version"
)

// Release is what a CLI says it is.
type Release struct {
	Product string // Terraform or OpenTofu
	Version *version.Version
}

// String returns what the CLI calls itself.
func (r Release) String() string { return r.Product + " " + r.Version.String() }

// ReleaseOf asks the program what it is.
func ReleaseOf(ctx context.Context, program string) (Release, error) {
	output, err := New(program, os.TempDir(), nil).Command(ctx, "version").Output()
	if err != nil {
		return Release{}, fmt.Errorf("%s version: %w", program, err)
	}
	return parseRelease(string(output))
}

// firstLine is how the output of version begins, after warnings. Its JSON calls
// both products Terraform.
var firstLine = regexp.MustCompile(`(?m)^(Terraform|OpenTofu) v(\S+)$`)

// parseRelease reads the output of version.
func parseRelease(output string) (Release, error) {
	found := firstLine.FindStringSubmatch(output)
	if found == nil {
		return Release{}, fmt.Errorf("not the version of a CLI: %q", output)
	}
	number, err := version.NewVersion(found[2])
	return Release{found[1], number}, err
}

// Lacks returns why the release is not the one that is needed, "" when it is.
func (r Release) Lacks(lowest string, onlyTerraform bool) string {
	switch {
	case onlyTerraform && r.Product != "Terraform":
		return fmt.Sprintf("%s is not Terraform %s or later", r, lowest)
	case r.Version.LessThan(version.Must(version.NewVersion(lowest))):
		return fmt.Sprintf("%s is older than %s", r, lowest)
	default:
		return ""
	}
}
