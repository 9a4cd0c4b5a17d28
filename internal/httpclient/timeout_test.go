package httpclient

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
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
		renewal := func(req *http.Request, _ int) (*http.Response, error) {
			<-req.Context().Done()
			return nil, &CredentialsError{fmt.Errorf("no new token: %w", req.Context().Err()), "a-heading"}
		}
		err = send(t.Context(), clientOn(&acctest.Network{Fates: []fate{renewal}}), http.MethodGet, "1")
		if failed, ok := errors.AsType[*CredentialsError](err); !ok || failed.Anchor != "a-heading" || errors.Is(err, context.DeadlineExceeded) || !strings.Contains(err.Error(), "no new token") {
			t.Errorf("the error of a renewal that takes too long is %v", err)
		}
		slow := after(attemptTimeout-time.Second, http.StatusOK)
		g := newGate(map[string][]fate{"1": {slow}, "2": {slow}, "3": {slow}})
		errs := run(t, clientOn(g, withSlots(1), withRequestLog(func(attempt Attempt) {
			if attempt.Number != 1 || attempt.Duration != attemptTimeout-time.Second {
				t.Errorf("%+v", attempt)
			}
		})), request{id: "1"}, request{id: "2"}, request{id: "3"})
		if err := errors.Join(errs...); err != nil || len(g.begun) != 3 {
			t.Errorf("began %v: %v", g.begun, err)
		}
	})
}
