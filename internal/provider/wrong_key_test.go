package provider_test

import (
	"maps"
	"strings"
	"testing"

	"github.com/opentelekomcloud-community/terraform-provider-modelarts/internal/acctest"
	"github.com/opentelekomcloud-community/terraform-provider-modelarts/internal/simulator"
)

// boards are a dozen resources, which a CLI works on ten at a time.
const boards = terraformBlock + `
resource "modelarts_visualization_job" "test" {
  count       = 12
  name        = "board-${count.index}"
  train_url   = "/bucket/logs/"
  description = "Größe & Umfang: 100 % – 日本 <b>"
}
`

// keyWithoutIAM are the variables with which the first call is one of a resource.
func keyWithoutIAM(server *simulator.Server) map[string]string {
	variables := server.AccessKeyEnv()
	maps.Copy(variables, map[string]string{
		"OS_MODELARTS_ENDPOINT": server.Endpoint(), "OS_PROJECT_ID": simulator.DefaultProjectID, "OS_PROJECT_NAME": "",
	})
	return variables
}

// unwrapped is what a CLI says, without the line ends that it puts in.
func unwrapped(output string) string { return strings.Join(strings.Fields(output), " ") }

// Five refusals would lock the key, for all that use it.
func TestWrongKeyIsTriedAtMostTwiceInARun(t *testing.T) {
	t.Parallel()
	server := acctest.Simulator(t, simulator.Options{})
	variables := keyWithoutIAM(server)
	variables["OS_SECRET_KEY"] = "another-secret-key"
	w := acctest.NewWorkspace(t, variables)
	w.Write("main.tf", boards)
	output := w.MustRun(1, "apply", "-auto-approve", "-no-color")
	if n := server.KeyFailures(variables["OS_ACCESS_KEY"]); n < 1 || n > 2 {
		t.Errorf("%d refusals", n)
	}
	for _, say := range []string{"verify aksk signature fail", "secret_key (from OS_SECRET_KEY) is wrong"} {
		if !strings.Contains(unwrapped(output), say) {
			t.Errorf("the output does not say %q:\n%s", say, output)
		}
	}
}
