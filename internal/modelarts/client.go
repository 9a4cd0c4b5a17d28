// Package modelarts is a client of the visualization-job API of ModelArts on
// Open Telekom Cloud. It knows HTTP and the API's quirks, and no Terraform.
//
// The facts come from the public API reference (docs.otc.t-systems.com,
// "Training Management (Old Version)") and from the vendor's own client
// (opentelekomcloud/python-otcextensions). Where the two disagree, the comment
// on the code says what is done.
package modelarts

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"sync/atomic"
	"time"

	"github.com/hashicorp/go-retryablehttp"

	"github.com/opentelekomcloud-community/terraform-provider-modelarts/internal/auth"
	"github.com/opentelekomcloud-community/terraform-provider-modelarts/internal/sanitize"
)

const (
	// DefaultMaxRetries is how often one request is repeated when the caller sets nothing.
	DefaultMaxRetries = 5

	// DefaultMaxConcurrentRequests is how many requests are under way at a time when
	// the caller sets nothing: as many as Terraform works on at a time by default.
	DefaultMaxConcurrentRequests = 10

	// attemptTimeout bounds one attempt, from the dial to the last byte of the answer.
	attemptTimeout = time.Minute

	jsonContentType = "application/json"
)

// Client calls the API for one project. It is safe for concurrent use.
type Client struct {
	baseURL   string
	http      *retryablehttp.Client
	requests  atomic.Uint64 // made so far
	throttle  *throttle
	lists     chan struct{} // has an element for each list that is read
	userAgent string
	redactor  *sanitize.Redactor
	onCall    func(context.Context, auth.Call)
	advise    func(http.Header) string
}

// Option changes a Client while it is made.
type Option func(*Client)

// WithUserAgent sets the User-Agent header of every request.
func WithUserAgent(userAgent string) Option {
	return func(c *Client) { c.userAgent = userAgent }
}

// WithMaxRetries sets how often one request is repeated after 5xx or a broken
// connection; see retryPolicy for which requests are repeated at all. How long it is
// repeated after 429 depends on its context alone; see throttle.
func WithMaxRetries(n int) Option {
	return func(c *Client) { c.http.RetryMax = n }
}

// WithMaxConcurrentRequests sets how many requests are under way at a time, 1 or
// more. The others wait for their turn; so does one that is to be repeated.
func WithMaxConcurrentRequests(n int) Option {
	return func(c *Client) { c.throttle = newThrottle(n) }
}

// WithCallLog has f called after every attempt of every request.
func WithCallLog(f func(context.Context, auth.Call)) Option {
	return func(c *Client) { c.onCall = f }
}

// WithRedactor has redactor remove credentials from what the service says, before it is in an error
// or a Call.
func WithRedactor(redactor *sanitize.Redactor) Option {
	return func(c *Client) { c.redactor = redactor }
}

// WithAdvice has f, which is given the header of a response that refuses the credentials,
// say in Error.Advice what that means for those in use.
func WithAdvice(f func(answer http.Header) string) Option {
	return func(c *Client) { c.advise = f }
}

// NewClient makes a client for a project. The endpoint may be written with or without
// /v1, the project id and a trailing slash. The transport puts the credentials on each
// request.
func NewClient(endpoint *url.URL, projectID string, transport http.RoundTripper, options ...Option) *Client {
	c := &Client{
		baseURL:  baseURL(endpoint, projectID),
		throttle: newThrottle(DefaultMaxConcurrentRequests),
		lists:    make(chan struct{}, maxLists),
		onCall:   func(context.Context, auth.Call) {},
		advise:   func(http.Header) string { return "" },
	}
	c.http = &retryablehttp.Client{
		HTTPClient: &http.Client{
			Transport: &attemptTransport{next: transport, client: c},
			// The API documents no redirect, and credentials must not follow one.
			CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
		},
		RetryMax:     DefaultMaxRetries,
		RetryWaitMin: retryWaitMin,
		RetryWaitMax: retryWaitMax,
		CheckRetry:   retryPolicy,
		Backoff:      backoff,
		ErrorHandler: retryablehttp.PassthroughErrorHandler,
	}
	for _, option := range options {
		option(c)
	}
	return c
}

