package acctest

import (
	"context"
	"fmt"
	"path/filepath"
	"strings"

	"github.com/hashicorp/terraform-plugin-testing/tfversion"
)

// SkipOpenTofu is a version check for what OpenTofu does not have. Its version
// numbers say nothing about Terraform's features.
type SkipOpenTofu struct{}

// CheckTerraformVersion implements tfversion.TerraformVersionCheck.
func (SkipOpenTofu) CheckTerraformVersion(_ context.Context, req tfversion.CheckTerraformVersionRequest, resp *tfversion.CheckTerraformVersionResponse) {
	if strings.HasPrefix(filepath.Base(cli), "tofu") {
		resp.Skip = fmt.Sprintf("NOT TESTED: OpenTofu %s does not have this", req.TerraformVersion)
	}
}
