package provider_test

import (
	"flag"
	"os"
	"strings"
	"testing"

	"github.com/opentelekomcloud-community/terraform-provider-modelarts/internal/acctest"
)

func TestMain(m *testing.M) {
	if err := flag.Set("rapid.checks", "40"); err != nil { // -rapid.checks overrides this
		panic(err)
	}
	// Git can't describe the copies of this tree that the tests of guides build. Without the commit, they are the same program.
	if err := os.Setenv("GOFLAGS", strings.TrimSpace(os.Getenv("GOFLAGS")+" -buildvcs=false")); err != nil {
		panic(err)
	}
	acctest.Main(m)
}
