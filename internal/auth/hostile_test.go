package auth

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"time"
	"unicode"

	"github.com/opentelekomcloud-community/terraform-provider-modelarts/internal/acctest"
)

// An end of the context ends a call to IAM, whatever IAM is at.
func TestEndOverTheWire(t *testing.T) {
	t.Parallel()

	const created = "HTTP/1.1 201 Created\r\nX-Subject-Token: t\r\n"

	for name, test := range map[string]struct {
		scheme string
		handle func(net.Conn) // hangs then
	}{
		"TLS handshake":  {"https", func(net.Conn) {}},
		"no answer":      {"http", acctest.Says("")},
		"half a header":  {"http", acctest.Says(created + "Content-Le")},
		"no body":        {"http", acctest.Says(created + "Content-Length: 10\r\n\r\n")},
		"half a body":    {"http", acctest.Says(created + "Content-Length: 1000\r\n\r\n{")},
		"half a chunk":   {"http", acctest.Says(created + "Transfer-Encoding: chunked\r\n\r\n10\r\n{")},
		"half a refusal": {"http", acctest.Says("HTTP/1.1 403 Forbidden\r\nContent-Length: 1000\r\n\r\n{")},
		"half a 503":     {"http", acctest.Says("HTTP/1.1 503 Service Unavailable\r\nContent-Length: 1000\r\n\r\n{")},
	} {
		for _, retries := range []int{0, 5} {
			t.Run(fmt.Sprint(name, retries), func(t *testing.T) {
				t.Parallel()

				ctx, cancel := context.WithCancel(t.Context())
				defer cancel()

				options := user(network())
				options.MaxRetries = retries
				options.AuthURL = test.scheme + "://" + acctest.Listen(t, func(conn net.Conn) {
					test.handle(conn)
					cancel()

					_, _ = io.Copy(io.Discard, conn)
				}) + "/v3"

				// A session that ignores its context hangs, and so does this test.
				if _, err := Open(ctx, options); err == nil {
					t.Error("the session was opened")
				}
			})
		}
	}
}

func TestFloodsOfIAM(t *testing.T) {
	t.Parallel()

	block := strings.Repeat("1", 1<<20)

	for name, beginning := range map[string]string{
		"1 GB":              "HTTP/1.1 201 Created\r\nX-Subject-Token: t\r\nContent-Length: 1073741824\r\n\r\n",
		"1 GB of a refusal": "HTTP/1.1 401 Unauthorized\r\nContent-Length: 1073741824\r\n\r\n",
		"to the close":      "HTTP/1.1 201 Created\r\nX-Subject-Token: t\r\n\r\n{\"token\": ",
		"a header":          "HTTP/1.1 201 Created\r\nX-Subject-Token: ",
		"no HTTP":           "\x1b",
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()

			var written atomic.Int64

			options := user(network())
			options.AuthURL = "http://" + acctest.Listen(t, acctest.Floods(&written, beginning, block)) + "/v3"

			_, err := Open(t.Context(), options)
			if err == nil || len(err.Error()) > 2000 || strings.Contains(err.Error(), "\x1b") {
				t.Errorf("%.500q", fmt.Sprint(err))
			}

			if n := written.Load(); n > 64<<20 {
				t.Errorf("IAM could write %d MiB", n>>20)
			}
		})
	}
}

func TestGarbageOfIAM(t *testing.T) {
	t.Parallel()

	for _, body := range []string{
		"", "null", "[]", "{}", "<html>", `"token"`, `{"token": null}`, `{"token": []}`, `{"token": {"project": null}}`,
		`{"token": {"project": {"id": 7}}}`, `{"token": {"project": {"id": ""}}}`, `{"token": {"project": {"id": "p"}, "catalog": {}}}`,
		`{"token": {"project": {"id": "p"}, "catalog": [[]]}}`, `{"token": {"project": {"id": "p"}, "catalog": [`,
		strings.Repeat("[", 100_000), strings.Repeat(`{"token":`, 20_000), "\x1b[2J", "\x00",
		`{"token": {"expires_at": "` + strings.Repeat("9", 100_000) + `"}}`,
		`{"token": {"project": {"id": "p"}, "catalog": [{"type": "modelarts", "endpoints": [{"interface": "public", "region": "eu-de", "url": "` +
			"https://\\u001b[2J" + strings.Repeat("x", 100_000) + `"}]}]}}`,
		`{"error": {"message": "a\nb\u001b[2J\u202e` + strings.Repeat("m", 100_000) + `"}}`,
		`{"error": "m"}`, `{"error": {"message": 7}}`,
	} {
		for _, status := range []int{200, 201, 204, 300, 400, 401, 403, 404, 502} {
			options := user(&cloud{iam: func(req *http.Request, _ int) (*http.Response, error) {
				return reply(req, status, body, "X-Subject-Token", "t"), nil
			}})

			session, err := Open(t.Context(), options)
			if err == nil || session != nil {
				t.Errorf("HTTP %d, %.60q: %+v, %v", status, body, session, err)

				continue
			}

			if text := err.Error(); len(text) > 5000 || strings.ContainsFunc(strings.ReplaceAll(text, "\n", ""), func(r rune) bool { return !unicode.IsGraphic(r) }) {
				t.Errorf("HTTP %d, %.60q: %d bytes: %.200q", status, body, len(text), text)
			}
		}
	}
}

// All that failed at once must not come back at once.
func TestIAMBackoff(t *testing.T) {
	t.Parallel()

	const lowest, highest = 500 * time.Millisecond, 10 * time.Second

	for header, want := range map[string]time.Duration{
		"": 2 * time.Second, "7": 7 * time.Second, "3600": time.Minute, "10000000000": time.Minute,
		"-5": 2 * time.Second, "soon": 2 * time.Second, "Fri, 31 Dec 9999 23:59:59 GMT": time.Minute,
	} {
		waits := map[time.Duration]bool{}

		for range 20 {
			wait := iamBackoff(lowest, highest, 2, &http.Response{StatusCode: 429, Header: http.Header{"Retry-After": {header}}})
			if wait < want || wait >= want+lowest {
				t.Errorf("Retry-After %q: %v, want %v", header, wait, want)
			}

			waits[wait] = true
		}

		if len(waits) < 2 {
			t.Errorf("Retry-After %q: always %v", header, waits)
		}
	}

	if wait := iamBackoff(lowest, highest, 5000, nil); wait < highest || wait >= highest+lowest {
		t.Errorf("at last %v", wait)
	}
}

func TestIAMError(t *testing.T) {
	t.Parallel()

	if err := (&Options{}).explain(fmt.Errorf("get: %w", context.Canceled), nil); !errors.Is(err, context.Canceled) ||
		err.Error() != "authenticate with IAM: get: context canceled" {
		t.Errorf("%v", err)
	}

	err := (&Options{}).explain(errors.New("malformed \x1b[2J\n"+strings.Repeat("x", 5000)), nil)
	if text := err.Error(); len(text) > 1100 || strings.ContainsFunc(text, unicode.IsControl) {
		t.Errorf("%q", text)
	}
}
