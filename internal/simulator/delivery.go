package simulator

import (
	"io"
	"maps"
	"net/http"
	"strconv"
	"time"
)

// slowPieces is the number of pieces of a slow body.
const slowPieces = 10

// deliver sends the response to the client in the way that the fault defines. Without a fault, it
// sends the response completely and immediately.
func (s *Simulator) deliver(w http.ResponseWriter, r *http.Request, a *bufferedResponse, f Fault) {
	switch {
	case f.Hang:
		select {
		case <-r.Context().Done(): // The client is gone.
		case <-s.closing:
		}

		panic(http.ErrAbortHandler)
	case f.Drop:
		panic(http.ErrAbortHandler)
	case f.isStreamed():
		s.stream(w, r, a, f)
	default:
		a.open(w)
		_, _ = w.Write(a.body.Bytes()) // An error means that the client is gone.
	}
}

// open sends the status and the header.
func (a *bufferedResponse) open(w http.ResponseWriter) {
	maps.Copy(w.Header(), a.header)
	w.WriteHeader(a.status)
}

// stream sends a body that is truncated, slow or padded. If it can't send all of it, it cuts the
// connection, because a body without an announced length would seem to be complete.
func (s *Simulator) stream(w http.ResponseWriter, r *http.Request, a *bufferedResponse, f Fault) {
	own := int64(a.body.Len())
	size := max(own, f.Size)
	body := io.MultiReader(io.LimitReader(spaces{}, size-own), &a.body)

	// The length of a padded body isn't announced, because a client could reject the response by
	// its length and wouldn't read the body.
	if f.Size == 0 {
		a.header.Set("Content-Length", strconv.FormatInt(size, 10))
	}

	if f.Truncate {
		// net/http cuts a connection with less than the announced length, so one byte is missing
		// even from an empty body.
		a.header.Set("Content-Length", strconv.FormatInt(max(size, 1), 10))

		size /= 2
	}

	a.open(w)

	pieces := int64(1)
	if f.Slow > 0 {
		pieces = slowPieces
	}

	for i := range pieces {
		if i > 0 && !s.pause(r.Context(), f.Slow/time.Duration(pieces-1)) {
			panic(http.ErrAbortHandler)
		}

		if _, err := io.CopyN(w, body, size*(i+1)/pieces-size*i/pieces); err != nil {
			panic(http.ErrAbortHandler)
		}

		_ = http.NewResponseController(w).Flush() // A writer that can't flush sends the pieces later.
	}
}

// spaces is an endless reader of spaces, which JSON ignores.
type spaces struct{}

func (spaces) Read(p []byte) (int, error) {
	for n := copy(p, " "); n < len(p); n *= 2 {
		copy(p[n:], p[:n])
	}

	return len(p), nil
}
