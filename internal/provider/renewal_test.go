package provider_test

import (
	"net/http"
	"testing"

	"github.com/opentelekomcloud-community/terraform-provider-modelarts/internal/acctest"
	"github.com/opentelekomcloud-community/terraform-provider-modelarts/internal/simulator"
)

// A token that is refused in the middle of an apply is renewed once, in whatever way it is refused.
func TestRefusedTokenIsRenewedInARun(t *testing.T) {
	t.Parallel()
	for _, kind := range []string{"token-expired", "token-invalid"} {
		t.Run(kind, func(t *testing.T) {
			t.Parallel()
			server := acctest.Simulator(t, simulator.Options{})
			fault, err := simulator.NamedFault(kind)
			if err != nil {
				t.Fatal(err)
			}
			fault.Method, fault.Path, fault.Skip = http.MethodPost, "/visualization-jobs", 5
			server.Inject(fault)
			w := acctest.NewWorkspace(t, server.Env())
			w.Write("main.tf", boards)
			w.MustRun(0, "apply", "-auto-approve", "-no-color")
			if n := renewals(server); n != 1 || len(server.Jobs()) != 12 || len(server.Faults()) > 0 {
				t.Errorf("%d renewals, %d jobs, faults left: %v", n, len(server.Jobs()), server.Faults())
			}
		})
	}
}
