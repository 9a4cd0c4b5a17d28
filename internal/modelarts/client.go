// Package modelarts is a client of the visualization-job API of ModelArts on Open Telekom Cloud. It doesn't depend on Terraform.
//
// The facts about the API are from the public API reference (docs.otc.t-systems.com, "Training Management (Old Version)") and from the
// client of Open Telekom Cloud (opentelekomcloud/python-otcextensions). Where the two differ, a comment has the decision.
package modelarts

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/opentelekomcloud-community/terraform-provider-modelarts/internal/auth"
	"github.com/opentelekomcloud-community/terraform-provider-modelarts/internal/httpclient"
	"github.com/opentelekomcloud-community/terraform-provider-modelarts/internal/sanitize"
)

const (
	// DefaultMaxRetries is the default of WithMaxRetries.
	DefaultMaxRetries = 5

	// DefaultMaxConcurrentRequests is the default of WithMaxConcurrentRequests. It equals the default parallelism of Terraform.
	DefaultMaxConcurrentRequests = 10

	maxRetryWait = 30 * time.Second

	jsonContentType = "application/json"
)

// Client sends requests to the API for one project. It is safe for concurrent use.
type Client struct {
	baseURL   string
	chain     httpclient.Config
	http      *http.Client
	lists     chan struct{} // has an element for each list that is being read
	userAgent string
	redactor  *sanitize.Redactor
	authHint  func(http.Header) string
}

// Option configures a Client in NewClient.
type Option func(*Client)

// WithUserAgent sets the User-Agent header of every request.
func WithUserAgent(userAgent string) Option {
	return func(c *Client) { c.userAgent = userAgent }
}

// WithMaxRetries sets the maximum number of retries of one request after 5xx or a broken connection. After 429, a request is repeated until
// its context ends; see httpclient.Throttle.
func WithMaxRetries(n int) Option {
	return func(c *Client) { c.chain.MaxRetries = n }
}

// WithMaxConcurrentRequests sets the maximum number of concurrent requests, at least 1. Other requests and retries wait.
func WithMaxConcurrentRequests(n int) Option {
	return func(c *Client) { c.chain.Throttle = httpclient.NewThrottle(n) }
}

// WithRequestLog sets a function that the client calls after every attempt of every request.
func WithRequestLog(f func(context.Context, httpclient.Attempt)) Option {
	return func(c *Client) { c.chain.OnAttempt = f }
}

// WithRedactor sets the Redactor that removes credentials from errors and Attempts.
func WithRedactor(redactor *sanitize.Redactor) Option {
	return func(c *Client) { c.redactor = redactor }
}

// WithAuthHint sets the function that returns Error.AuthHint. The client calls it with the header of a response that rejects the
// credentials.
func WithAuthHint(f func(header http.Header) string) Option {
	return func(c *Client) { c.authHint = f }
}

// NewClient returns a client for a project. The endpoint can be with or without /v1, the project ID and a trailing slash. The transport
// adds the credentials to each request.
func NewClient(endpoint *url.URL, projectID string, transport http.RoundTripper, options ...Option) *Client {
	c := &Client{
		baseURL:  baseURL(endpoint, projectID),
		lists:    make(chan struct{}, maxLists),
		authHint: func(http.Header) string { return "" },
		chain: httpclient.Config{
			Transport:    transport,
			Decode:       func(next http.RoundTripper) http.RoundTripper { return decoder{next} },
			MaxRetries:   DefaultMaxRetries,
			MaxRetryWait: maxRetryWait,
			MaxSize:      maxSize,
			Throttle:     httpclient.NewThrottle(DefaultMaxConcurrentRequests),
		},
	}
	for _, option := range options {
		option(c)
	}
	c.chain.Redactor = c.redactor
	c.http = httpclient.New(c.chain)
	return c
}

// baseURL returns the beginning of the URL of all requests of a project, …/v1/{project_id}, without a trailing slash.
func baseURL(endpoint *url.URL, projectID string) string {
	path := strings.TrimRight(endpoint.Path, "/")
	path = strings.TrimSuffix(path, "/"+projectID)
	path = strings.TrimSuffix(path, "/v1")
	base := *endpoint
	base.Path = path + "/v1/" + projectID
	base.RawPath, base.RawQuery, base.Fragment, base.ForceQuery = "", "", "", false
	return base.String()
}

// do sends one request, with retries, and returns the header of the response. It calls decode for the body of each response. An error of
// decode means that the response can't be used. If decode is nil, the response only has to confirm the request. The error is an *Error for
// an error response, or else a *NoResponseError.
func (c *Client) do(ctx context.Context, method, path string, query url.Values, in any, decode func(body []byte) error) (http.Header, error) {
	operation := method + " " + path
	target := c.baseURL + path
	if len(query) > 0 {
		target += "?" + query.Encode()
	}
	var body io.Reader // A nil *bytes.Reader would not be a nil io.Reader.
	if in != nil {
		encoded, err := json.Marshal(in)
		if err != nil {
			return nil, fmt.Errorf("encode the request %s: %w", operation, err)
		}
		body = bytes.NewReader(encoded)
	}
	x := &decoding{operation: operation}
	x.decode = func(resp *http.Response) error {
		return c.decodeResponse(operation, resp, httpclient.Content(resp), decode)
	}
	req, err := http.NewRequestWithContext(withDecoding(ctx, x), method, target, body)
	if err != nil {
		return nil, fmt.Errorf("create the request %s: %w", operation, err)
	}
	req.Header.Set("Accept", jsonContentType)
	req.Header.Set("Content-Type", jsonContentType)
	if c.userAgent != "" {
		req.Header.Set("User-Agent", c.userAgent)
	}

	resp, err := c.http.Do(req)
	if err != nil {
		return nil, noResponse(ctx, x, err)
	}
	defer resp.Body.Close() // The body is in memory, so this can't fail.
	if refusal, ok := errors.AsType[*Error](x.result); ok {
		refusal.Unclear = method != http.MethodGet && refusal.isUnclear()
		if auth.RefusesCredentials(refusal.StatusCode, string(refusal.Code)) {
			refusal.AuthHint = c.authHint(resp.Header)
		}
	}
	return resp.Header, x.result
}

// noResponse returns the *NoResponseError of a request that ended with err.
func noResponse(ctx context.Context, x *decoding, err error) error {
	if unusable, ok := errors.AsType[*NoResponseError](err); ok {
		return unusable
	}
	none := &NoResponseError{Operation: x.operation, Err: err}
	if failure, ok := errors.AsType[*httpclient.NoResponseError](err); ok {
		none.Sent = failure.Sent
	}
	if end := ctx.Err(); errors.Is(err, end) {
		none.Err, none.Last = end, x.last
	} else if IsThrottled(err) {
		none.Last = x.last
	}
	return none
}

// decodeResponse decodes a response, or returns the error of an error response. If decode is nil, the response has to confirm the request,
// because an empty body can be a truncated one.
func (c *Client) decodeResponse(operation string, resp *http.Response, body []byte, decode func([]byte) error) error {
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

// confirm decodes a response that contains only a confirmation.
func confirm(body []byte) error {
	var response struct {
		IsSuccess flag `json:"is_success"`
	}
	err := json.Unmarshal(body, &response)
	if err == nil && response.IsSuccess != flagYes {
		err = errors.New("is_success is missing")
	}
	return err
}
