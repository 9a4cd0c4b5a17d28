package modelarts

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"

	"github.com/opentelekomcloud-community/terraform-provider-modelarts/internal/auth"
	"github.com/opentelekomcloud-community/terraform-provider-modelarts/internal/httpclient"
	"github.com/opentelekomcloud-community/terraform-provider-modelarts/internal/sanitize"
)

// Error codes that decide something. The API reference's page "Error Codes" has them all.
const (
	codeInternal       = "ModelArts.0010"
	codeStatus         = "ModelArts.0105" // not possible in this status, when it refuses a change
	codeWrongProject   = "ModelArts.2786" // with HTTP 404: the project of the URL isn't the token's
	codePath           = "ModelArts.2836" // with HTTP 404: it does not name the path
	servicePrefix      = "ModelArts."
	gatewayPrefix      = "APIGW."
	olderGatewayPrefix = "APIG."
)

// parameterCodes refuse the form or the value of a parameter.
var parameterCodes = []sanitize.Text{
	"ModelArts.0101", "ModelArts.0104", "ModelArts.0107", "ModelArts.1120",
	"ModelArts.2763", "ModelArts.2764", "ModelArts.2781", "ModelArts.2787", "ModelArts.2788", "ModelArts.2789",
	"ModelArts.2790", "ModelArts.2816", "ModelArts.2825", "ModelArts.2826", "ModelArts.2840",
}

// deniedCodes refuse the credentials, whatever the HTTP status is.
var deniedCodes = []sanitize.Text{
	"ModelArts.0108", "ModelArts.0112", "ModelArts.0201", "ModelArts.0202", "ModelArts.0203", "ModelArts.0204",
	"ModelArts.0207", "ModelArts.0210", "ModelArts.0212", "ModelArts.2784", codeWrongProject,
	"ModelArts.2823", "ModelArts.2837", "ModelArts.2838",
	"APIGW.0301", "APIGW.0302", "APIGW.0307", "APIGW.1009", "APIGW.2201",
}

// Diagnostics and logs show texts of a response. These limits are in bytes, and above anything that is
// documented.
const (
	maxMessageSize = 1000
	maxCodeSize    = 100
)

// Error is a response of the API, of its gateway or of IAM that refuses a request.
type Error struct {
	Operation  string        // method and path, such as "POST /visualization-jobs/197/stop"
	Code       sanitize.Text // such as ModelArts.0105; empty if the response has none
	Message    sanitize.Text // the service's own words; empty if the response has none
	StatusCode int           // HTTP status; 200 is possible
	RequestID  sanitize.Text
	AuthHint   string // the remedy if the response refuses the credentials; see WithAuthHint
	// Unclear is true if the service might have processed the request, although StatusCode
	// denies it.
	Unclear bool
}

// Error implements error.
func (e *Error) Error() string { return e.Operation + ": " + e.details() }

// details returns the error without the operation.
func (e *Error) details() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s (", cmp.Or(e.Message, "no message"))
	if e.Code != "" {
		fmt.Fprintf(&b, "%s, ", e.Code)
	}
	fmt.Fprintf(&b, "HTTP %d", e.StatusCode)
	if e.RequestID != "" {
		fmt.Fprintf(&b, ", request %s", e.RequestID)
	}
	b.WriteString(")")
	return b.String()
}

// NoResponseError means that there is no usable response: no connection, a broken connection, a
// timeout, or a response that can't be decoded.
type NoResponseError struct {
	Operation string
	RequestID sanitize.Text // if an unusable response had one
	Sent      bool          // whether the request can have reached the service
	Err       error
	// Last is the error of the attempt before, if Err is the end of the context: an *Error for a response,
	// or the reason why there was none. It is nil if no attempt ended. It is shown and not unwrapped,
	// because the request ended with Err.
	Last error
}

// Error implements error.
func (e *NoResponseError) Error() string {
	text := fmt.Sprintf("%s: %v", e.Operation, e.Err)
	if e.RequestID != "" {
		text += fmt.Sprintf(" (request %s)", e.RequestID)
	}
	if e.Last == nil {
		return text
	}
	before := e.Last.Error()
	if response, ok := errors.AsType[*Error](e.Last); ok {
		before = response.details()
	}
	return text + "; the previous attempt: " + before
}

// Unwrap returns the cause.
func (e *NoResponseError) Unwrap() error { return e.Err }

// ThrottledError is the cause in a *NoResponseError, whose Last is the refusal if the request itself was refused.
type ThrottledError = httpclient.ThrottledError

