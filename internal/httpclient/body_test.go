package httpclient

import (
	"bytes"
	"errors"
	"io"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
)

func TestBody(t *testing.T) {
	t.Parallel()
	const limit = 256 << 10
	for name, test := range map[string]struct {
		status int
		body   io.Reader
		err    string
		limit  bool
	}{
		"as large as allowed": {200, strings.NewReader(strings.Repeat("x", limit)), "", false},
		"empty":               {200, http.NoBody, "", false},
		"larger by a byte":    {200, strings.NewReader(strings.Repeat("x", limit+1)), "the response is larger than 256 KiB", true},
		"truncated":           {404, failing{}, "the response is incomplete: unexpected EOF", false},
		"informational":       {101, &endless{}, "unexpected informational status 101", false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			network := roundTripper(func(req *http.Request) (*http.Response, error) {
				resp := reply(req, test.status, "")
				resp.Body = io.NopCloser(test.body)
				return resp, nil
			})
			req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, "https://modelarts.example.com", nil)
			if err != nil {
				t.Fatal(err)
			}
			resp, err := clientOn(network).Do(req)
			if test.err != "" {
				if _, isLimit := errors.AsType[LimitError](err); err == nil || !strings.Contains(err.Error(), test.err) || isLimit != test.limit {
					t.Errorf("%v", err)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			defer resp.Body.Close()
			data := Content(resp)
			if read, err := io.ReadAll(resp.Body); err != nil || !bytes.Equal(read, data) || name == "empty" != (len(data) == 0) {
				t.Errorf("%d bytes, and %d read: %v", len(data), len(read), err)
			}
		})
	}
}

// A body that is too large is neither read further nor left open.
func TestEndlessBody(t *testing.T) {
	t.Parallel()
	for _, code := range []int{200, 404, 429, 503} {
		synctest.Test(t, func(t *testing.T) {
			body := &endless{}
			err := put(t.Context(), clientOn(roundTripper(func(req *http.Request) (*http.Response, error) {
				resp := reply(req, code, "")
				resp.Body = body
				return resp, nil
			})), "1")
			if err == nil || !body.closed || body.read > 512<<10 {
				t.Errorf("HTTP %d: read %d bytes, closed %v: %v", code, body.read, body.closed, err)
			}
		})
	}
}

// The status of a 429 is enough.
func TestTruncated429(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := &series{fates: []fate{func(req *http.Request, attempt int) (*http.Response, error) {
			resp, err := truncated(req, attempt)
			resp.StatusCode = http.StatusTooManyRequests
			return resp, err
		}, status(200)}}
		if err := send(t.Context(), clientOn(s, withRetries(0)), http.MethodPost, "1"); err != nil || s.attempts != 2 {
			t.Errorf("%d attempts: %v", s.attempts, err)
		}
	})
}
