package visualizationjob_test

import (
	"flag"
	"testing"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"

	"github.com/opentelekomcloud-community/terraform-provider-modelarts/internal/acctest"
	"github.com/opentelekomcloud-community/terraform-provider-modelarts/internal/provider"
)

func TestMain(m *testing.M) {
	if err := flag.Set("rapid.checks", "30"); err != nil { // -rapid.checks overrides this
		panic(err)
	}
	acctest.ProviderFactories = map[string]func() (tfprotov6.ProviderServer, error){
		"modelarts": func() (tfprotov6.ProviderServer, error) { return provider.NewServer("test"), nil },
	}
	acctest.Main(m)
}
