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

// maxBody is the maximum size of a request body in bytes.
const maxBody = 1 << 20

const requestIDHeader = "X-Request-Id"

// Error codes of the simulator. Faults can have any code.
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

// apiError is an error response: an HTTP status, and the code and message in the body. Errors of
// IAM have no code.
type apiError struct {
	status        int
	code, message string
	shape         ErrorShape // of this error; the default is that of the options
}

func (e *apiError) Error() string {
	return strings.TrimSpace(e.code + " " + e.message)
}

func newAPIError(status int, code, format string, args ...any) *apiError {
	return &apiError{status: status, code: code, message: fmt.Sprintf(format, args...)}
}

// bufferedResponse holds a response until it is complete, so that the request is recorded and
// a fault applied before the client receives the first byte.
type bufferedResponse struct {
	status int // 0 until something has been written
	header http.Header
	body   bytes.Buffer
}

var _ http.ResponseWriter = (*bufferedResponse)(nil)

func newBufferedResponse(now time.Time, requestID string) *bufferedResponse {
	a := &bufferedResponse{header: make(http.Header)}
	a.header.Set("Date", now.UTC().Format(http.TimeFormat))
	a.header.Set(requestIDHeader, requestID)

	return a
}

func (a *bufferedResponse) Header() http.Header { return a.header }

func (a *bufferedResponse) WriteHeader(status int) {
	if a.status == 0 {
		a.status = status
	}
}

func (a *bufferedResponse) Write(p []byte) (int, error) {
	a.WriteHeader(http.StatusOK)

	return a.body.Write(p)
}

// reset removes everything but the headers of every response.
func (a *bufferedResponse) reset() {
	a.status = 0
	a.body.Reset()

	for name := range a.header {
		if name != "Date" && name != requestIDHeader {
			a.header.Del(name)
		}
	}
}

// object is a JSON object in a response.
type object map[string]any

func writeJSON(w http.ResponseWriter, status int, v any) {
	body, err := json.Marshal(v)
	if err != nil {
		status, body = http.StatusInternalServerError, nil
	}

	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_, _ = w.Write(body) // A write to memory doesn't fail.
}

// envelope returns the body of a ModelArts error response, which differs between requests.
type envelope func(*apiError) any

// withSuccess is the envelope of every request but the details.
func withSuccess(e *apiError) any {
	return object{"is_success": false, "error_message": e.message, "error_code": e.code}
}

// withoutSuccess is the envelope of the details request.
func withoutSuccess(e *apiError) any {
	return object{"error_message": e.message, "error_code": e.code}
}

// isGateway reports whether it is an error of the gateway.
func (e *apiError) isGateway() bool {
	return strings.HasPrefix(e.code, gatewayCodePrefix) || strings.HasPrefix(e.code, oldGatewayCodePrefix)
}

func writeGatewayError(w http.ResponseWriter, e *apiError) {
	writeJSON(w, e.status, object{
		"error_msg": e.message, "error_code": e.code, "request_id": w.Header().Get(requestIDHeader),
	})
}

// writeIdentityError responds with an error of IAM.
func writeIdentityError(w http.ResponseWriter, e *apiError) {
	writeJSON(w, e.status, object{"error": object{
		"code": e.status, "message": e.message, "title": http.StatusText(e.status),
	}})
}

// asAPIError returns the error response in err, or an internal error if it has none.
func asAPIError(err error) *apiError {
	if e, ok := errors.AsType[*apiError](err); ok {
		return e
	}

	return newAPIError(http.StatusInternalServerError, codeInternal, "Internal error: %v", err)
}

func noSuchAPI(w http.ResponseWriter, r *http.Request) {
	writeGatewayError(w, newAPIError(http.StatusNotFound, codeNoAPI,
		"The API does not exist or is not published in this environment: %s %s", r.Method, r.URL.Path))
}

func noIdentityResource(_ http.ResponseWriter, r *http.Request, _ time.Time) error {
	return newAPIError(http.StatusNotFound, "", "Nothing is found at %s %s.", r.Method, r.URL.Path)
}

// readBody returns the body, and replaces the reader of the request, so that it can be read again.
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

// bodyOf returns the body after readBody.
func bodyOf(r *http.Request) []byte {
	body, _ := io.ReadAll(r.Body) // A read from memory doesn't fail.
	r.Body = io.NopCloser(bytes.NewReader(body))

	return body
}

// writeBodyError responds to a request with an unreadable body.
func writeBodyError(a *bufferedResponse, r *http.Request, err error) {
	status := http.StatusBadRequest
	if _, ok := errors.AsType[*http.MaxBytesError](err); ok {
		status = http.StatusRequestEntityTooLarge
	}

	e := newAPIError(status, codeRequest, "Bad request: %v", err)
	if isIdentity(r) {
		writeIdentityError(a, e)

		return
	}

	writeGatewayError(a, e)
}

// isIdentity reports whether the request is for IAM.
func isIdentity(r *http.Request) bool {
	p := r.URL.Path

	return p == identityPath || strings.HasPrefix(p, identityPath+"/")
}