// Paused returns for how long in all the client has held requests back, because the
// service refused some with 429.
func (c *Client) Paused() time.Duration { return c.throttle.paused() }

// baseURL returns what all requests of a project begin with: …/v1/{project_id}, without
// a trailing slash.
func baseURL(endpoint *url.URL, projectID string) string {
	path := strings.TrimRight(endpoint.Path, "/")
	path = strings.TrimSuffix(path, "/"+projectID)
	path = strings.TrimSuffix(path, "/v1")
	base := *endpoint
	base.Path = path + "/v1/" + projectID
	base.RawPath, base.RawQuery, base.Fragment, base.ForceQuery = "", "", "", false
	return base.String()
}

// do sends one request. The answer is given to decode, perhaps more than once; its error
// is that the answer can't be used. A nil decode wants to be told yes. The returned
// header is that of the answer. Errors are *Error for an answer that says no, and
// *NoAnswerError for everything that is not a usable answer.
func (c *Client) do(ctx context.Context, method, path string, query url.Values, in any, decode func(body []byte) error) (http.Header, error) {
	operation := method + " " + path
	target := c.baseURL + path
	if len(query) > 0 {
		target += "?" + query.Encode()
	}
	var body any // nil must reach retryablehttp as an untyped nil
	if in != nil {
		encoded, err := json.Marshal(in)
		if err != nil {
			return nil, fmt.Errorf("encode the request %s: %w", operation, err)
		}
		body = encoded
	}
	x := &exchange{operation: operation, method: method, number: c.requests.Add(1)}
	var ok bool
	if x.deadline, ok = ctx.Deadline(); !ok {
		x.deadline = time.Now().Add(auth.MaxUnboundedWait)
	}
	x.decode = func(resp *http.Response) error { return c.decodeAnswer(operation, resp, x.answer, decode) }
	req, err := retryablehttp.NewRequestWithContext(withExchange(ctx, x), method, target, body)
	if err != nil {
		return nil, fmt.Errorf("make the request %s: %w", operation, err)
	}
	req.Header.Set("Accept", jsonContentType)
	req.Header.Set("Content-Type", jsonContentType)
	if c.userAgent != "" {
		req.Header.Set("User-Agent", c.userAgent)
	}

	resp, err := c.http.Do(req)
	if resp == nil {
		none := &NoAnswerError{Operation: operation, Sent: x.sent.Load(), Err: err}
		if errors.Is(err, ctx.Err()) || IsThrottled(err) {
			none.Last = x.last
		}
		return nil, none
	}
	defer resp.Body.Close() // empty: the content is in the exchange
	err = x.result
	if refusal, ok := errors.AsType[*Error](err); ok {
		refusal.Unclear = method != http.MethodGet && refusal.isUnclear()
		if auth.RefusesCredentials(refusal.StatusCode, string(refusal.Code)) {
			refusal.Advice = c.advise(resp.Header)
		}
	}
	return resp.Header, err
}

// decodeAnswer decodes an answer, or makes an error of it. Without decode only what says
// yes is taken for a yes: an empty body can be that of a lost answer.
func (c *Client) decodeAnswer(operation string, resp *http.Response, body []byte, decode func([]byte) error) error {
	if decode == nil && resp.StatusCode == http.StatusNoContent {
		return nil
	}
	if err := c.decodeError(operation, resp, body); err != nil {
		return err
	}
	if decode == nil {
		decode = confirm
	}
	if err := decode(body); err != nil {
		return c.unusableBody(operation, resp, err)
	}
	return nil
}

// confirm decodes the answer of a call that has nothing to tell but yes.
func confirm(body []byte) error {
	var answer struct {
		IsSuccess flag `json:"is_success"`
	}
	err := json.Unmarshal(body, &answer)
	if err == nil && answer.IsSuccess != flagYes {
		err = errors.New("is_success is missing")
	}
	return err
}
