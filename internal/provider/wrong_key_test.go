package provider_test

import (
	"maps"
	"strings"
	"sync/atomic"
	"testing"
	"time"

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
	right := acctest.NewWorkspace(t, keyWithoutIAM(server))
	right.Write("main.tf", boards)
	right.MustRun(0, "apply", "-auto-approve", "-no-color")

	variables := keyWithoutIAM(server)
	variables["OS_SECRET_KEY"] = "wrong"
	wrong := acctest.NewWorkspace(t, variables)
	key := variables["OS_ACCESS_KEY"]
	for name, test := range map[string]struct {
		folder string // whose state is used
		args   []string
	}{
		"refresh":           {right.Folder, []string{"plan", "-no-color"}},
		"create":            {wrong.Folder, []string{"apply", "-auto-approve", "-no-color"}},
		"delete":            {right.Folder, []string{"destroy", "-refresh=false", "-auto-approve", "-no-color"}},
		"refresh and apply": {right.Folder, []string{"apply", "-auto-approve", "-no-color"}},
	} {
		// A right signature in between, or the lock would end the test before its time.
		right.MustRun(0, "plan", "-no-color")
		before := server.KeyFailures(key)
		wrong.Folder = test.folder
		wrong.Write("main.tf", boards)
		output, code := wrong.Run(test.args...)
		if n := server.KeyFailures(key) - before; n < 1 || n > 2 || code == 0 {
			t.Errorf("%s: exit code %d after %d refusals", name, code, n)
		}
		for _, say := range []string{"verify aksk signature fail", "secret_key (from OS_SECRET_KEY) is wrong"} {
			if !strings.Contains(unwrapped(output), say) {
				t.Errorf("%s: the output does not say %q:\n%s", name, say, output)
			}
		}
	}
	right.MustRun(0, "plan", "-no-color")
	right.MustRun(0, "destroy", "-auto-approve", "-no-color")
}

// A key that goes wrong in the middle is refused to what is under way, and to one
// more request.
func TestRevokedKeyIsNotTriedOnAndOn(t *testing.T) {
	t.Parallel()
	var server atomic.Pointer[simulator.Server]
	started := acctest.Simulator(t, atFirstCreate(simulator.Options{}, func() { server.Load().RevokeAccessKey() }))
	server.Store(started)
	variables := keyWithoutIAM(started)
	w := acctest.NewWorkspace(t, variables)
	w.Write("main.tf", boards)
	output := w.MustRun(1, "apply", "-auto-approve", "-no-color")
	const underWay = 10 // of the CLI's own accord
	if n := started.KeyFailures(variables["OS_ACCESS_KEY"]); n < 1 || n > underWay+1 {
		t.Errorf("%d refusals:\n%s", n, output)
	}
}

// ahead is a clock that is off.
type ahead struct{ by time.Duration }

func (c ahead) Now() time.Time                       { return time.Now().Add(c.by) }
func (ahead) After(d time.Duration) <-chan time.Time { return time.After(d) }

func TestClockThatIsOffIsNamed(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		by   time.Duration
		says string
	}{
		"behind": {time.Hour, "The clock of this machine is 1h0m0s behind the service's"},
		"ahead":  {-20 * time.Minute, "The clock of this machine is 20m0s ahead of the service's"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			server := acctest.Simulator(t, simulator.Options{Clock: ahead{test.by}})
			diags := configure(t, block{
				"auth_url": server.AuthURL(), "region": simulator.DefaultRegion, "tenant_name": simulator.DefaultProjectName,
				"access_key": simulator.DefaultAccessKey, "secret_key": simulator.DefaultSecretKey,
			})
			// The header has whole seconds.
			near := strings.NewReplacer("59m59s", "1h0m0s", "1h0m1s", "1h0m0s", "20m1s", "20m0s", "19m59s", "20m0s")
			diags[0].Detail = near.Replace(diags[0].Detail)
			wantError(t, diags, "", test.says, "the access key may be right")

			// And what a resource says, whose first call it is.
			w := acctest.NewWorkspace(t, keyWithoutIAM(server))
			w.Write("main.tf", terraformBlock+board("first"))
			output := near.Replace(w.MustRun(1, "apply", "-auto-approve", "-no-color"))
			if !strings.Contains(unwrapped(output), test.says) {
				t.Errorf("%q is not in:\n%s", test.says, output)
			}
		})
	}
}
