package acctest

import (
	"bufio"
	"context"
	"io"
	"net"
	"net/http"
	"sync"
	"sync/atomic"
	"testing"
)

// Listen starts a server that speaks no HTTP by itself, and returns its address. It
// ends with the test.
func Listen(t *testing.T, handle func(net.Conn)) (address string) {
	t.Helper()
	listener, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	var wg sync.WaitGroup
	t.Cleanup(wg.Wait)
	context.AfterFunc(t.Context(), func() { _ = listener.Close() })
	wg.Go(func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			wg.Go(func() {
				defer func() { _ = conn.Close() }()
				// http.Transport continues a handshake that no request needs anymore.
				defer context.AfterFunc(t.Context(), func() { _ = conn.Close() })()
				handle(conn)
			})
		}
	})
	return listener.Addr().String()
}

// Says has a server send the beginning of a response.
func Says(beginning string) func(net.Conn) {
	return func(conn net.Conn) {
		if _, err := http.ReadRequest(bufio.NewReader(conn)); err == nil {
			_, _ = io.WriteString(conn, beginning)
		}
	}
}

// Floods has a server write chunk after a beginning, as often as it can, and counts
// the bytes that it could write.
func Floods(written *atomic.Int64, beginning, chunk string) func(net.Conn) {
	return func(conn net.Conn) {
		if _, err := http.ReadRequest(bufio.NewReader(conn)); err != nil {
			return
		}
		_, err := io.WriteString(conn, beginning)
		for err == nil {
			var n int
			n, err = io.WriteString(conn, chunk)
			written.Add(int64(n))
		}
	}
}
