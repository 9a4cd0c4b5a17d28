package visualizationjob_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/opentelekomcloud-community/terraform-provider-modelarts/internal/acctest"
	"github.com/opentelekomcloud-community/terraform-provider-modelarts/internal/simulator"
)

// A configuration that the CLI writes for an import is right as it stands.
func TestGenerateConfigForImport(t *testing.T) {
	acctest.NeedVersion(t, "1.5.0")
	t.Parallel()
	server := acctest.Simulator(t, simulator.Options{})
	addEach(server)
	var imports strings.Builder
	for _, job := range server.Jobs() {
		fmt.Fprintf(&imports, "import {\n  to = modelarts_visualization_job.%s\n  id = \"%d\"\n}\n", job.Name, job.ID)
	}
	w := workspaceFor(t, server, imports.String())
	wantOutput(t, w.MustRun(0, "plan", "-generate-config-out=generated.tf", "-no-color"), "Plan: 4 to import, 0 to add, 0 to change, 0 to destroy.")
	wantImported(t, server, w)
}
