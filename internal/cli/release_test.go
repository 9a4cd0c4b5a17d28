package cli

import "testing"

// What a test needs decides whether it is skipped: too much, and nobody notices
// that it tests nothing.
func TestRelease(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		output, lowest     string
		version, terraform string // why it is not enough, as any product, as Terraform
	}{
		{"Terraform v1.14.9\non linux_amd64\n", "1.14.0", "", ""},
		{"Terraform v1.14.0\n", "1.14.0", "", ""},
		{"Terraform v1.9.9\n", "1.14.0", "Terraform 1.9.9 is older than 1.14.0", "Terraform 1.9.9 is older than 1.14.0"},
		{
			"Warning: something\n\nOpenTofu v1.12.6-dev\non linux_amd64\n", "1.12.0",
			"", "OpenTofu 1.12.6-dev is not Terraform 1.12.0 or later",
		},
		{"OpenTofu v1.15.0\n", "1.14.0", "", "OpenTofu 1.15.0 is not Terraform 1.14.0 or later"},
	} {
		have, err := parseRelease(test.output)
		if err != nil {
			t.Error(err)
			continue
		}
		if got := have.Lacks(test.lowest, false); got != test.version {
			t.Errorf("%s: got %q, want %q", have, got, test.version)
		}
		if got := have.Lacks(test.lowest, true); got != test.terraform {
			t.Errorf("%s as Terraform: got %q, want %q", have, got, test.terraform)
		}
	}
	for _, output := range []string{"", "terraform: command not found", "Packer v1.14.0\n", "Terraform vx\n"} {
		if have, err := parseRelease(output); err == nil {
			t.Errorf("%q is %s, want an error", output, have)
		}
	}
}
