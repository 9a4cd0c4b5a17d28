// Package modelarts is a client of the visualization-job API of ModelArts on Open Telekom Cloud. It doesn't depend on Terraform.
//
// The facts about the API are from the public API reference (docs.otc.t-systems.com, "Training Management (Old Version)") and from the
// client of Open Telekom Cloud (opentelekomcloud/python-otcextensions). Where the two differ, a comment has the decision.
package modelarts

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/opentelekomcloud-community/terraform-provider-modelarts/internal/httpclient"
	"github.com/opentelekomcloud-community/terraform-provider-modelarts/internal/sanitize"
)

const (
	// DefaultMaxRetries is the default number of retries of a request.
	DefaultMaxRetries = 5

	// DefaultMaxConcurrentRequests equals the default parallelism of Terraform.
	DefaultMaxConcurrentRequests = 10

	maxRetryWait = 30 * time.Second

	jsonContentType = "application/json"
)

// Options configure a Client.
type Options struct {
	UserAgent string // header of every request
	// MaxRetries is the maximum number of retries of one request after 5xx or a broken connection. After 429, a request is repeated until
	// its context ends; see httpclient/throttle.go.
	MaxRetries            int
	MaxConcurrentRequests int                                       // other requests and retries wait; DefaultMaxConcurrentRequests if 0
	OnAttempt             func(context.Context, httpclient.Attempt) // called after every attempt of every request; nil for none
	Redactor              *sanitize.Redactor                        // removes credentials from errors and Attempts
	AuthHint              func(http.Header) string                  // returns Error.AuthHint for the header of the response; nil for none
}

// Client sends requests to the API for one project. It is safe for concurrent use.
type Client struct {
	baseURL string
	host    string
	options Options
	http    *http.Client
	lists   chan struct{} // has an element for each list that is being read
}

// NewClient returns a client for a project. The endpoint can be with or without /v1, the project ID and a trailing slash. The transport
// adds the credentials to each request.
func NewClient(endpoint *url.URL, projectID string, transport http.RoundTripper, options Options) *Client {
	return &Client{
		baseURL: baseURL(endpoint, projectID),
		host:    endpoint.Host,
		options: options,
		lists:   make(chan struct{}, maxLists),
		http: httpclient.New(httpclient.Config{
			Transport:     transport,
			Redactor:      options.Redactor,
			OnAttempt:     options.OnAttempt,
			MaxRetries:    options.MaxRetries,
			MaxRetryWait:  maxRetryWait,
			MaxSize:       maxSize,
			MaxConcurrent: cmp.Or(options.MaxConcurrentRequests, DefaultMaxConcurrentRequests),
		}),
	}
}

// baseURL returns the beginning of the URL of all requests of a project, …/v1/{project_id}, without a trailing slash.
func baseURL(endpoint *url.URL, projectID string) string {
	path := strings.TrimRight(endpoint.Path, "/")
	path = strings.TrimSuffix(path, "/"+projectID)
	path = strings.TrimSuffix(path, "/v1")
	return (&url.URL{Scheme: endpoint.Scheme, Host: endpoint.Host, Path: path + "/v1/" + projectID}).String()
}

// send sends one request, with retries, and returns the decoded response. The body of the request is the JSON of in, or empty if in is nil.
// An error of decode means that the response can't be used. The error of send is an *Error for an error response, a
// *NoResponseError without one, or another error if the request can't be created.
func send[T any](ctx context.Context, c *Client, method, path string, in any, decode func(*http.Response, []byte) (T, error)) (decoded T, _ error) {
	operation, _, _ := strings.Cut(method+" "+path, "?")
	var body io.Reader // A nil *bytes.Reader would not be a nil io.Reader.
	if in != nil {
		encoded, err := json.Marshal(in)
		if err != nil {
			return decoded, fmt.Errorf("encode the request %s: %w", operation, err)
		}
		body = bytes.NewReader(encoded)
	}
	var result error // of the last response
	ctx = httpclient.WithDecoder(ctx, func(resp *http.Response, body []byte) error {
		var err error
		if result = c.decodeError(operation, resp, body); result == nil {
			decoded, err = decode(resp, body)
		}
		if err != nil {
			result = c.unusableResponse(operation, resp.Header, fmt.Errorf("HTTP %d with an unusable body: %w", resp.StatusCode, err))
		}
		if err != nil && method == http.MethodGet { // Another request can have been processed, so it isn't repeated.
			return result
		}
		return nil
	})
	req, err := http.NewRequestWithContext(ctx, method, c.baseURL+path, body)
	if err != nil {
		return decoded, fmt.Errorf("create the request %s: %w", operation, err)
	}
	req.Header.Set("Accept", jsonContentType)
	req.Header.Set("Content-Type", jsonContentType)
	req.Header.Set("User-Agent", c.options.UserAgent)

	resp, err := c.http.Do(req)
	if err != nil {
		return decoded, c.noResponse(ctx, operation, result, err)
	}
	defer resp.Body.Close() // The body is in memory, so this can't fail.
	return decoded, result
}

// noResponse returns the *NoResponseError of a request that ended with err. The result is that of its last response.
func (c *Client) noResponse(ctx context.Context, operation string, result, err error) error {
	if unusable, ok := errors.AsType[*NoResponseError](err); ok {
		return unusable
	}
	if failure, ok := errors.AsType[*url.Error](err); ok {
		err = failure.Err // The operation and the host are separate facts.
	}
	none := &NoResponseError{Operation: operation, Host: c.host, Err: c.options.Redactor.Error(err)}
	if failure, ok := errors.AsType[*httpclient.NoResponseError](err); ok {
		none.Sent, none.Last = failure.Sent, cmp.Or(failure.Last, result)
	}
	if end := ctx.Err(); errors.Is(err, end) {
		none.Err = end
	} else if !IsThrottled(err) {
		none.Last = nil
	}
	return none
}

// maxSize returns the maximum size in bytes of the body of a response.
func maxSize(req *http.Request) int {
	if req.Method == http.MethodGet && strings.HasSuffix(req.URL.Path, visualizationJobsPath) {
		return maxListSize
	}
	return maxJobSize
}

// confirm decodes a response that contains only a confirmation. An empty body can be a truncated one, so only HTTP 204 needs no body.
func confirm(resp *http.Response, body []byte) (_ struct{}, err error) {
	if resp.StatusCode == http.StatusNoContent {
		return struct{}{}, nil
	}
	var response struct {
		IsSuccess json.RawMessage `json:"is_success"`
	}
	if err = json.Unmarshal(body, &response); err == nil && !isFlag(response.IsSuccess, "true") {
		err = errors.New("is_success is missing")
	}
	return struct{}{}, err
}

// isFlag reports whether a boolean, which can be a string in JSON, has a value. An unexpected value doesn't hide the rest of a response.
func isFlag(flag json.RawMessage, value string) bool { return strings.EqualFold(unquote(flag), value) }

// unquote returns a JSON string, number or boolean without quotation marks, and "" for null.
func unquote(value json.RawMessage) string {
	if string(value) == "null" {
		return ""
	}
	return string(bytes.Trim(value, `"`))
}
