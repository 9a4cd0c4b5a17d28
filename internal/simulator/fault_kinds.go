package simulator

import (
	"fmt"
	"net/http"
	"strings"
	"time"
)

// FaultKind is a named fault.
type FaultKind struct {
	Name        string
	Description string // one sentence
	Fault       Fault  // Method, Path, Count and Skip are zero
}

// Bodies that the API doesn't send.
const (
	loginPage = "<!DOCTYPE html>\n<html><head><title>Log in</title></head>" +
		"<body><form action=\"/login\"><input name=\"user\"></form></body></html>\n"
	gatewayPage = "<html>\r\n<head><title>Gateway error</title></head>\r\n" +
		"<body><center><h1>Gateway error</h1></center></body>\r\n</html>\r\n"
	plainText   = "Your request was received.\n"
	otherStatus = "This job can't be changed in its present status."
	// wrongTypes has every key of the responses of ModelArts and IAM, with a value of a wrong
	// type.
	wrongTypes = `{"is_success":["true"],"job_id":{"id":1},"job_name":[7],"job_desc":{"text":1},"train_url":false,` +
		`"status":[8],"create_time":{"ms":0},"duration":"long","remaining_duration":[1],"service_url":{"url":1},` +
		`"resource_id":[3],"job_total_count":"many","job_count_limit":{"n":1},"quotas":[1],"jobs":"none",` +
		`"error_code":{"code":17},"error_message":["wrong"],"error_msg":{"text":1},"request_id":[9],"error":"wrong",` +
		`"token":"none","projects":{"id":1},"links":7,"version":[3],"versions":"v3"}`

	deepLevels = 100_000
	hugeSize   = 1 << 30 // bytes
	slowDelay  = 5 * time.Second

	// redirectTarget is another host than the simulator's. Nothing listens there.
	redirectTarget = "http://127.0.0.1:9/"
)

