package httpclient

import (
	"net/http"
	"testing"

	"github.com/opentelekomcloud-community/terraform-provider-modelarts/internal/acctest"
)

// A decoder decodes the responses to its own request, and not those to requests that the transport sends meanwhile, such as one to
// IAM for a new token.
func TestDecoderIsForOneRequest(t *testing.T) {
	t.Parallel()
	iam := clientOn(&acctest.Network{Fates: []fate{status(http.StatusCreated)}})
	c := clientOn(&acctest.Network{Fates: []fate{func(req *http.Request, _ int) (*http.Response, error) {
		if err := sendTo(req.Context(), iam, http.MethodPost, "https://iam.example.com/v3/auth/tokens", nil); err != nil {
			t.Error(err)
		}
		return acctest.Reply(req, http.StatusOK, ""), nil
	}}})
	var decoded []int
	ctx := WithDecoder(t.Context(), func(resp *http.Response, _ []byte) error {
		decoded = append(decoded, resp.StatusCode)
		return nil
	})
	if err := send(ctx, c, http.MethodGet, "1"); err != nil || len(decoded) != 1 || decoded[0] != http.StatusOK {
		t.Errorf("the decoder received %v, error %v", decoded, err)
	}
}
