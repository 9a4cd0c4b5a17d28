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

// Error codes on which decisions depend. The page "Error Codes" of the API reference has all codes.
const (
	codeInternal     = "ModelArts.0010"
	codeStatus       = "ModelArts.0105" // the status of the job doesn't allow the change
	codeWrongProject = "ModelArts.2786" // with HTTP 404: the project of the URL isn't the token's
	codePath         = "ModelArts.2836" // with HTTP 404: the path isn't one of the API
	servicePrefix    = "ModelArts."
	gatewayPrefix    = "APIGW."
)

// parameterCodes reject the form or the value of a parameter.
var parameterCodes = []sanitize.Text{
	"ModelArts.0101", "ModelArts.0104", "ModelArts.0107", "ModelArts.1120",
	"ModelArts.2763", "ModelArts.2764", "ModelArts.2781", "ModelArts.2787", "ModelArts.2788", "ModelArts.2789",
	"ModelArts.2790", "ModelArts.2816", "ModelArts.2825", "ModelArts.2826", "ModelArts.2840",
}

// deniedCodes reject the credentials or their permissions, with any HTTP status.
var deniedCodes = []sanitize.Text{
	"ModelArts.0108", "ModelArts.0112", "ModelArts.0201", "ModelArts.0202", "ModelArts.0203", "ModelArts.0204",
	"ModelArts.0207", "ModelArts.0210", "ModelArts.0212", "ModelArts.2784", codeWrongProject,
	"ModelArts.2823", "ModelArts.2837", "ModelArts.2838",
	"APIGW.0301", "APIGW.0302", "APIGW.0307", "APIGW.1009", "APIGW.2201",
}

// Error is an error response of the API, of its gateway or of IAM. A Client never returns a 429, because it repeats the request until the
// context ends.
type Error struct {
	Operation  string        // method and path, such as "POST /visualization-jobs/197/stop"
	Host       string        // of the endpoint
	Code       sanitize.Text // such as ModelArts.0105; empty if the response has none
	Message    sanitize.Text // message of the service; empty if the response has none
	StatusCode int           // HTTP status, which can be 200
	RequestID  sanitize.Text
	AuthHint   string // remedy if the response rejects the credentials; see Options.AuthHint
}

func (e *Error) Error() string {
	facts := fmt.Sprintf("HTTP %d", e.StatusCode)
	if e.Code != "" {
		facts = fmt.Sprintf("%s, %s", e.Code, facts)
	}
	if e.RequestID != "" {
		facts += fmt.Sprintf(", request %s", e.RequestID)
	}
	return fmt.Sprintf("%s: %s (%s)", e.Operation, cmp.Or(e.Message, "no message"), facts)
}

// NoResponseError means that there is no usable response: no connection, a broken connection, a
// timeout, or a response that can't be decoded.
type NoResponseError struct {
	Operation string
	Host      string        // of the endpoint
	RequestID sanitize.Text // of an unusable response; empty if there is none
	Sent      bool          // whether the service can have processed the request
	Err       error
	// Last is the error of the previous attempt if Err is the end of the context or a *ThrottledError: an *Error for an error
	// response, or the reason for no response. It is nil if no attempt ended. The text of the error contains it, but Unwrap doesn't
	// return it, because the request ended with Err.
	Last error
}

func (e *NoResponseError) Error() string {
	text := fmt.Sprintf("%s: %v", e.Operation, e.Err)
	if e.RequestID != "" {
		text += fmt.Sprintf(" (request %s)", e.RequestID)
	}
	if e.Last != nil {
		text += "; the previous attempt: " + strings.TrimPrefix(e.Last.Error(), e.Operation+": ")
	}
	return text
}

func (e *NoResponseError) Unwrap() error { return e.Err }

// ThrottledError is the cause of a *NoResponseError. Its Last is the 429 if the service rejected the request itself.
type ThrottledError = httpclient.ThrottledError

// IsThrottled reports whether err is a *ThrottledError.
func IsThrottled(err error) bool {
	_, ok := errors.AsType[*ThrottledError](err)
	return ok
}

// IsUncertain reports whether it is uncertain if the service processed a request that ended with err: the client received no response, a
// gateway responded instead of the service, or the service failed during the request.
func IsUncertain(err error) bool {
	if none, ok := errors.AsType[*NoResponseError](err); ok {
		return none.Sent
	}
	response, ok := errors.AsType[*Error](err)
	if !ok {
		return false
	}
	// An internal error can occur after the change, and the service returns all kinds of errors with the HTTP statuses 200 and 400.
	isInternal := response.isOfChange() && response.Code == codeInternal &&
		(response.StatusCode == http.StatusOK || response.StatusCode == http.StatusBadRequest)
	return isInternal || response.StatusCode >= http.StatusInternalServerError || response.StatusCode == http.StatusRequestTimeout
}

