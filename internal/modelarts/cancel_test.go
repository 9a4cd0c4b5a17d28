package modelarts

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/opentelekomcloud-community/terraform-provider-modelarts/internal/acctest"
	"github.com/opentelekomcloud-community/terraform-provider-modelarts/internal/auth"
)

func throttled(req *http.Request, attempt int) (*http.Response, error) {
	return reply(req, http.StatusTooManyRequests, fmt.Sprintf(`{"error_code": "APIGW.0308", "error_msg": "throttled %d"}`, attempt),
		"X-Request-Id", "r1"), nil
}

func TestCancel(t *testing.T) {
	t.Parallel()

	const said = "; the attempt before: "

	gone, refused := fate(throttled), failure(false, errors.New("dial tcp: connection refused"))
	tests := []struct {
		name  string
		fates []fate // the last one for ever
		call  string
		after time.Duration
		sent  bool
		last  string // what the error ends with; empty: there was no attempt before
	}{
		{"429, in the pause", []fate{gone}, "stop", time.Second - 1, false, said + "throttled 1 (APIGW.0308, HTTP 429, request r1)"},
		{"429 again, in the pause", []fate{gone}, "stop", 3 * time.Second, false, said + "throttled 2 (APIGW.0308, HTTP 429, request r1)"},
		{"429, in the next attempt", []fate{gone, hanging}, "stop", 3 * time.Second, true, said + "throttled 1 (APIGW.0308, HTTP 429, request r1)"},
		{"503, in the next attempt", []fate{status(503), hanging}, "get", 3 * time.Second, true, said + "attempt 1 (ModelArts.0103, HTTP 503)"},
		{
			"503 after 429, in the next attempt",
			[]fate{gone, status(503), hanging},
			"delete", 3 * time.Second, true, said + "attempt 2 (ModelArts.0103, HTTP 503)",
		},
		{"dial, in the next attempt", []fate{refused, hanging}, "create", 3 * time.Second, true, "dial tcp: connection refused"},
		{"dial, in the backoff", []fate{refused}, "create", 40 * time.Second, false, "dial tcp: connection refused"},
		{"dropped, in the next attempt", []fate{failure(true, errReset), hanging}, "update", 3 * time.Second, true, "connection reset by peer"},
		{"HTML, in the next attempt", []fate{
			func(req *http.Request, _ int) (*http.Response, error) { return reply(req, 502, "<html>"), nil }, hanging,
		}, "get", 3 * time.Second, true, said + "refused without a message (HTTP 502)"},
		{
			"HTML with 200, in the next attempt",
			[]fate{with(200, "<html>"), hanging},
			"get", 3 * time.Second, true,
			said + "HTTP 200 with a body that is not the expected JSON: invalid character '<' looking for beginning of value",
		},
		{"in the first attempt", []fate{hanging}, "stop", 3 * time.Second, true, ""},
		{"with an error of its own", []fate{func(req *http.Request, attempt int) (*http.Response, error) {
			_, _ = hanging(req, attempt)

			return nil, errReset
		}}, "stop", 3 * time.Second, true, "connection reset by peer"},
		{"while the credentials are renewed", []fate{func(req *http.Request, _ int) (*http.Response, error) {
			<-req.Context().Done()

			return nil, req.Context().Err()
		}}, "stop", 3 * time.Second, false, ""},
	}
	for _, test := range tests {
		for name, want := range map[string]error{"cancelled": context.Canceled, "over": context.DeadlineExceeded} {
			t.Run(test.name+"/"+name, func(t *testing.T) {
				t.Parallel()
				synctest.Test(t, func(t *testing.T) {
					ctx, cancel := context.WithCancel(t.Context())
					if errors.Is(want, context.DeadlineExceeded) {
						ctx, cancel = context.WithTimeout(t.Context(), test.after)
					} else {
						defer time.AfterFunc(test.after, cancel).Stop()
					}

					defer cancel()

					start, attempts := time.Now(), 0
					err := callNamed(test.call).do(ctx, clientOn(roundTripper(func(req *http.Request) (*http.Response, error) {
						attempts++

						return test.fates[min(attempts, len(test.fates))-1](req, attempts)
					}), WithMaxRetries(20)))

					if time.Since(start) != test.after {
						t.Errorf("ended after %v", time.Since(start))
					}

					e := noAnswerFrom(t, err)
					if e.Sent != test.sent || MayHaveBeenDone(err) != test.sent || IsRefusal(err) {
						t.Errorf("Sent %v, MayHaveBeenDone %v, IsRefusal %v", e.Sent, MayHaveBeenDone(err), IsRefusal(err))
					}

					if (e.Last != nil) != (test.last != "") || !strings.HasSuffix(err.Error(), test.last) ||
						!strings.Contains(err.Error(), want.Error()) {
						t.Errorf("%v", err)
					}

					// A caller that follows the chain must come to the end of the context alone.
					if end := endOfChain(err); end != want { //nolint:errorlint // the error itself is meant
						t.Errorf("the chain ends with %T %v", end, end)
					}
				})
			})
		}
	}
}

