package httpclient

import (
	"context"
	"errors"
	"net"
	"net/http"
	"testing"
	"testing/synctest"
)

// A request was sent if any of its attempts was. A 429 and a failed dial are no such attempt.
func TestSent(t *testing.T) {
	t.Parallel()
	dial, dropped := failure(false, errors.New("dial tcp: connection refused")), failure(true, errReset)
	for name, test := range map[string]struct {
		fates []fate
		want  bool
	}{
		"dial":                      {[]fate{dial}, false},
		"429, dial":                 {[]fate{status(429), dial}, false},
		"dropped, dial":             {[]fate{dropped, dial}, true},
		"503, dial":                 {[]fate{status(503), dial}, true},
		"dropped, 429, dial":        {[]fate{dropped, status(429), dial}, true},
		"dropped, credentials":      {[]fate{dropped, failure(true, &CredentialsError{errReset})}, true},
		"429, credentials":          {[]fate{status(429), failure(true, &CredentialsError{errReset})}, false},
		"dial, proxy's final error": {[]fate{dial, failure(true, &ProxyError{Final: true, Err: errReset})}, false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				if err := put(t.Context(), clientOn(&series{fates: test.fates}), "1"); wasSent(t, err) != test.want {
					t.Errorf("%v", err)
				}
			})
		})
	}
}

// http.Transport tells a failed dial from a broken connection, so a POST that was never sent is repeated.
func TestFailedDialIsRepeated(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		dials := 0
		c := clientOn(&http.Transport{DialTLSContext: func(context.Context, string, string) (net.Conn, error) {
			dials++
			return nil, errors.New("no route to host")
		}}, withRetries(2))
		if err := send(t.Context(), c, http.MethodPost, "1"); wasSent(t, err) || dials != 3 {
			t.Errorf("%d dials: %v", dials, err)
		}
	})
}
