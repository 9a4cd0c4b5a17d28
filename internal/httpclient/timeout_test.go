package httpclient

import (
	"net/http"
	"testing"
	"testing/synctest"
	"time"
)

// Each attempt has a minute. The wait for a turn isn't part of it.
func TestTimeout(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		start, s := time.Now(), &series{fates: []fate{hanging}}
		err := send(t.Context(), clientOn(s, withRetries(1)), http.MethodDelete, "1")
		if took := time.Since(start); !wasSent(t, err) || s.attempts != 2 || took < 2*time.Minute || took > 2*time.Minute+time.Second {
			t.Errorf("%d attempts took %v: %v", s.attempts, took, err)
		}
	})
}

func TestWaitForATurnIsNotPartOfTheTimeout(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
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
