// Package httpclient sends requests to ModelArts and to IAM. New assembles a chain of round-trippers,
// each of which does one thing and has a file of its own.
package httpclient

import (
	"context"
	"net/http"
	"time"

	"github.com/opentelekomcloud-community/terraform-provider-modelarts/internal/sanitize"
)

// Config says in what the chains of the two services differ.
type Config struct {
	Transport        http.RoundTripper                         // adds the credentials and sends a request
	Decode           func(http.RoundTripper) http.RoundTripper // returns a round-tripper that decodes each response; nil for none
	Redactor         *sanitize.Redactor                        // removes credentials from errors and request IDs
	OnCall           func(context.Context, Call)               // is called after every attempt; nil for none
	MaxRetries       int                                       // of one request, not counting those after a 429
	MaxRetryWait     time.Duration                             // between two attempts, unless the service asks for more
	IsPostIdempotent bool                                      // whether a POST can be repeated as well
	MaxSize          func(*http.Request) int                   // returns the maximum size of a response body in bytes
	Throttle         *Throttle                                 // for all requests together; nil if each waits for itself
}

// New returns a client whose requests pass, from the outside in:
//
//	exchange      keeps what is known of a request over all its attempts
//	retry         repeats a request after a broken connection and a 5xx
//	throttled     waits for its turn, and repeats a request after a 429; or patience, without a Throttle
//	Decode        decodes the response
//	callLog       reports the attempt, and removes credentials from its error
//	timeout       ends an attempt that takes too long
//	body          reads the body of the response, up to a limit
//	redirect      has the client return a redirect instead of following it
//	sent          records whether the server can have received the request
//	Transport     adds the credentials and sends the request
//
// The body of a response is in memory; see Content.
func New(c Config) *http.Client {
	chain := http.RoundTripper(&sent{c.Transport})
	chain = &redirect{chain}
	chain = &body{chain, c.MaxSize}
	chain = &timeout{chain}
	chain = &callLog{chain, c.Redactor, c.OnCall}
	if c.Decode != nil {
		chain = c.Decode(chain)
	}
	if c.Throttle != nil {
		chain = &throttled{chain, c.Throttle}
	} else {
		chain = &patience{chain}
	}
	return withoutRedirects(&exchanger{newRetry(chain, &c)})
}
