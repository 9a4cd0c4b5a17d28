// Package httpclient sends requests to ModelArts and to IAM. New assembles a chain of round-trippers,
// each of which does one thing and has a file of its own.
package httpclient

import (
	"context"
	"net/http"
	"time"

	"github.com/opentelekomcloud-community/terraform-provider-modelarts/internal/sanitize"
)

// Config has the settings that differ between the two services.
type Config struct {
	Transport        http.RoundTripper              // adds the credentials and sends a request
	Redactor         *sanitize.Redactor             // removes credentials from errors and request IDs
	OnAttempt        func(context.Context, Attempt) // called after every attempt; nil for none
	MaxRetries       int                            // of one request, without the retries after 429
	MaxRetryWait     time.Duration                  // between two attempts, unless Retry-After is longer
	IsPostIdempotent bool                           // whether a POST can be repeated
	MaxSize          func(*http.Request) int        // returns the maximum size of a response body in bytes
	MaxConcurrent    int                            // of attempts; all requests wait together after 429. 0 for no limit: each request waits by itself
}

// New returns a client. Each request passes these round-trippers, from the outermost to the innermost:
//
//	retry         repeats a request after a broken connection, a 5xx and a 429
//	throttle      waits for a free slot, and after a 429 for the end of the pause
//	requestLog    reports the attempt, and removes credentials from its error
//	timeout       ends an attempt that takes too long
//	body          reads the body of the response, up to a limit, and decodes it; see WithDecoder
//	sent          records whether the server can have processed the request
//	Transport     adds the credentials and sends the request
//
// The body of each response is in memory.
func New(c Config) *http.Client {
	chain := http.RoundTripper(&sent{c.Transport})
	chain = &body{chain, c.MaxSize}
	chain = &timeout{chain}
	chain = &requestLog{chain, c.Redactor, c.OnAttempt}
	if c.MaxConcurrent > 0 {
		chain = &throttle{next: chain, limit: c.MaxConcurrent}
	}
	return withoutRedirects(&retry{withoutRedirects(chain), &c})
}

// withoutRedirects returns a client that returns a redirect instead of following it. Neither API documents redirects, and credentials
// must not be sent to another host.
func withoutRedirects(next http.RoundTripper) *http.Client {
	return &http.Client{
		Transport:     next,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
}
