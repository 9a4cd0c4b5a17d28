package httpclient

import (
	"net/http"
	"testing"
	"testing/synctest"
	"time"

	"github.com/opentelekomcloud-community/terraform-provider-modelarts/internal/acctest"
)

// Each attempt has a minute. The wait for a turn isn't part of it.
func TestTimeout(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		start, network := time.Now(), &acctest.Network{Fates: []fate{acctest.Hangs}}
		err := send(t.Context(), clientOn(network, withRetries(1)), http.MethodDelete, "1")
		if took := time.Since(start); !wasSent(t, err) || len(network.Requests) != 2 || took < 2*time.Minute || took > 2*time.Minute+time.Second {
			t.Errorf("%d attempts took %v: %v", len(network.Requests), took, err)
		}
		slow := after(attemptTimeout-time.Second, http.StatusOK)
		g, c := busy(map[string][]fate{"1": {slow}, "2": {slow}, "3": {slow}}, withRequestLog(func(attempt Attempt) {
			if attempt.Number != 1 || attempt.Duration != attemptTimeout-time.Second {
				t.Errorf("%+v", attempt)
			}
		}))
		wantNoErrors(t, run(t, c, numbered(3)...))
		if len(g.begun) != 3 {
			t.Errorf("began %v", g.begun)
		}
	})
}
