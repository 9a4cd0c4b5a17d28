package provider_test

import (
	"flag"
	"os"
	"strings"
	"testing"

	"github.com/opentelekomcloud-community/terraform-provider-modelarts/internal/acctest"
)

func TestMain(m *testing.M) {
	// Options of the command line override these. Most tests wait for a CLI, so more of them run in parallel than there are cores.
	for name, value := range map[string]string{"rapid.checks": "40", "test.parallel": "6"} {
		if err := flag.Set(name, value); err != nil {
			panic(err)
		}
	}
	// Git can't describe the copies of this tree that the tests of guides build. Without the commit, they are the same program.
	if err := os.Setenv("GOFLAGS", strings.TrimSpace(os.Getenv("GOFLAGS")+" -buildvcs=false")); err != nil {
		panic(err)
	}
	acctest.Main(m)
}
