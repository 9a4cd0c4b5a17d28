package httpclient

import (
	"fmt"
	"net/http"
	"testing"

	"github.com/opentelekomcloud-community/terraform-provider-modelarts/internal/acctest"
)

// A redirect is a response like any other, whatever its Location is.
func TestRedirect(t *testing.T) {
	t.Parallel()
	for _, code := range []int{201, 300, 301, 302, 303, 304, 307, 308} {
		for _, location := range []string{"", "/elsewhere", "https://other.example.com", "%zz", "http://[::1", ":"} {
			network := &acctest.Network{Fates: []fate{status(code, "Location", location)}}
			err := send(t.Context(), clientOn(network), http.MethodPost, "1")
			if len(network.Requests) != 1 || code != 201 && fmt.Sprint(err) != fmt.Sprintf("HTTP %d", code) || code == 201 && err != nil {
				t.Errorf("HTTP %d to %q: %d requests: %v", code, location, len(network.Requests), err)
			}
		}
	}
}
