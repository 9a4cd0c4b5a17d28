package visualizationjob

import (
	"testing"

	"github.com/opentelekomcloud-community/terraform-provider-modelarts/internal/lifecycle"
	"github.com/opentelekomcloud-community/terraform-provider-modelarts/internal/modelarts"
)

// TestDiagnostics has the whole texts of the warnings.
func TestCreateWithoutIncidentsHasNoWarning(t *testing.T) {
	t.Parallel()
	if d := createWarning(operations["wait"], &lifecycle.Created{Job: *jobIn(modelarts.StatusInit)}); d != nil {
		t.Errorf("the warning is %s", d.Summary())
	}
}
