package auth

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strings"

	"github.com/gophercloud/gophercloud/v2"

	"github.com/opentelekomcloud-community/terraform-provider-modelarts/internal/httpclient"
	"github.com/opentelekomcloud-community/terraform-provider-modelarts/internal/sanitize"
)

// Maximum lengths of the texts of a response, in bytes. They are longer than any documented text.
const (
	maxMessageSize = 1000
	maxCodeSize    = 100
)

// ConfigError is an error of the options. It was found before the first request, or explains an error response of IAM.
type ConfigError struct {
	Attribute string // at fault, in the provider block; empty if it isn't a single attribute
	Summary   string
	Detail    string
	Lacking   bool // whether the login needs a value that isn't set
}

func (e *ConfigError) Error() string { return e.Summary + ": " + e.Detail }

func missing(attribute, why, variables string) *ConfigError {
	return &ConfigError{
		Attribute: attribute, Lacking: true, Summary: "Missing " + attribute,
		Detail: fmt.Sprintf("%s Set %s in the provider block, or in the environment: %s.", why, attribute, variables),
	}
}

func invalid(attribute, format string, arguments ...any) *ConfigError {
	return &ConfigError{Attribute: attribute, Summary: "Invalid " + attribute, Detail: fmt.Sprintf(format, arguments...)}
}

// Sources has the origin of the value of each attribute, such as "OS_TOKEN". It is empty for an attribute that the provider block sets.
type Sources map[string]string

// Of returns a text such as " (from OS_TOKEN)" if the attribute has an origin, or "".
func (s Sources) Of(attribute string) string {
	if source := s[attribute]; source != "" {
		return " (from " + source + ")"
	}
	return ""
}

// Facts returns the facts of an error response, one on each line. It omits an empty code and an empty request ID. The request
// is its method and path, such as "GET /visualization-jobs/197".
func Facts(message, code sanitize.Text, status int, requestID sanitize.Text, request string) string {
	facts := []string{"API message: " + string(cmp.Or(message, "(no message)"))}
	if code != "" {
		facts = append(facts, "Error code: "+string(code))
	}
	facts = append(facts, fmt.Sprintf("HTTP status: %d", status))
	if requestID != "" {
		facts = append(facts, "Request ID: "+string(requestID))
	}
	return strings.Join(append(facts, "Request: "+request), "\n")
}

// ErrorBody is the JSON of an error response of ModelArts, of its gateway, of IAM or of some proxies. A field of another type is empty.
type ErrorBody struct {
	ErrorCode    string `json:"error_code"`    // of ModelArts and the gateway
	ErrorMessage string `json:"error_message"` // of ModelArts
	ErrorMsg     string `json:"error_msg"`     // of the gateway
	ID           string `json:"request_id"`    // of the gateway
	Error        struct {
		Code    string `json:"code"` // a number is the HTTP status
		Message string `json:"message"`
		Title   string `json:"title"`
	} `json:"error"` // of IAM
	Other string `json:"message"` // of a proxy
}

// Texts returns the texts of a response with the header. The prefix APIG of the code of an older gateway becomes APIGW.
func (b *ErrorBody) Texts(redactor *sanitize.Redactor, header http.Header) (message, code, requestID sanitize.Text) {
	raw := cmp.Or(b.ErrorCode, b.Error.Code)
	if number, ok := strings.CutPrefix(raw, "APIG."); ok {
		raw = "APIGW." + number
	}
	message = redactor.Text(cmp.Or(b.ErrorMessage, b.ErrorMsg, b.Error.Message, b.Error.Title, b.Other), maxMessageSize)
	requestID = cmp.Or(httpclient.RequestID(redactor, header), redactor.Text(b.ID, httpclient.MaxRequestIDSize))
	return message, redactor.Code(raw, maxCodeSize), requestID
}

// rejection returns the error of a 401 from the facts and the header of the response. The meaning of a 401 depends on the request.
type rejection func(facts string, header http.Header) *ConfigError

// explain returns the error that a user sees for a failed request to IAM.
func (o *Options) explain(err error, rejected rejection) error {
	response, ok := errors.AsType[gophercloud.ErrUnexpectedResponseCode](err)
	if !ok {
		return o.explainNoResponse(err)
	}
	var body ErrorBody
	_ = json.Unmarshal(response.Body, &body) // A field or a body of another form has no facts.
	header, authURL := response.ResponseHeader, "auth_url"+o.Sources.Of("auth_url")
	message, code, requestID := body.Texts(o.Redactor, header)
	facts := Facts(message, code, response.Actual, requestID, response.Method+" "+sanitize.Line(response.URL, maxMessageSize)) + "\n\n"
	switch status := response.Actual; {
	case status < http.StatusMultipleChoices:
		return o.noToken(fmt.Errorf("HTTP %d", status))
	case status == http.StatusUnauthorized:
		return rejected(facts, header)
	case status == http.StatusForbidden:
		return errors.New(facts + "IAM doesn't allow this request for the user. The user might be disabled, locked or limited to other addresses, or lack a permission. " +
			"Check the user in the IAM console. With an access key, set tenant_id (OS_PROJECT_ID), so that the provider doesn't request the projects.")
	case status == http.StatusNotFound || status < http.StatusBadRequest:
		return errors.New(facts + "IAM isn't at this address. Check " + authURL + ".")
	case status == http.StatusTooManyRequests || status >= http.StatusInternalServerError:
		if wait := httpclient.RetryAfter(header); wait > 0 {
			facts += fmt.Sprintf("IAM requires a pause of %s. ", wait)
		}
		return errors.New(facts + "IAM can't serve the request at the moment, and retries didn't help. Run the command again later. " +
			"If the error persists, give the request ID to Open Telekom Cloud support.")
	default:
		return errors.New(facts + "IAM couldn't interpret the request. Check " + authURL + ", and the names of the user, the domain and the project.")
	}
}

// explainNoResponse returns the error that a user sees if there is no response.
func (o *Options) explainNoResponse(err error) error {
	if failure, ok := errors.AsType[*httpclient.ProxyError](err); ok {
		return failure
	}
	text := o.Redactor.Error(err)
	if explained := httpclient.ExplainConnection(err, "IAM"); explained.Hint != "" {
		return &ConfigError{Attribute: explained.Attribute, Summary: explained.Summary, Detail: text.Error() + ".\n\n" + explained.Hint}
	}
	return fmt.Errorf("the provider received no usable response from IAM: %w. Check the network and auth_url%s, then run the command again",
		text, o.Sources.Of("auth_url"))
}

// noToken returns the error of a response without a usable token.
func (o *Options) noToken(err error) error {
	return fmt.Errorf("IAM returned no usable token (%w). Check that auth_url is the address of IAM, and that no proxy responds in its place", o.Redactor.Error(err))
}