// IsThrottled reports whether err is a *ThrottledError.
func IsThrottled(err error) bool {
	_, ok := errors.AsType[*ThrottledError](err)
	return ok
}

// The predicates by kind of response:
//
//	                 429  5xx, 408, Unclear  another no  none usable  none, as not sent
//	MayHaveBeenDone  -    yes                -           yes          -
//	IsRefusal        yes  -                  yes         -            -
//	IsTemporary      yes  yes                -           yes          yes
//	IsOutage         yes  -                  -           -            yes
//	MayBeConflict    (*)  (*)                (*)         -            -
//
// (*) With the code or the HTTP status of a conflict; a refusal also without any code. A request that
// wasn't sent for lack of credentials is denied, and neither temporary nor an outage. Nor is a
// *ThrottledError, which lasts longer than the request has time. No Client returns a 429 itself: it
// repeats the request until the context ends.

// MayHaveBeenDone reports whether the service can have processed a request that ended with err: the
// response wasn't received, a gateway responded in place of the service, or the service failed on the
// way. A request that gets 429 is not processed.
func MayHaveBeenDone(err error) bool {
	if none, ok := errors.AsType[*NoResponseError](err); ok {
		return none.Sent
	}
	refusal, ok := errors.AsType[*Error](err)
	return ok && (refusal.Unclear || refusal.StatusCode >= http.StatusInternalServerError ||
		refusal.StatusCode == http.StatusRequestTimeout)
}

// IsRefusal reports whether err is an error response to an attempt that changed nothing. Only a PUT or a
// DELETE can have had an attempt before that was processed: no other change is repeated unless it was
// refused.
func IsRefusal(err error) bool {
	_, ok := errors.AsType[*Error](err)
	return ok && !MayHaveBeenDone(err)
}

// IsTemporary reports whether the same request can succeed a little later, whatever it is: there was no
// usable response, or the API couldn't serve it at the moment.
func IsTemporary(err error) bool {
	if _, ok := errors.AsType[*NoResponseError](err); ok {
		return !IsDenied(err) && !IsThrottled(err)
	}
	refusal, ok := errors.AsType[*Error](err)
	return ok && (MayHaveBeenDone(refusal) || refusal.StatusCode == http.StatusTooManyRequests)
}

// IsOutage reports whether any other request would fail as well at the moment: nothing could be sent, or
// there are too many requests. Other errors can be about the request itself.
func IsOutage(err error) bool {
	if none, ok := errors.AsType[*NoResponseError](err); ok {
		return !none.Sent && !IsDenied(err) && !IsThrottled(err)
	}
	refusal, ok := errors.AsType[*Error](err)
	return ok && refusal.StatusCode == http.StatusTooManyRequests
}

// IsNotFound reports whether err is the service's own word that the job does not
// exist. A 404 of the gateway, which does not know the API, or of something in
// between, is no proof; nor is one of the service that is about something else.
func IsNotFound(err error) bool {
	refusal, ok := errors.AsType[*Error](err)
	return ok && refusal.StatusCode == http.StatusNotFound && strings.HasPrefix(string(refusal.Code), servicePrefix) &&
		!hasCode(err, codeWrongProject, codePath)
}

// IsConflict reports whether err says that the job's status does not allow a change.
// Samples of requests that only read have the same code.
func IsConflict(err error) bool {
	refusal, ok := errors.AsType[*Error](err)
	return ok && !strings.HasPrefix(refusal.Operation, http.MethodGet+" ") &&
		(refusal.Code == codeStatus || refusal.StatusCode == http.StatusConflict)
}

// MayBeConflict reports whether the job's status can be the reason for err: it is a conflict, or a
// refusal without a code of the service or of its gateway.
func MayBeConflict(err error) bool {
	refusal, ok := errors.AsType[*Error](err)
	return ok && (IsConflict(err) || IsRefusal(err) && !refusal.isCoded())
}

// isUnclear reports whether a change might have happened. An internal error can come after the change,
// and the service returns errors of every kind with the statuses 200 and 400.
func (e *Error) isUnclear() bool {
	return e.Code == codeInternal && (e.StatusCode == http.StatusOK || e.StatusCode == http.StatusBadRequest)
}

// isCoded reports whether the error has a code of the service or of its gateway.
func (e *Error) isCoded() bool {
	return strings.HasPrefix(string(e.Code), servicePrefix) || strings.HasPrefix(string(e.Code), gatewayPrefix)
}

// IsParameterError reports whether err refuses the form or the value of a parameter.
func IsParameterError(err error) bool {
	return hasCode(err, parameterCodes...)
}

