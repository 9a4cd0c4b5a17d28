package simulator

import (
	"context"
	"io"
	"maps"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// slowPieces is the number of pieces of a slow body.
const slowPieces = 10

// A fault with a size and without a body has a JSON object with one long string.
const (
	sizedHead = `{"is_success": true, "padding": "`
	sizedTail = `"}`
)

// delivery is the way in which a response is sent. The zero value sends it completely and
// immediately.
type delivery struct {
	drop, hang, truncate bool
	slow                 time.Duration
	size                 int64 // of the body, in bytes; 0 is the size it has
}

// deliver sends the response to the client.
func (s *Simulator) deliver(w http.ResponseWriter, r *http.Request, a *bufferedResponse) {
	switch d := a.delivery; {
	case d.hang:
		s.hang(r.Context())
		panic(http.ErrAbortHandler)
	case d.drop:
		panic(http.ErrAbortHandler)
	case d == delivery{}:
		a.open(w)
		_, _ = w.Write(a.body.Bytes()) // An error means that the client is gone.
	default:
		s.stream(w, r, a)
	}
}

// open sends the status and the header.
func (a *bufferedResponse) open(w http.ResponseWriter) {
	maps.Copy(w.Header(), a.header)
	w.WriteHeader(a.status)
}

// hang waits until the client is gone, or the server ends.
func (s *Simulator) hang(ctx context.Context) {
	select {
	case <-ctx.Done():
	case <-s.closing:
	}
}

// stream sends a body that is truncated, slow or generated. If it can't send all of it, it cuts
// the connection, because a body without an announced length would seem to be complete.
func (s *Simulator) stream(w http.ResponseWriter, r *http.Request, a *bufferedResponse) {
	body, size := a.content()

	// The length of a generated body isn't announced, unless it is truncated, because a client
	// could refuse the response by its length and wouldn't read the body.
	announced := a.delivery.size == 0 || a.delivery.truncate
	if announced && a.header.Get("Content-Length") == "" {
		a.header.Set("Content-Length", strconv.FormatInt(size, 10))
	}

	if a.delivery.truncate {
		size /= 2
	}

	a.open(w)

	if !s.sendPieces(w, r, body, size, a.delivery.slow) {
		panic(http.ErrAbortHandler)
	}

	// A truncated response needs no panic, because net/http cuts a connection with less than
	// the announced length. A panic would drop unflushed bytes.
}

// content returns the body, and its size in bytes.
func (a *bufferedResponse) content() (body io.Reader, size int64) {
	own := int64(a.body.Len())
	size = a.delivery.size

	switch {
	case size == 0 && own == 0 && a.delivery.truncate:
		return &a.body, 1 // The announced length needs a byte that isn't sent.
	case size == 0:
		return &a.body, own
	case own > 0:
		return io.MultiReader(&a.body, filler{}), size
	case size < int64(len(sizedHead)+len(sizedTail)):
		return strings.NewReader(sizedHead), size
	default:
		padding := size - int64(len(sizedHead)+len(sizedTail))

		return io.MultiReader(
			strings.NewReader(sizedHead), io.LimitReader(filler{}, padding), strings.NewReader(sizedTail),
		), size
	}
}

// sendPieces sends size bytes of the body over the time slow, and reports whether it succeeded.
func (s *Simulator) sendPieces(
	w http.ResponseWriter, r *http.Request, body io.Reader, size int64, slow time.Duration,
) bool {
	pieces := int64(slowPieces)
	if slow <= 0 {
		pieces = 1
	}

	flusher := http.NewResponseController(w)

	var (
		sent   int64
		waited time.Duration
	)

	for i := range pieces {
		if i > 0 {
			until := slow * time.Duration(i) / time.Duration(pieces-1)
			if !s.pause(r.Context(), until-waited) {
				return false
			}

			waited = until
		}

		// Rounding up gives the first piece of a short body at least one byte.
		upTo := (size*(i+1) + pieces - 1) / pieces
		if _, err := io.CopyN(w, body, upTo-sent); err != nil {
			return false
		}

		sent = upTo

		_ = flusher.Flush() // A writer that can't flush sends the pieces later.
	}

	return true
}

// filler is an endless reader of one letter.
type filler struct{}

func (filler) Read(p []byte) (int, error) {
	for n := copy(p, "a"); n < len(p); n *= 2 {
		copy(p[n:], p[:n])
	}

	return len(p), nil
}
