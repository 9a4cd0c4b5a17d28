package modelarts

import (
	"context"
	"errors"
	"net/http"
)

// exchange has the facts that decoder learns about one request.
type exchange struct {
	operation string
	decode    func(*http.Response) error // decodes a response, or returns the error of an error response
	result    error                      // of decode, for the last response
	last      error                      // of the last attempt that didn't end with the context
}

type exchangeKey struct{}

func withExchange(ctx context.Context, x *exchange) context.Context {
	return context.WithValue(ctx, exchangeKey{}, x)
}

// exchangeFrom returns the exchange that Client.do put into the context.
func exchangeFrom(ctx context.Context) *exchange {
	x, _ := ctx.Value(exchangeKey{}).(*exchange)
	return x
}

// decoder decodes each response. If the response to a GET isn't usable, such as the HTML page of a proxy, it returns an error that can be
// retried.
type decoder struct{ next http.RoundTripper }

// RoundTrip implements http.RoundTripper.
func (t decoder) RoundTrip(req *http.Request) (*http.Response, error) {
	ctx := req.Context()
	x := exchangeFrom(ctx)
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
	if exchangeFrom(req.Context()).operation == listOperation {
		return maxPageSize
	}
	return maxJobSize
}
