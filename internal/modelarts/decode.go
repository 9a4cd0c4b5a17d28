package modelarts

import (
	"context"
	"errors"
	"net/http"
)

// decoding has the facts that decoder learns about one request.
type decoding struct {
	operation string
	decode    func(*http.Response) error // decodes a response, or returns the error of an error response
	result    error                      // of decode, for the last response
	last      error                      // of the last attempt that didn't end with the context
}

type decodingKey struct{}

func withDecoding(ctx context.Context, x *decoding) context.Context {
	return context.WithValue(ctx, decodingKey{}, x)
}

// decodingFrom returns the decoding that Client.do put into the context.
func decodingFrom(ctx context.Context) *decoding {
	x, _ := ctx.Value(decodingKey{}).(*decoding)
	return x
}

// decoder decodes each response. If the response to a GET isn't usable, such as the HTML page of a proxy, it returns an error that can be
// retried.
type decoder struct{ next http.RoundTripper }

// RoundTrip implements http.RoundTripper.
func (t decoder) RoundTrip(req *http.Request) (*http.Response, error) {
	ctx := req.Context()
	x := decodingFrom(ctx)
	resp, err := t.next.RoundTrip(req)
	if err != nil {
		if ctx.Err() == nil || !errors.Is(err, ctx.Err()) {
			x.last = err
		}
		return nil, err
	}
	x.result = x.decode(resp)
	x.last = x.result
	if unusable, ok := errors.AsType[*NoResponseError](x.result); ok {
		x.last = unusable.Err // without the operation
		if req.Method == http.MethodGet {
			return nil, unusable
		}
	}
	return resp, nil
}

// maxSize returns the maximum size in bytes of the body of a response.
func maxSize(req *http.Request) int {
	if decodingFrom(req.Context()).operation == listOperation {
		return maxPageSize
	}
	return maxJobSize
}
