package modelarts

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/opentelekomcloud-community/terraform-provider-modelarts/internal/auth"
	"github.com/opentelekomcloud-community/terraform-provider-modelarts/internal/sanitize"
)

// Error codes that decide something. The API reference's page "Error Codes" has them all.
const (
	codeInternal       = "ModelArts.0010"
	codeStatus         = "ModelArts.0105" // not possible in this status, when it refuses a change
	codeWrongProject   = "ModelArts.2786" // with HTTP 404: the project of the URL isn't the token's
	codePath           = "ModelArts.2836" // with HTTP 404: not said of which path
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

// deniedCodes are about who sends the request, whatever HTTP status they come with.
var deniedCodes = []sanitize.Text{
	"ModelArts.0108", "ModelArts.0112", "ModelArts.0201", "ModelArts.0202", "ModelArts.0203", "ModelArts.0204",
	"ModelArts.0207", "ModelArts.0210", "ModelArts.0212", "ModelArts.2784", codeWrongProject,
	"ModelArts.2823", "ModelArts.2837", "ModelArts.2838",
	"APIGW.0301", "APIGW.0302", "APIGW.0307", "APIGW.1009", "APIGW.2201",
}

// What an answer says is shown in diagnostics and logs. These bounds are in bytes,
// and above anything that is documented.
const (
	longestMessage = 1000
	longestCode    = 100
)

// Error is a response of the API, of its gateway or of IAM that refuses a request.
type Error struct {
	Operation  string        // method and path, such as "POST /visualization-jobs/197/stop"
	Code       sanitize.Text // such as ModelArts.0105; empty if the response has none
	Message    sanitize.Text // the service's own words; empty if the response has none
	StatusCode int           // HTTP status; 200 is possible
	RequestID  sanitize.Text
	Advice     string // what a refusal of the credentials means for these; see WithAdvice
	// Unclear is true when the call may have been done, although StatusCode says
	// that it was not.
	Unclear bool
}

// Error implements error.
func (e *Error) Error() string { return e.Operation + ": " + e.said() }

// said is the error without the operation.
func (e *Error) said() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s (", cmp.Or(e.Message, "refused without a message"))
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

// NoAnswerError means that the API gave no answer that can be used: no
// connection, a connection that broke, a timeout, or an answer that cannot be read.
type NoAnswerError struct {
	Operation string
	RequestID sanitize.Text // when an unreadable answer had one
	Sent      bool          // whether the request can have reached the service
	Err       error
	// Last is what the attempt before ended with, when Err is the end of the
	// context: *Error for an answer, or why there was none. It is nil when no
	// attempt came to an end. It is shown and not unwrapped: the call ended with Err.
	Last error
}

// Error implements error.
func (e *NoAnswerError) Error() string {
	text := fmt.Sprintf("%s: %v", e.Operation, e.Err)
	if e.RequestID != "" {
		text += fmt.Sprintf(" (request %s)", e.RequestID)
	}
	if e.Last == nil {
		return text
	}
	before := e.Last.Error()
	if answer, ok := errors.AsType[*Error](e.Last); ok {
		before = answer.said()
	}
	return text + "; the attempt before: " + before
}

// Unwrap returns the cause.
func (e *NoAnswerError) Unwrap() error { return e.Err }

// ThrottledError means that the service refuses requests, because there are too many, for
// longer than the request has time. It is the cause in a *NoAnswerError, whose Last is
// the refusal if the request itself was refused.
type ThrottledError struct {
	Wait time.Duration // until requests are accepted again
}

// Error implements error.
func (e *ThrottledError) Error() string {
	return fmt.Sprintf("there are too many requests, and none is accepted for %s", e.Wait.Round(time.Second))
}

// IsThrottled reports whether err is a *ThrottledError.
func IsThrottled(err error) bool {
	_, ok := errors.AsType[*ThrottledError](err)
	return ok
}

// What these say of an answer, or of none:
//
//	                 429  5xx, 408, Unclear  another no  none usable  none, as not sent
//	MayHaveBeenDone  -    yes                -           yes          -
//	IsRefusal        yes  -                  yes         -            -
//	IsTemporary      yes  yes                -           yes          yes
//	IsOutage         yes  -                  -           -            yes
//	MayBeConflict    (*)  (*)                (*)         -            -
//
// (*) With the code or the HTTP status of a conflict; a refusal also without any code. What
// was not sent for lack of credentials is denied, and neither temporary nor an outage. Nor is
// a *ThrottledError, which time does not mend as long as there is any. A 429 itself reaches
// no caller of a Client: it is repeated until the context ends.

// MayHaveBeenDone reports whether a call that ended with err can have done its
// work all the same: the answer was lost, a gateway answered in its place, or the
// service failed on the way. 429 does not count: it is answered at the door.
func MayHaveBeenDone(err error) bool {
	if none, ok := errors.AsType[*NoAnswerError](err); ok {
		return none.Sent
	}
	refusal, ok := errors.AsType[*Error](err)
	return ok && (refusal.Unclear || refusal.StatusCode >= http.StatusInternalServerError ||
		refusal.StatusCode == http.StatusRequestTimeout)
}

// IsRefusal reports whether the API answered no, so that this attempt changed nothing.
// Only a PUT or a DELETE can have had an attempt before that was done: no other change
// is repeated unless it was refused.
func IsRefusal(err error) bool {
	_, ok := errors.AsType[*Error](err)
	return ok && !MayHaveBeenDone(err)
}

// IsTemporary reports whether the same call may succeed a little later, whatever
// it asks for: there was no usable answer, or the API could not serve it just now.
func IsTemporary(err error) bool {
	if _, ok := errors.AsType[*NoAnswerError](err); ok {
		return !IsDenied(err) && !IsThrottled(err)
	}
	refusal, ok := errors.AsType[*Error](err)
	return ok && (MayHaveBeenDone(refusal) || refusal.StatusCode == http.StatusTooManyRequests)
}

// IsOutage reports whether no other call would fare better just now: nothing could be
// sent, or there are too many calls. What else goes wrong may be about the call itself.
func IsOutage(err error) bool {
	if none, ok := errors.AsType[*NoAnswerError](err); ok {
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

// MayBeConflict reports whether the job's status can be what err is about: it says
// so, or it is a refusal that does not say in a code of the service or of its
// gateway what is wrong.
func MayBeConflict(err error) bool {
	refusal, ok := errors.AsType[*Error](err)
	return ok && (IsConflict(err) || IsRefusal(err) && !refusal.isCoded())
}

// isUnclear reports whether what was to be changed may have been all the same. An
// internal error can come after the change; 200 and 400 are the statuses under
// which the service words errors of every kind.
func (e *Error) isUnclear() bool {
	return e.Code == codeInternal && (e.StatusCode == http.StatusOK || e.StatusCode == http.StatusBadRequest)
}

// isCoded reports whether a code of the service or of its gateway says what is wrong.
func (e *Error) isCoded() bool {
	return strings.HasPrefix(string(e.Code), servicePrefix) || strings.HasPrefix(string(e.Code), gatewayPrefix)
}

// IsParameterError reports whether err refuses the form or the value of a parameter.
func IsParameterError(err error) bool {
	return hasCode(err, parameterCodes...)
}

// IsDenied reports whether err is about who asks and not about what is asked:
// time does not mend it. So is a token that IAM would not renew for the credentials,
// a key that is not tried again, and a request that a proxy refused.
func IsDenied(err error) bool {
	if _, ok := errors.AsType[*auth.ConfigError](err); ok {
		return true
	}
	if _, ok := errors.AsType[*auth.RefusedKeyError](err); ok || auth.IsRefusedByProxy(err) {
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

// decodeError returns the error that an answer is, or nil for one that is none.
// is_success false is an error under any HTTP status, and so is an error code
// without is_success, which is how the details call fails.
func (c *Client) decodeError(operation string, resp *http.Response, body []byte) error {
	var envelope errorEnvelope
	unreadable := json.Unmarshal(body, &envelope)
	if resp.StatusCode <= 299 {
		switch {
		case envelope.IsSuccess == flagNo:
		case strings.HasPrefix(string(envelope.ErrorCode), "{") || strings.HasPrefix(string(envelope.ErrorCode), "["):
			return c.unusableBody(operation, resp, errors.New("error_code is no text"))
		case envelope.ErrorCode != "":
		case envelope.IsSuccess == flagOdd:
			return c.unusableBody(operation, resp, errors.New("is_success is not a boolean"))
		default:
			return nil
		}
	}
	e := &Error{Operation: operation, StatusCode: resp.StatusCode, RequestID: auth.RequestID(c.redactor, resp.Header)}
	message := ""
	if unreadable == nil {
		code := string(cmp.Or(envelope.ErrorCode, envelope.Error.Code))
		if number, ok := strings.CutPrefix(code, olderGatewayPrefix); ok {
			code = gatewayPrefix + number
		}
		e.Code = c.redactor.Code(code, longestCode)
		message = string(cmp.Or(envelope.ErrorMessage, envelope.ErrorMsg, envelope.Error.Message, envelope.Error.Title, envelope.Message))
		e.RequestID = cmp.Or(e.RequestID, c.redactor.Text(string(envelope.RequestID), auth.LongestRequestID))
	}
	if resp.StatusCode >= 300 && resp.StatusCode <= 399 {
		message = "redirect refused: credentials are sent to the configured endpoint alone"
		if location, err := resp.Location(); err == nil {
			message += ", not to " + location.Host
		}
	}
	e.Message = c.redactor.Text(message, longestMessage)
	return e
}

// unusableAnswer is the error of an answer that is neither a no nor a yes to be relied on.
func (c *Client) unusableAnswer(operation string, header http.Header, cause error) error {
	return &NoAnswerError{Operation: operation, Sent: true, RequestID: auth.RequestID(c.redactor, header), Err: c.redactor.Error(cause)}
}

func (c *Client) unusableBody(operation string, resp *http.Response, cause error) error {
	return c.unusableAnswer(operation, resp.Header,
		fmt.Errorf("HTTP %d with a body that is not the expected JSON: %w", resp.StatusCode, cause))
}
