package httpclient

import (
	"context"
	"errors"
	"net/http"
)

type decodeKey struct{}

// WithDecoder returns a context for a request. decode is called with each response, whose body is in memory. Its error means that the
// response isn't usable, so that the request is repeated as after a broken connection.
func WithDecoder(ctx context.Context, decode func(*http.Response) error) context.Context {
	return context.WithValue(ctx, decodeKey{}, decode)
}

// decoder decodes each response, and records the error of each attempt that didn't end with the context.
type decoder struct{ next http.RoundTripper }

// RoundTrip implements http.RoundTripper.
func (t *decoder) RoundTrip(req *http.Request) (*http.Response, error) {
	ctx := req.Context()
	// The transport can send a request of its own with this context, such as one to IAM for a new token.
	resp, err := t.next.RoundTrip(req.WithContext(context.WithValue(ctx, decodeKey{}, nil)))
	if decode, ok := ctx.Value(decodeKey{}).(func(*http.Response) error); ok && err == nil {
		err = decode(resp)
	}
	if err == nil || !errors.Is(err, ctx.Err()) {
		exchangeFrom(ctx).last = err
	}
	if err != nil {
		return nil, err
	}
	return resp, nil
}
