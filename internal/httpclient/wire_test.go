package httpclient

import (
	"context"
	"crypto/tls"
	"errors"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"

	"github.com/opentelekomcloud-community/terraform-provider-modelarts/internal/acctest"
)

// A request that ignores its context hangs, and so does its test, wherever the server stops.
func TestCancelOverTheWire(t *testing.T) {
	t.Parallel()
	const ok = "HTTP/1.1 200 OK\r\n"
	for name, test := range map[string]struct {
		scheme string
		handle func(net.Conn) // The connection stays open then.
		sent   bool
	}{
		"TLS handshake": {scheme: "https", handle: func(net.Conn) {}},
		"no response":   {scheme: "http", handle: acctest.Says(""), sent: true},
		"half a header": {scheme: "http", handle: acctest.Says(ok + "Content-Le"), sent: true},
		"half a body":   {scheme: "http", handle: acctest.Says(ok + "Content-Length: 1000\r\n\r\n{"), sent: true},
		"only 100s":     {scheme: "http", handle: acctest.Says("HTTP/1.1 100 Continue\r\n\r\n"), sent: true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			ctx, cancel := context.WithCancel(t.Context())
			defer cancel()
			transport := &http.Transport{DisableKeepAlives: true, TLSClientConfig: &tls.Config{InsecureSkipVerify: true}}
			address := acctest.Listen(t, func(conn net.Conn) {
				test.handle(conn)
				cancel()
				_, _ = io.Copy(io.Discard, conn)
			})
			err := sendTo(ctx, clientOn(transport), http.MethodPost, test.scheme+"://"+address, strings.NewReader("body"))
			if sent := wasSent(t, err); !errors.Is(err, context.Canceled) || sent != test.sent {
				t.Errorf("sent %v: %v", sent, err)
			}
		})
	}
}
