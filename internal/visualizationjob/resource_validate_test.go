package visualizationjob_test

import (
	"regexp"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-testing/helper/resource"

	"github.com/opentelekomcloud-community/terraform-provider-modelarts/internal/acctest"
	"github.com/opentelekomcloud-community/terraform-provider-modelarts/internal/simulator"
)

// A mistake is an error on its attribute, found by the plan, before any call.
func TestResourceRefusesBadInput(t *testing.T) {
	tests := map[string]struct {
		config  string
		at, say string
	}{
		"empty name":            {job("name = \"\"\ntrain_url = \"/bucket/\""), `name *=`, "1 to 20 letters"},
		"long name":             {job("name = \"" + strings.Repeat("x", 21) + "\"\ntrain_url = \"/bucket/\""), `name *=`, "1 to 20 letters"},
		"name with a space":     {job("name = \"a b\"\ntrain_url = \"/bucket/\""), `name *=`, "1 to 20 letters"},
		"name with an umlaut":   {job("name = \"ä\"\ntrain_url = \"/bucket/\""), `name *=`, "1 to 20 letters"},
		"obs scheme":            {job("name = \"b\"\ntrain_url = \"obs://bucket/logs\""), `train_url *=`, `Write "/bucket/logs/"`},
		"no slash":              {job("name = \"b\"\ntrain_url = \"bucket/logs\""), `train_url *=`, `Did you mean\s+"/bucket/logs/"`},
		"no bucket":             {job("name = \"b\"\ntrain_url = \"/\""), `train_url *=`, "must name a bucket"},
		"empty part":            {job("name = \"b\"\ntrain_url = \"/bucket//logs\""), `train_url *=`, "empty part"},
		"control character":     {job("name = \"b\"\ntrain_url = \"/bucket/a\\tb\""), `train_url *=`, "control characters"},
		"long description":      {minimal(`description = "` + strings.Repeat("ä", 257) + `"`), `description *=`, "at most 256"},
		"unknown type":          {minimal(`job_type = "tensor"`), `job_type *=`, "tensorboard"},
		"empty flavor":          {minimal(`flavor = ""`), `flavor *=`, "at least 1"},
		"negative duration":     {minimal(`schedule = { duration = -1 }`), `(?:resource|schedule) `, `schedule.duration must be a whole number from 0 to 24`},
		"long duration":         {minimal(`schedule = { duration = 25 }`), `(?:resource|schedule) `, `schedule.duration must be a whole number from 0 to 24`},
		"schedule without time": {minimal(`schedule = {}`), `schedule *=`, "duration"},
		"unit of days":          {minimal(`schedule = { duration = 1, time_unit = "DAYS" }`), `(?:resource|schedule) `, "schedule.time_unit value must be one of: .\"HOURS\""},
		"type of schedule":      {minimal(`schedule = { duration = 1, type = "start" }`), `(?:resource|schedule) `, "schedule.type value must be one of: .\"stop\""},
		"bad timeout":           {minimal("timeouts {\n create = \"soon\"\n}"), `create *=`, "number above zero"},
		"no time":               {minimal("timeouts {\n read = \"0s\"\n}"), `read *=`, "number above zero"},
		"fraction":              {minimal(`schedule = { duration = 2.4 }`), `(?:resource|schedule) `, `must be a whole number from 0 to 24`},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			server := acctest.Simulator(t, simulator.Options{})
			acctest.Test(t, server, resource.TestCase{Steps: []resource.TestStep{{
				Config:      test.config,
				ExpectError: regexp.MustCompile(`(?s)\d+: *` + test.at + `.*` + test.say),
			}}})
			if calls := server.Calls(); len(calls) > 0 {
				t.Errorf("%d calls were made, the first was %+v", len(calls), calls[0])
			}
		})
	}
}

// The longest values the API takes are taken.
func TestResourceTakesLongestInput(t *testing.T) {
	server := acctest.Simulator(t, simulator.Options{})
	acctest.Test(t, server, resource.TestCase{Steps: []resource.TestStep{{
		Config: job("name = \"" + strings.Repeat("x", 20) + "\"\ntrain_url = \"/bucket\"\ndescription = \"" +
			strings.Repeat("ä", 256) + "\"\nschedule = { duration = 24 }"),
		ConfigPlanChecks: create,
	}}})
}