// IsDenied reports whether err is about the credentials and not about the request, so that it doesn't pass
// with time: IAM doesn't renew the token, an access key isn't tried again, or a proxy refuses the request.
func IsDenied(err error) bool {
	if _, ok := errors.AsType[*auth.ConfigError](err); ok {
		return true
	}
	if _, ok := errors.AsType[*auth.RefusedKeyError](err); ok || httpclient.IsRefusedByProxy(err) {
		return true
	}
	refusal, ok := errors.AsType[*Error](err)
	return ok && (refusal.StatusCode == http.StatusUnauthorized || refusal.StatusCode == http.StatusForbidden ||
		hasCode(err, deniedCodes...))
}

func hasCode(err error, codes ...sanitize.Text) bool {
	refusal, ok := errors.AsType[*Error](err)
	return ok && slices.Contains(codes, refusal.Code)
}

// errorEnvelope has the fields of all documented error shapes: ModelArts'
// (error_code, error_message), the gateway's (error_code, error_msg, request_id)
// and IAM's (error.code, error.message, error.title). A proxy's message is worth
// showing as well.
type errorEnvelope struct {
	IsSuccess    flag   `json:"is_success"`
	ErrorCode    text   `json:"error_code"`
	ErrorMessage text   `json:"error_message"`
	ErrorMsg     text   `json:"error_msg"`
	RequestID    text   `json:"request_id"`
	Error        iamErr `json:"error"`
	Message      text   `json:"message"`
}

type iamErr struct {
	Code    text `json:"code"`
	Message text `json:"message"`
	Title   text `json:"title"`
}

// UnmarshalJSON implements json.Unmarshaler. An "error" that is no object is its message.
func (e *iamErr) UnmarshalJSON(data []byte) error {
	if data[0] != '{' {
		return e.Message.UnmarshalJSON(data)
	}
	type plain iamErr
	return json.Unmarshal(data, (*plain)(e))
}

// decodeError returns the error of a response, or nil if it isn't an error response.
// is_success false is an error under any HTTP status, and so is an error code
// without is_success, which is how the details call fails.
func (c *Client) decodeError(operation string, resp *http.Response, body []byte) error {
	var envelope errorEnvelope
	unreadable := json.Unmarshal(body, &envelope)
	if resp.StatusCode <= 299 {
		switch {
		case envelope.IsSuccess == flagNo:
		case strings.HasPrefix(string(envelope.ErrorCode), "{") || strings.HasPrefix(string(envelope.ErrorCode), "["):
			return c.unusableBody(operation, resp, errors.New("error_code is not a string"))
		case envelope.ErrorCode != "":
		case envelope.IsSuccess == flagOdd:
			return c.unusableBody(operation, resp, errors.New("is_success is not a boolean"))
		default:
			return nil
		}
	}
	e := &Error{Operation: operation, StatusCode: resp.StatusCode, RequestID: httpclient.RequestID(c.redactor, resp.Header)}
	message := ""
	if unreadable == nil {
		code := string(cmp.Or(envelope.ErrorCode, envelope.Error.Code))
		if number, ok := strings.CutPrefix(code, olderGatewayPrefix); ok {
			code = gatewayPrefix + number
		}
		e.Code = c.redactor.Code(code, maxCodeSize)
		message = string(cmp.Or(envelope.ErrorMessage, envelope.ErrorMsg, envelope.Error.Message, envelope.Error.Title, envelope.Message))
		e.RequestID = cmp.Or(e.RequestID, c.redactor.Text(string(envelope.RequestID), httpclient.MaxRequestIDSize))
	}
	if resp.StatusCode >= 300 && resp.StatusCode <= 399 {
		message = "redirect not followed: the provider sends credentials only to the configured endpoint"
		if location, err := resp.Location(); err == nil {
			message += ", not to " + location.Host
		}
	}
	e.Message = c.redactor.Text(message, maxMessageSize)
	return e
}

// unusableResponse returns the error of a response that neither confirms nor refuses the request.
func (c *Client) unusableResponse(operation string, header http.Header, cause error) error {
	return &NoResponseError{Operation: operation, Sent: true, RequestID: httpclient.RequestID(c.redactor, header), Err: c.redactor.Error(cause)}
}

func (c *Client) unusableBody(operation string, resp *http.Response, cause error) error {
	return c.unusableResponse(operation, resp.Header,
		fmt.Errorf("HTTP %d with a body that isn't the expected JSON: %w", resp.StatusCode, cause))
}
