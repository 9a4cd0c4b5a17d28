package httpclient

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
)

// LimitError means that a response exceeds a memory limit. The client doesn't repeat the request, because the next response would be
// as large.
type LimitError string

func (e LimitError) Error() string { return string(e) }

type decodeKey struct{}

// WithDecoder returns a context for a request. decode is called with each response and its body. Its error means that the response isn't
// usable, so that the request is repeated as after a broken connection.
func WithDecoder(ctx context.Context, decode func(resp *http.Response, body []byte) error) context.Context {
	return context.WithValue(ctx, decodeKey{}, decode)
}

// body reads the whole body of a response into memory, and decodes it. So a truncated response is an error that can be retried, and no
// response needs more memory than the limit.
type body struct {
	next    http.RoundTripper
	maxSize func(*http.Request) int
}

func (t *body) RoundTrip(req *http.Request) (*http.Response, error) {
	ctx := req.Context()
	// The transport can send a request of its own with this context, such as one to IAM for a new token.
	resp, err := t.next.RoundTrip(req.WithContext(context.WithValue(ctx, decodeKey{}, nil)))
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
	resp.Body = io.NopCloser(bytes.NewReader(data))
	if decode, ok := ctx.Value(decodeKey{}).(func(*http.Response, []byte) error); ok {
		if err := decode(resp, data); err != nil {
			return nil, err
		}
	}
	return resp, nil
}
