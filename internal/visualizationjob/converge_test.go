package visualizationjob_test

import (
	"testing"
	"testing/synctest"

	"github.com/hashicorp/terraform-plugin-framework/providerserver"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"
	"pgregory.net/rapid"
)

// Whatever others do, whatever the service and the network do, and whenever
// Terraform or the provider is interrupted or killed: no job is lost and none is
// made twice, and the first apply after it converges.
func TestApplyConverges(t *testing.T) {
	t.Parallel()
	types := bareTypes(t)
	// What must not be is counted as well.
	total := &tally{counts: map[string]int{"jobs lost": 0, "duplicates": 0, "panics": 0}}
	t.Cleanup(func() { t.Log(total) })
	rapid.Check(t, func(rt *rapid.T) {
		s := drawScript(rt)
		var wrong error
		synctest.Test(t, func(t *testing.T) { wrong = s.play(t, types, total) })
		if wrong != nil {
			rt.Fatalf("%v", wrong)
		}
	})
}

// bareTypes returns the types to encode and decode with.
func bareTypes(t *testing.T) *protocol {
	t.Helper()
	server := providerserver.NewProtocol6(bareProvider{})()
	schemas, err := server.GetProviderSchema(t.Context(), &tfprotov6.GetProviderSchemaRequest{})
	if err != nil {
		t.Fatal(err)
	}
	identities, err := server.GetResourceIdentitySchemas(t.Context(), &tfprotov6.GetResourceIdentitySchemasRequest{})
	if err != nil {
		t.Fatal(err)
	}
	schema := schemas.ResourceSchemas[typeName]
	return &protocol{
		t: t, schema: schema, typ: schema.ValueType().(tftypes.Object),
		identity: identities.IdentitySchemas[typeName].ValueType(),
	}
}
