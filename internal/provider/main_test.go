package provider_test

import (
	"testing"

	"github.com/opentelekomcloud-community/terraform-provider-modelarts/internal/acctest"
)

func TestMain(m *testing.M) { acctest.Main(m) }
