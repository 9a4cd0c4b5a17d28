package visualizationjob_test

import (
	"encoding/json"
	"testing"

	"github.com/opentelekomcloud-community/terraform-provider-modelarts/internal/acctest"
	"github.com/opentelekomcloud-community/terraform-provider-modelarts/internal/simulator"
)

// workspace is a folder with a configuration, a CLI, and a provider that is configured for the simulator.
type workspace struct {
	*acctest.Workspace
	service
}

// newWorkspace returns a workspace with a configuration.
func newWorkspace(t *testing.T, server *simulator.Server, config string) *workspace {
	t.Helper()
	w := &workspace{acctest.NewWorkspace(t, nil), service{server, t}}
	w.Write("provider.tf", acctest.ProviderConfig(server))
	w.Write("terraform.tf", requires(""))
	w.Write("main.tf", config)
	return w
}

// requires is a block that requires this provider and others.
func requires(others string) string {
	return "terraform {\n required_providers {\n modelarts = { source = \"opentelekomcloud-community/modelarts\" }\n " + others + "\n }\n}\n"
}

// apply applies the configuration, and checks the exit code and the output.
func (w *workspace) apply(code int, contains ...string) (output string) {
	w.t.Helper()
	output = w.MustRun(code, "apply", "-auto-approve", "-no-color")
	acctest.WantOutput(w.t, output, contains...)
	return output
}

// wantEmptyPlan checks that the next apply changes nothing.
func (w *workspace) wantEmptyPlan() (output string) {
	w.t.Helper()
	return w.MustRun(0, "plan", "-detailed-exitcode", "-no-color")
}

// values returns the attributes of the resource with the address in the state.
func (w *workspace) values(address string) attrs {
	w.t.Helper()
	var state struct {
		Resources []struct {
			Type, Name string
			Instances  []struct{ Attributes attrs }
		}
	}
	if err := json.Unmarshal([]byte(acctest.Read(w.t, w.Folder, "terraform.tfstate")), &state); err != nil {
		w.t.Fatal(err)
	}
	for _, r := range state.Resources {
		if address == r.Type+"."+r.Name {
			return r.Instances[0].Attributes
		}
	}
	w.t.Fatalf("%s isn't in the state", address)
	return nil
}
