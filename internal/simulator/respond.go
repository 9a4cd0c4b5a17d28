package simulator

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"time"
)

// maxBody is the most a request body may have, in bytes.
const maxBody = 1 << 20

const requestIDHeader = "X-Request-Id"

// Error codes that the simulator answers by itself; faults can answer any.
const (
	codeInternal         = "ModelArts.0010"
	codeInvalidArgument  = "ModelArts.0101"
	codeNoWorkspace      = "ModelArts.0102"
	codeParameter        = "ModelArts.0104"
	codeStatus           = "ModelArts.0105"
	codeGone             = "ModelArts.0015"
	codeForbidden        = "ModelArts.0108"
	codeInvalidToken     = "ModelArts.0203"
	codeQuota            = "ModelArts.0118"
	codeOtherProject     = "ModelArts.0210"
	codeUnknownJob       = "ModelArts.2775"
	codeRunQuota         = "ModelArts.2815"
	codeNoBucket         = "ModelArts.4311"
	codeNoAPI            = "APIGW.0101"
	codeRequest          = "APIGW.0201"
	codeUnauthenticated  = "APIGW.0301"
	codeTokenExpired     = "APIGW.0307"
	codeThrottled        = "APIGW.0308"
	gatewayCodePrefix    = "APIGW."
	oldGatewayCodePrefix = "APIG."
)

// apiError is a refusal: an HTTP status with the code and message that the body
// carries. IAM's refusals have no code.
type apiError struct {
	status        int
	code, message string
	shape         ErrorShape // the only one it comes in; empty is what the options say
}

func (e *apiError) Error() string {
	return strings.TrimSpace(e.code + " " + e.message)
}

func refusef(status int, code, format string, args ...any) *apiError {
	return &apiError{status: status, code: code, message: fmt.Sprintf(format, args...)}
}

// answer holds a response back until it is complete, so that the call is on
// record, and a fault has had its way, before the client sees the first byte.
type answer struct {
	status   int // 0 until something has been written
	header   http.Header
	body     bytes.Buffer
	delivery delivery
}

var _ http.ResponseWriter = (*answer)(nil)

func newAnswer(now time.Time, requestID string) *answer {
	a := &answer{header: make(http.Header)}
	a.header.Set("Date", now.UTC().Format(http.TimeFormat))
	a.header.Set(requestIDHeader, requestID)

	return a
}

func (a *answer) Header() http.Header { return a.header }

func (a *answer) WriteHeader(status int) {
	if a.status == 0 {
		a.status = status
	}
}

func (a *answer) Write(p []byte) (int, error) {
	a.WriteHeader(http.StatusOK)

	return a.body.Write(p)
}

// reset forgets what was answered, but for the headers every answer has.
func (a *answer) reset() {
	a.status = 0
	a.body.Reset()

	for name := range a.header {
		if name != "Date" && name != requestIDHeader {
			a.header.Del(name)
		}
	}
}

func writeJSON(w http.ResponseWriter, status int, v any) {
	body, err := json.Marshal(v)
	if err != nil {
		status, body = http.StatusInternalServerError, nil
	}

	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_, _ = w.Write(body) // Into memory, which does not fail.
}

// envelope is the shape of a ModelArts refusal, which differs between calls.
type envelope func(*apiError) any

type failure struct {
	IsSuccess    *bool  `json:"is_success,omitempty"`
	ErrorMessage string `json:"error_message"`
	ErrorCode    string `json:"error_code"`
}

// withSuccess is the shape of every call but the details.
func withSuccess(e *apiError) any {
	return failure{IsSuccess: new(bool), ErrorMessage: e.message, ErrorCode: e.code}
}

// withoutSuccess is the shape of the details call.
func withoutSuccess(e *apiError) any {
	return failure{ErrorMessage: e.message, ErrorCode: e.code}
}

type gatewayFailure struct {
	ErrorMsg  string `json:"error_msg"`
	ErrorCode string `json:"error_code"`
	RequestID string `json:"request_id"`
}

// isGateway says whether it is the gateway that refuses, and not what is behind.
func (e *apiError) isGateway() bool {
	return strings.HasPrefix(e.code, gatewayCodePrefix) || strings.HasPrefix(e.code, oldGatewayCodePrefix)
}

func writeGatewayFailure(w http.ResponseWriter, e *apiError) {
	writeJSON(w, e.status, gatewayFailure{
		ErrorMsg: e.message, ErrorCode: e.code, RequestID: w.Header().Get(requestIDHeader),
	})
}

type identityFailure struct {
	Error identityFailureBody `json:"error"`
}

type identityFailureBody struct {
	Code    int    `json:"code"`
	Message string `json:"message"`
	Title   string `json:"title"`
}

// writeIdentityFailure answers a refusal of IAM.
func writeIdentityFailure(w http.ResponseWriter, e *apiError) {
	writeJSON(w, e.status, identityFailure{identityFailureBody{
		Code: e.status, Message: e.message, Title: http.StatusText(e.status),
	}})
}

// asAPIError finds the refusal in err; anything else is a defect of the
// simulator and shown as the service would show one of its own.
func asAPIError(err error) *apiError {
	if e, ok := errors.AsType[*apiError](err); ok {
		return e
	}

	return refusef(http.StatusInternalServerError, codeInternal, "Internal error: %v", err)
}

func noSuchAPI(w http.ResponseWriter, r *http.Request) {
	writeGatewayFailure(w, refusef(http.StatusNotFound, codeNoAPI,
		"The API does not exist or is not published in this environment: %s %s", r.Method, r.URL.Path))
}

func noIdentityResource(_ http.ResponseWriter, r *http.Request, _ time.Time) error {
	return refusef(http.StatusNotFound, "", "Nothing is found at %s %s.", r.Method, r.URL.Path)
}

// readBody reads the whole body, up to the limit, and puts it back.
func readBody(w http.ResponseWriter, r *http.Request) ([]byte, error) {
	if r.Body == nil {
		r.Body = http.NoBody
	}

	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxBody))
	if err != nil {
		return nil, fmt.Errorf("read request body: %w", err)
	}

	r.Body = io.NopCloser(bytes.NewReader(body))

	return body, nil
}

// bodyOf returns the body that readBody has put back, and leaves it there.
func bodyOf(r *http.Request) []byte {
	body, _ := io.ReadAll(r.Body) // From memory, which does not fail.
	r.Body = io.NopCloser(bytes.NewReader(body))

	return body
}

// refuseBody answers a request whose body could not be read.
func refuseBody(a *answer, r *http.Request, err error) {
	status := http.StatusBadRequest
	if _, ok := errors.AsType[*http.MaxBytesError](err); ok {
		status = http.StatusRequestEntityTooLarge
	}

	e := refusef(status, codeRequest, "Bad request: %v", err)
	if isIdentity(r) {
		writeIdentityFailure(a, e)

		return
	}

	writeGatewayFailure(a, e)
}

// isIdentity says whether the request is for IAM.
func isIdentity(r *http.Request) bool {
	p := r.URL.Path

	return p == identityPath || strings.HasPrefix(p, identityPath+"/")
}