// IsRejection reports whether err is an error response that rejects the request, so that the attempt changed nothing. Only for a PUT or a
// DELETE can an earlier attempt have had an effect, because the client repeats no other change unless it was rejected.
func IsRejection(err error) bool {
	_, ok := errors.AsType[*Error](err)
	return ok && !IsUncertain(err)
}

// IsTemporary reports whether the same request can succeed soon, because there was no usable response, or because the API couldn't serve
// the request at that moment. It returns false for a *ThrottledError, because the pause lasts longer than the request has time.
func IsTemporary(err error) bool {
	if _, ok := errors.AsType[*NoResponseError](err); ok {
		return !IsDenied(err) && !IsThrottled(err)
	}
	return IsUncertain(err)
}

// IsOutage reports whether all requests would fail at the moment, because the client couldn't send the request. Other errors can be about
// the request itself.
func IsOutage(err error) bool { return IsTemporary(err) && !IsUncertain(err) }

// IsNotFound reports whether err is an error response of the service that the job doesn't exist. A 404 of the gateway or of a proxy is no
// proof of that, nor is a 404 of the service with a code about something else.
func IsNotFound(err error) bool {
	response, ok := errors.AsType[*Error](err)
	return ok && response.StatusCode == http.StatusNotFound && strings.HasPrefix(string(response.Code), servicePrefix) &&
		!hasCode(err, codeWrongProject, codePath)
}

// IsConflict reports whether err means that the status of the job doesn't allow a change. In samples of the API reference, requests that
// only read get the same code, so it returns false for a GET.
func IsConflict(err error) bool {
	response, ok := errors.AsType[*Error](err)
	return ok && response.isOfChange() &&
		(response.Code == codeStatus || response.StatusCode == http.StatusConflict)
}

// CanBeConflict reports whether the status of the job can be the reason for err: err is a conflict, or an error response without a code of
// the service or of its gateway.
func CanBeConflict(err error) bool {
	response, ok := errors.AsType[*Error](err)
	if !ok || IsConflict(err) {
		return ok
	}
	isCoded := strings.HasPrefix(string(response.Code), servicePrefix) || strings.HasPrefix(string(response.Code), gatewayPrefix)
	return IsRejection(err) && !isCoded
}

// isOfChange reports whether the request was to change a job.
func (e *Error) isOfChange() bool { return !strings.HasPrefix(e.Operation, http.MethodGet+" ") }

// IsParameterError reports whether err rejects the form or the value of a parameter.
func IsParameterError(err error) bool { return hasCode(err, parameterCodes...) }

// IsDenied reports whether err is about the credentials and not about the request, so that a later request would fail as well: IAM doesn't
// renew the token, the access key was rejected, or a proxy rejects the request.
func IsDenied(err error) bool {
	_, isConfig := errors.AsType[*auth.ConfigError](err)
	if isConfig || httpclient.IsRejectedByProxy(err) {
		return true
	}
	response, ok := errors.AsType[*Error](err)
	return ok && (response.StatusCode == http.StatusUnauthorized || response.StatusCode == http.StatusForbidden ||
		hasCode(err, deniedCodes...))
}

func hasCode(err error, codes ...sanitize.Text) bool {
	response, ok := errors.AsType[*Error](err)
	return ok && slices.Contains(codes, response.Code)
}

// decodeError returns the error of an error response, or nil for another response. is_success = false is an error with any HTTP status. So is
// an error code without is_success, which the API returns if it can't read a job.
func (c *Client) decodeError(operation string, resp *http.Response, body []byte) error {
	var content struct {
		auth.ErrorBody
		IsSuccess json.RawMessage `json:"is_success"`
	}
	_ = json.Unmarshal(body, &content) // A field of another type is empty, and the others aren't.
	if resp.StatusCode <= 299 && content.ErrorCode == "" && !isFlag(content.IsSuccess, "false") {
		return nil
	}
	if resp.StatusCode >= 300 && resp.StatusCode <= 399 {
		content.ErrorMessage = "redirect not followed: the provider sends credentials only to the configured endpoint"
		if location, err := resp.Location(); err == nil {
			content.ErrorMessage += ", not to " + location.Host
		}
	}
	message, code, requestID := content.Texts(c.options.Redactor, resp.Header)
	hint := ""
	if c.options.AuthHint != nil && auth.RejectsCredentials(resp.StatusCode, string(code)) {
		hint = c.options.AuthHint(resp.Header)
	}
	return &Error{
		Operation: operation, Host: c.host, StatusCode: resp.StatusCode, AuthHint: hint,
		Code: code, Message: message, RequestID: requestID,
	}
}

// unusableResponse returns the error of a response that is neither the expected one nor an error response.
func (c *Client) unusableResponse(operation string, header http.Header, cause error) error {
	return &NoResponseError{
		Operation: operation, Host: c.host, Sent: true, RequestID: httpclient.RequestID(c.options.Redactor, header), Err: c.options.Redactor.Error(cause),
	}
}