func endOfChain(err error) error {
	for next := errors.Unwrap(err); next != nil; next = errors.Unwrap(err) {
		err = next
	}

	return err
}

func callNamed(name string) call {
	for _, call := range calls {
		if call.name == name {
			return call
		}
	}

	panic("no call " + name)
}

// The end of an attempt's own time is not the end of the caller's.
func TestAttemptTimeoutIsNotTheEnd(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		start := time.Now()
		err := clientOn(roundTripper(func(req *http.Request) (*http.Response, error) { return hanging(req, 1) }), WithMaxRetries(1)).
			DeleteVisualizationJob(t.Context(), 10)

		if e := noAnswerFrom(t, err); e.Last != nil || !e.Sent || !errors.Is(err, errAttemptTimeout) {
			t.Errorf("%+v", e)
		}

		if took := time.Since(start); took < 2*time.Minute || took > 2*time.Minute+time.Second {
			t.Errorf("two attempts took %v", took)
		}

		if errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("taken for the end of the context: %v", err)
		}
	})
}

// The renewal of a token has its time in the attempt that needs it.
func TestAttemptTimeoutInARenewal(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		attempts := 0
		err := clientOn(roundTripper(func(req *http.Request) (*http.Response, error) {
			attempts++
			_, err := hanging(req, 1)

			return nil, &auth.CredentialsError{Err: err}
		})).StopVisualizationJob(t.Context(), 10)

		if !is[*auth.CredentialsError](err) || errors.Is(err, context.DeadlineExceeded) || attempts != 1 || MayHaveBeenDone(err) {
			t.Errorf("%d attempts: %v", attempts, err)
		}
	})
}

func TestMaxRetries(t *testing.T) {
	t.Parallel()

	for _, repeats := range []int{0, 1, 2, 5, 20} {
		for name, fate := range map[string]fate{
			"dial": failure(false, errors.New("no route")), "truncated": truncated, "hanging": hanging, "HTML": with(200, "<html>"),
			"503 among 429s": func(req *http.Request, attempt int) (*http.Response, error) {
				if attempt%3 != 0 {
					return throttled(req, attempt)
				}

				return status(503)(req, attempt)
			},
		} {
			t.Run(fmt.Sprint(repeats, name), func(t *testing.T) {
				t.Parallel()
				synctest.Test(t, func(t *testing.T) {
					attempts := 0
					ctx, cancel := context.WithTimeout(t.Context(), 24*time.Hour)
					defer cancel()

					_, err := clientOn(roundTripper(func(req *http.Request) (*http.Response, error) {
						attempts++

						return fate(req, attempts)
					}), WithMaxRetries(repeats)).GetVisualizationJob(ctx, 10)

					var none *NoAnswerError
					if name == "503 among 429s" {
						attempts /= 3

						if want := fmt.Sprintf("attempt %d", 3*attempts); string(errorFrom(t, err).Message) != want {
							t.Errorf("not the last answer: %v", err)
						}
					} else if !errors.As(err, &none) || none.Last != nil {
						t.Errorf("%v", err)
					}

					if attempts != repeats+1 {
						t.Errorf("%d attempts", attempts)
					}
				})
			})
		}
	}
}

// The id of a job that is billed must not be thrown away when it is at hand.
func TestCancelAfterTheAnswer(t *testing.T) {
	t.Parallel()

	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()

	job, err := clientOn(always(http.StatusOK, samples["create"]), WithCallLog(func(context.Context, auth.Call) { cancel() })).
		CreateVisualizationJob(ctx, CreateOptions{Name: "visualization-job", TrainURL: "/obs/name/"})
	if err != nil || job.ID != 10 {
		t.Errorf("%+v, %v", job, err)
	}
}

