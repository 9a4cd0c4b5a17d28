package visualizationjob_test

import (
	"flag"
	"testing"

	"github.com/opentelekomcloud-community/terraform-provider-modelarts/internal/acctest"
)

func TestMain(m *testing.M) {
	if err := flag.Set("rapid.checks", "10"); err != nil { // -rapid.checks overrides this
		panic(err)
	}
	acctest.Main(m)
}
