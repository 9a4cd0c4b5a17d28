package httpclient

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"net/http"
)

// LimitError means that a response exceeds a memory limit. The client doesn't repeat the request, because the next response would be
// as large.
type LimitError string

// Error implements error.
func (e LimitError) Error() string { return string(e) }

// body reads the whole body of a response into memory. So a truncated response is an error that can be retried, and no response needs
// more memory than the limit.
type body struct {
	next    http.RoundTripper
	maxSize func(*http.Request) int
}

// RoundTrip implements http.RoundTripper.
func (t *body) RoundTrip(req *http.Request) (*http.Response, error) {
	resp, err := t.next.RoundTrip(req)
	if err != nil {
		return nil, err
	}
	if resp.StatusCode < http.StatusOK {
		// The data after a 101 isn't a body, and reading it wouldn't end with the context.
		return nil, errors.Join(fmt.Errorf("unexpected informational status %d", resp.StatusCode), resp.Body.Close())
	}
	defer resp.Body.Close() // After the last byte, an error has no effect.
	limit := t.maxSize(req)
	data, err := io.ReadAll(io.LimitReader(resp.Body, int64(limit)+1))
	switch {
	case len(data) > limit:
		return nil, LimitError(fmt.Sprintf("the response is larger than %d KiB", limit>>10))
	case err != nil && resp.StatusCode != http.StatusTooManyRequests: // The status and the header of a 429 are enough.
		return nil, fmt.Errorf("the response is incomplete: %w", err)
	}
	resp.Body = &content{bytes.NewReader(data), data}
	return resp, nil
}

// content is the body of a response in memory.
type content struct {
	*bytes.Reader
	data []byte
}

// Close implements io.Closer.
func (*content) Close() error { return nil }

// Content returns the body of a response from a client of this package. It doesn't change the position of the reader. For other
// responses, it returns nil.
func Content(resp *http.Response) []byte {
	c, ok := resp.Body.(*content)
	if !ok {
		return nil
	}
	return c.data
}