// listen starts a server of a network that speaks no HTTP by itself.
func listen(t *testing.T, scheme string, handle func(net.Conn)) *url.URL {
	t.Helper()

	return &url.URL{Scheme: scheme, Host: acctest.Listen(t, handle), Path: "/v1/" + project}
}

// hangs keeps a connection open until the other side is gone.
func hangs(conn net.Conn) { _, _ = io.Copy(io.Discard, conn) }

// A request that ignores its context hangs, and so does its test. TestCancel checks with fake time
// how soon a request ends.
func TestCancelOverTheWire(t *testing.T) {
	t.Parallel()

	const ok = "HTTP/1.1 200 OK\r\n"

	for name, test := range map[string]struct {
		scheme string
		handle func(net.Conn) // does not come back, or hangs then
		sent   bool
	}{
		"dial":          {scheme: "https"},
		"TLS handshake": {scheme: "https", handle: func(net.Conn) {}},
		"half a TLS handshake": {scheme: "https", handle: func(conn net.Conn) {
			_, _ = io.WriteString(conn, "\x16\x03\x03\x40\x00\x02")
		}},
		"no answer":         {scheme: "http", handle: acctest.Says(""), sent: true},
		"half a header":     {scheme: "http", handle: acctest.Says(ok + "Content-Le"), sent: true},
		"no body":           {scheme: "http", handle: acctest.Says(ok + "Content-Length: 10\r\n\r\n"), sent: true},
		"half a body":       {scheme: "http", handle: acctest.Says(ok + "Content-Length: 1000\r\n\r\n{"), sent: true},
		"half a chunk":      {scheme: "http", handle: acctest.Says(ok + "Transfer-Encoding: chunked\r\n\r\n10\r\n{"), sent: true},
		"body to the close": {scheme: "http", handle: acctest.Says(ok + "\r\n{"), sent: true},
		"half a gzip":       {scheme: "http", handle: acctest.Says(ok + "Content-Encoding: gzip\r\n\r\n\x1f\x8b\x08\x00"), sent: true},
		"only 100s":         {scheme: "http", handle: acctest.Says("HTTP/1.1 100 Continue\r\n\r\n"), sent: true},
		"refusal's body":    {scheme: "http", handle: acctest.Says("HTTP/1.1 400 Bad Request\r\nContent-Length: 10\r\n\r\n"), sent: true},
		"redirect's body":   {scheme: "http", handle: acctest.Says("HTTP/1.1 302 Found\r\nContent-Length: 10\r\n\r\n"), sent: true},
	} {
		for _, call := range calls {
			t.Run(name+"/"+call.name, func(t *testing.T) {
				t.Parallel()

				ctx, cancel := context.WithCancel(t.Context())
				defer cancel()

				transport := &http.Transport{
					DisableKeepAlives: true, TLSClientConfig: &tls.Config{InsecureSkipVerify: true},
				}

				endpoint := listen(t, test.scheme, func(conn net.Conn) {
					test.handle(conn)
					cancel()
					hangs(conn)
				})
				if test.handle == nil {
					over := make(chan struct{})
					defer close(over)

					// http.Transport goes on with a dial that nobody waits for any more.
					transport.DialContext = func(context.Context, string, string) (net.Conn, error) {
						cancel()
						<-over

						return nil, errors.New("no route")
					}
				}

				err := call.do(ctx, NewClient(endpoint, project, transport))

				if e := noAnswerFrom(t, err); !errors.Is(err, context.Canceled) || e.Sent != test.sent {
					t.Errorf("Sent %v: %v", e.Sent, err)
				}
			})
		}
	}
}

// A connection that was switched to another protocol is out of the context's reach.
func TestSwitchOfProtocols(t *testing.T) {
	t.Parallel()

	endpoint := listen(t, "http", func(conn net.Conn) {
		acctest.Says("HTTP/1.1 101 Switching Protocols\r\nConnection: upgrade\r\nUpgrade: websocket\r\n\r\n")(conn)
		hangs(conn)
	})
	for _, call := range calls {
		err := call.do(t.Context(), NewClient(endpoint, project, &http.Transport{DisableKeepAlives: true}, WithMaxRetries(0)))

		if e := noAnswerFrom(t, err); !e.Sent {
			t.Errorf("%s: %v", call.name, err)
		}
	}
}