// FaultKinds returns the named faults: first those of the connection, then unreadable responses,
// then error responses with status 4xx, then those with status 5xx.
func FaultKinds() []FaultKind {
	deep := `{"is_success":true,"jobs":` + strings.Repeat("[", deepLevels) + strings.Repeat("]", deepLevels) + `}`
	failed := func(status int, code, message string) Fault {
		return Fault{Status: status, Code: code, Message: message}
	}
	throttled := failed(http.StatusTooManyRequests, codeThrottled, "The throttling threshold has been reached")
	throttled.Header = http.Header{"Retry-After": {"1"}}
	huge := content(http.StatusOK, "application/json", `{"is_success":true}`, true)
	huge.Size = hugeSize

	return []FaultKind{
		{"drop-before", "The request isn't processed, and the connection is cut.", Fault{Drop: true}},
		{"drop-after", "The request is processed, and the connection is cut before the response.", Fault{Drop: true, After: true}},
		{"hang-before", "The request isn't processed, and no response is sent.", Fault{Hang: true}},
		{"hang-after", "The request is processed, and no response is sent.", Fault{Hang: true, After: true}},
		{"truncate", "The request is processed, and the connection is cut in the middle of the response.", Fault{Truncate: true, After: true}},
		{"slow", "The request is processed, and its response is sent in pieces over 5 s.", Fault{Slow: slowDelay}},
		{
			"redirect", "The request isn't processed, and status 307 redirects the client to another host, " + redirectTarget + ".",
			Fault{Status: http.StatusTemporaryRedirect, Header: http.Header{"Location": {redirectTarget}}},
		},

		{
			"html", "The request isn't processed, and the response is status 200 with an HTML login page.",
			content(http.StatusOK, "text/html", loginPage, false),
		},
		{
			"html-after", "The request is processed, and the response is status 200 with an HTML login page.",
			content(http.StatusOK, "text/html", loginPage, true),
		},
		{
			"html-502", "The request isn't processed, and the response is status 502 with an HTML page.",
			content(http.StatusBadGateway, "text/html", gatewayPage, false),
		},
		{"empty", "The request is processed, and the response is status 200 with an empty body.", Fault{Status: http.StatusOK, After: true}},
		{
			"not-json", "The request is processed, and the response is status 200 with plain text.",
			content(http.StatusOK, "text/plain; charset=utf-8", plainText, true),
		},
		{
			"wrong-types", "The request is processed, and the response is status 200 with JSON whose values have wrong types.",
			content(http.StatusOK, "application/json", wrongTypes, true),
		},
		{
			"null", "The request is processed, and the response is status 200 with the JSON value null.",
			content(http.StatusOK, "application/json", "null", true),
		},
		{
			"deep", "The request is processed, and the response is status 200 with JSON of 100000 levels.",
			content(http.StatusOK, "application/json", deep, true),
		},
		{"huge", "The request is processed, and the response is status 200 with 1 GiB of JSON.", huge},

		{
			"no-success-200", "Status 200 with is_success false and ModelArts.0105.",
			failed(http.StatusOK, codeStatus, otherStatus),
		},
		{
			"conflict", "Status 400 with ModelArts.0105: the status of the job doesn't allow the request.",
			failed(http.StatusBadRequest, codeStatus, otherStatus),
		},
		{
			"conflict-409", "Status 409 without a code.",
			content(http.StatusConflict, "application/json", `{"error_message":"`+otherStatus+`"}`, false),
		},
		{
			"parameter", "Status 400 with ModelArts.0104: parameter error.",
			failed(http.StatusBadRequest, codeParameter, "Illegal parameter"),
		},
		{
			"denied", "Status 403 with ModelArts.0108: the user isn't authorized for the operation.",
			failed(http.StatusForbidden, codeForbidden, "You are not authorized to perform the operation."),
		},
		{
			"unauthorized", "Status 401 with APIGW.0301: the credentials are wrong.",
			failed(http.StatusUnauthorized, codeUnauthenticated, "Incorrect IAM authentication information"),
		},
		{
			"token-expired", "Status 401 with APIGW.0307: the token is expired.",
			failed(http.StatusUnauthorized, codeTokenExpired, "The token must be updated."),
		},
		{
			"token-invalid", "Status 403 with ModelArts.0203: the token is invalid.",
			failed(http.StatusForbidden, codeInvalidToken, "Invalid token."),
		},
		{
			"not-found", "Status 404 with ModelArts.0104.",
			failed(http.StatusNotFound, codeParameter, "The visualization job does not exist"),
		},
		{"not-found-bare", "Status 404 with an empty body.", Fault{Status: http.StatusNotFound}},
		{
			"not-found-gateway", "Status 404 with APIGW.0101: the API doesn't exist.",
			failed(http.StatusNotFound, codeNoAPI, "The API does not exist or is not published in this environment"),
		},
		{"throttled", "Status 429 with APIGW.0308 and Retry-After: 1.", throttled},
		{
			"throttled-by-window", "Status 429 with APIGW.0308, the window of the limit in its message, and no Retry-After.",
			failed(http.StatusTooManyRequests, codeThrottled, "policy user over ratelimit,limit:1,time:1 second"),
		},

		{
			"internal-error", "The request isn't processed, and the response is status 500 with ModelArts.0010.",
			failed(http.StatusInternalServerError, codeInternal, "Internal error."),
		},
		gatewayKind("bad-gateway", http.StatusBadGateway, false), gatewayKind("bad-gateway", http.StatusBadGateway, true),
		gatewayKind("unavailable", http.StatusServiceUnavailable, false), gatewayKind("unavailable", http.StatusServiceUnavailable, true),
		gatewayKind("timeout", http.StatusGatewayTimeout, false), gatewayKind("timeout", http.StatusGatewayTimeout, true),
	}
}

// content returns a fault with this response.
func content(status int, contentType, body string, after bool) Fault {
	return Fault{Status: status, Body: body, After: after, Header: http.Header{"Content-Type": {contentType}}}
}

// gatewayKind returns a fault of the gateway before or after the request is processed.
func gatewayKind(name string, status int, after bool) FaultKind {
	when, verb := "before", "isn't"
	if after {
		when, verb = "after", "is"
	}

	return FaultKind{
		name + "-" + when, fmt.Sprintf("The request %s processed, and the response is status %d with an HTML page.", verb, status),
		content(status, "text/html", gatewayPage, after),
	}
}

// FaultNames returns the names of [FaultKinds] in their order.
func FaultNames() []string {
	kinds := FaultKinds()
	names := make([]string, len(kinds))

	for i, k := range kinds {
		names[i] = k.Name
	}

	return names
}

// NamedFault returns the fault of this kind. The caller sets Method, Path, Count and Skip, and
// can change the other fields. The error for an unknown kind lists the kinds.
func NamedFault(kind string) (Fault, error) {
	for _, k := range FaultKinds() {
		if k.Name == kind {
			f := k.Fault
			f.Kind = k.Name

			return f, nil
		}
	}

	return Fault{}, fmt.Errorf("unknown kind of fault %q: it has to be one of %s", kind, strings.Join(FaultNames(), ", "))
}
