package provider_test

import (
	"fmt"
	"os"
	"testing"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	random "github.com/hashicorp/terraform-plugin-testing/helper/acctest"
	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/knownvalue"
	"github.com/hashicorp/terraform-plugin-testing/plancheck"
	"github.com/hashicorp/terraform-plugin-testing/statecheck"
	"github.com/hashicorp/terraform-plugin-testing/tfjsonpath"

	"github.com/opentelekomcloud-community/terraform-provider-modelarts/internal/provider"
)

// TestAccVisualizationJob is the test of make testacc: the life of one job in an account, with the
// credentials of the environment. The job reads event files from MODELARTS_TRAIN_URL, an
// OBS path that has to exist, and is billed for the minutes that it runs.
func TestAccVisualizationJob(t *testing.T) {
	const address = "modelarts_visualization_job.test"
	name := "acc-" + random.RandString(8)
	step := func(description, more, status string, action plancheck.ResourceActionType) resource.TestStep {
		return resource.TestStep{
			Config: fmt.Sprintf("resource \"modelarts_visualization_job\" \"test\" {\n  name = %q\n  train_url = %q\n  description = %q\n  %s\n}\n",
				name, os.Getenv("MODELARTS_TRAIN_URL"), description, more),
			ConfigPlanChecks: resource.ConfigPlanChecks{
				PreApply:             []plancheck.PlanCheck{plancheck.ExpectResourceAction(address, action)},
				PostApplyPostRefresh: []plancheck.PlanCheck{plancheck.ExpectEmptyPlan()},
			},
			ConfigStateChecks: []statecheck.StateCheck{
				statecheck.ExpectKnownValue(address, tfjsonpath.New("status"), knownvalue.StringExact(status)),
				statecheck.ExpectKnownValue(address, tfjsonpath.New("description"), knownvalue.StringExact(description)),
			},
		}
	}
	resource.Test(t, resource.TestCase{
		PreCheck: func() {
			if os.Getenv("MODELARTS_TRAIN_URL") == "" {
				t.Fatal("MODELARTS_TRAIN_URL has to be an OBS path that exists, /bucket/prefix/")
			}
		},
		ProtoV6ProviderFactories: map[string]func() (tfprotov6.ProviderServer, error){
			"modelarts": func() (tfprotov6.ProviderServer, error) { return provider.NewServer("test"), nil },
		},
		Steps: []resource.TestStep{
			step("acceptance test", "schedule = {\n    duration = 1\n  }", "RUNNING", plancheck.ResourceActionCreate),
			step("described again", "schedule = {\n    duration = 1\n  }\n  running = false", "KILLED", plancheck.ResourceActionUpdate),
			step("described again", "schedule = {\n    duration = 1\n  }\n  running = true", "RUNNING", plancheck.ResourceActionUpdate),
			{
				ResourceName: address, ImportState: true, ImportStateVerify: true,
				// The API doesn't return these.
				ImportStateVerifyIgnore: []string{"schedule", "timeouts"},
			},
		},
	})
}
