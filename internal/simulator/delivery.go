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

// slowPieces is how many pieces a slow body arrives in.
const slowPieces = 10

// What a body of a given size is made of when the fault has none: a JSON object
// with one long string.
const (
	sizedHead = `{"is_success": true, "padding": "`
	sizedTail = `"}`
)

// delivery is how an answer gets to the client; the zero value is all of it, at
// once.
type delivery struct {
	drop, hang, truncate bool
	slow                 time.Duration
	size                 int64 // of the body, in bytes; 0 is the size it has
}

// deliver gives the answer to the client, as far as it is to have it.
func (s *Simulator) deliver(w http.ResponseWriter, r *http.Request, a *answer) {
	switch d := a.delivery; {
	case d.hang:
		s.hang(r.Context())
		panic(http.ErrAbortHandler)
	case d.drop:
		panic(http.ErrAbortHandler)
	case d == delivery{}:
		a.open(w)
		_, _ = w.Write(a.body.Bytes()) // The client may have gone; there is nobody to tell.
	default:
		s.stream(w, r, a)
	}
}

// open sends the status and the header.
func (a *answer) open(w http.ResponseWriter) {
	maps.Copy(w.Header(), a.header)
	w.WriteHeader(a.status)
}

// hang waits until the client has gone, or the server is about to.
func (s *Simulator) hang(ctx context.Context) {
	select {
	case <-ctx.Done():
	case <-s.closing:
	}
}

// stream sends a body that is cut, slow or made up. When it ends early because
// the client has gone, the connection is cut: without an announced length the
// body would seem to be complete.
func (s *Simulator) stream(w http.ResponseWriter, r *http.Request, a *answer) {
	body, size := a.content()

	// The length of a sized body stays unknown unless it is to be cut: a client
	// that trusts an announced length would be spared the bytes.
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

	// A truncated answer needs no panic: net/http cuts a connection on which less
	// was sent than announced. A panic would lose what is not flushed yet, which
	// is everything when w cannot flush.
}

// content returns the body, and its size in bytes.
func (a *answer) content() (body io.Reader, size int64) {
	own := int64(a.body.Len())
	size = a.delivery.size

	switch {
	case size == 0 && own == 0 && a.delivery.truncate:
		return &a.body, 1 // A cut needs a byte that does not come.
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

// sendPieces sends so many bytes of the body over the time slow, and says
// whether it could.
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

		// Rounded up, so that the first piece of a short body is not empty.
		upTo := (size*(i+1) + pieces - 1) / pieces
		if _, err := io.CopyN(w, body, upTo-sent); err != nil {
			return false
		}

		sent = upTo

		// Not every writer can; then the pieces arrive when it pleases.
		_ = flusher.Flush()
	}

	return true
}

// filler reads as the same letter for ever.
type filler struct{}

func (filler) Read(p []byte) (int, error) {
	for n := copy(p, "a"); n < len(p); n *= 2 {
		copy(p[n:], p[:n])
	}

	return len(p), nil
}
