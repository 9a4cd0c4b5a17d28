package visualizationjob

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	"net/http"
	"slices"
	"testing"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/diag"

	"github.com/opentelekomcloud-community/terraform-provider-modelarts/internal/httpclient"
	"github.com/opentelekomcloud-community/terraform-provider-modelarts/internal/lifecycle"
	"github.com/opentelekomcloud-community/terraform-provider-modelarts/internal/modelarts"
)

// diagnosticCase is an error, and the operations whose whole texts are compared.
type diagnosticCase struct {
	of       string
	err      error
	anywhere bool // it can end any operation
}

// diagnosticCases has every kind of error, and its variants.
func diagnosticCases(t *testing.T) map[string]diagnosticCase {
	t.Helper()
	lost := &modelarts.NoResponseError{Operation: "POST /visualization-jobs", Sent: true, Err: errors.New("connection reset")}
	over := noResponse(fmt.Errorf("get: %w", context.DeadlineExceeded))
	conflict := rejected("ModelArts.0105", "This job can't be stop. job status: 10")
	denied := rejected("ModelArts.0108", "not yours")
	response := func(status int, code, message, hint string) *modelarts.Error {
		rejection := rejected(code, message)
		rejection.Operation, rejection.StatusCode, rejection.RequestID = "GET /visualization-jobs/197", status, ""
		rejection.AuthHint = hint
		return rejection
	}
	bare := response(http.StatusForbidden, "", "", "")
	throttled := noResponse(fmt.Errorf("get: %w", &modelarts.ThrottledError{Wait: time.Hour}))
	between := noResponse(context.DeadlineExceeded)
	throttled.Last, between.Last = rejected("APIGW.0308", "Too many requests"), rejected("APIGW.0308", "Too many requests")
	unreadable := noResponse(errors.New("no JSON"))
	unreadable.RequestID = "req-2"
	proxy := func(variable string, status int, err error) *httpclient.ProxyError {
		return &httpclient.ProxyError{Proxy: "http://proxy:3128", Variable: variable, Host: "ma.example.com", Status: status, Final: status > 0, Err: err}
	}
	wait := func(goal string, last modelarts.Status, waited time.Duration, err error) *lifecycle.WaitError {
		return &lifecycle.WaitError{Goal: goal, ID: 197, Last: jobIn(last), Waited: waited, Err: err}
	}
	const stopped, started = "stopped", "running"
	timeout := func(last modelarts.Status) *lifecycle.WaitError {
		return wait(stopped, last, 20*time.Minute+300*time.Millisecond, context.DeadlineExceeded)
	}
	rejectedMeanwhile, inOutage, ended, endedByOutage := timeout(modelarts.StatusRunning), timeout(modelarts.StatusRunning),
		wait(started, modelarts.StatusInit, time.Minute, conflict), wait(stopped, modelarts.StatusRunning, time.Second, lost)
	rejectedMeanwhile.Accepted, rejectedMeanwhile.Rejection = 2, conflict
	inOutage.Outage, endedByOutage.Outage, ended.Rejection = lost, lost, conflict
	failed := &lifecycle.FailedError{Job: *jobIn(modelarts.StatusImageFailed), Waited: 3 * time.Second}
	exists := func(e lifecycle.ExistsError) diagnosticCase { return diagnosticCase{of: "create", err: &e} }
	return map[string]diagnosticCase{
		"unknown code":                 {"wait update list", rejected("ModelArts.9999", "It cannot be."), true},
		"code about an attribute":      {"create", rejected("ModelArts.4311", "Bucket logs does not exist"), true},
		"parameter":                    {"create", rejected("ModelArts.0104", "Illegal train_url, job_name"), true},
		"unknown workspace":            {"list", rejected("ModelArts.0102", "The workspace does not exist: 7"), true},
		"neither code nor message":     {"refresh", bare, true},
		"401 without a code":           {"refresh", response(401, "", "", ""), true},
		"400 without anything":         {"refresh", response(400, "", "", ""), true},
		"404 without anything":         {"refresh", response(404, "", "", ""), true},
		"502 without anything":         {"wait list", response(502, "", "", ""), true},
		"code of a GET":                {"refresh", response(400, "ModelArts.0105", "no", ""), true},
		"code with a status":           {"refresh", response(500, "ModelArts.4106", "no", ""), true},
		"code with another status":     {"refresh", response(599, "APIGW.0201", "no", ""), true},
		"clock":                        {"refresh", response(401, "APIGW.0301", "verify aksk signature fail", "The clock of this machine is wrong."), true},
		"policy with HTTP 401":         {"refresh", response(401, "ModelArts.0112", "no", "The key is wrong."), true},
		"token with HTTP 403":          {"refresh", response(403, "ModelArts.0203", "Invalid token", "Get a new token."), true},
		"no credentials":               {"refresh", noResponse(&httpclient.CredentialsError{Anchor: "token-not-renewed", Err: errors.New("ModelArts rejected the token, and IAM issued no new token: HTTP 503")}), true},
		"access key, rejected before":  {"refresh", noResponse(&httpclient.CredentialsError{Anchor: "access-key-rejected", Err: errors.New("A request with the access key was rejected with HTTP 401 before: x")}), true},
		"proxy that has no connection": {"refresh", noResponse(proxy("HTTPS_PROXY", 502, errors.New("HTTP 502"))), true},
		"proxy that isn't there":       {"refresh", noResponse(proxy("HTTPS_PROXY", 0, errors.New("connection refused"))), true},
		"proxy that rejects":           {"refresh", noResponse(proxy("HTTPS_PROXY", 407, errors.New("HTTP 407"))), true},
		"proxy that is down": {"refresh", noResponse(&httpclient.CredentialsError{
			Anchor: "token-not-renewed", Err: fmt.Errorf("ModelArts rejected the token, and IAM issued no new token: %w", proxy("https_proxy", 0, errors.New("connection refused"))),
		}), true},
		"TLS alert":                    {"refresh", noResponse(&net.OpError{Op: "remote error", Err: errors.New("tls: certificate required")}), true},
		"unknown authority":            {"refresh", noResponse(&tls.CertificateVerificationError{Err: x509.UnknownAuthorityError{}}), true},
		"no response":                  {"update read", noResponse(errors.New("connection reset")), true},
		"unreadable response":          {"update", unreadable, true},
		"timeout of a request":         {"refresh update read stop list", over, true},
		"timeout between two attempts": {"update", between, true},
		"throttled for longer":         {"update read", throttled, true},
		"others throttled for longer":  {"update", noResponse(&modelarts.ThrottledError{Wait: 90 * time.Second}), true},
		"interrupted request":          {"update read stop", fmt.Errorf("get: %w", context.Canceled), true},
		"no connection":                {"update", dialTimeout(t), true},
		"any other":                    {"update", errors.New("out of paper"), true},
		"the ID of another job": {"create adopt refresh update delete", &lifecycle.OtherJobError{
			Job: modelarts.VisualizationJob{ID: 197, Name: "theirs", TrainURL: "/theirs/"}, Name: "board", TrainURL: "/bucket/logs/",
		}, false},
		"gone": {"wait adopt refresh update read stop", &lifecycle.NotFoundError{ID: 197, Err: response(400, "ModelArts.0104", "x", "")}, true},

		"timeout of a wait":           {"wait update delete stop", timeout(modelarts.StatusKilling), false},
		"timeout after a rejection":   {"update", rejectedMeanwhile, false},
		"timeout, never read":         {"update", &lifecycle.WaitError{Goal: started, ID: 197, Waited: 12 * time.Millisecond, Err: context.DeadlineExceeded}, false},
		"timeout in an outage":        {"update", inOutage, false},
		"wait that is interrupted":    {"wait update restart", wait(started, modelarts.StatusInit, time.Minute, context.Canceled), false},
		"interrupted, never read":     {"update", &lifecycle.WaitError{Goal: started, ID: 197, Rejection: bare, Err: context.Canceled}, false},
		"wait ended by an outage":     {"update", endedByOutage, false}, // which the text has once
		"wait ended by a response":    {"wait", wait(started, modelarts.StatusInit, time.Minute, denied), false},
		"wait ended by the rejection": {"update", ended, false}, // which the text has once
		"wait without a connection":   {"update", &lifecycle.WaitError{Goal: started, ID: 197, Waited: time.Minute, Err: dialTimeout(t)}, false},
		"wait ended by an attribute":  {"wait", &lifecycle.WaitError{Goal: started, ID: 197, Err: rejected("ModelArts.4311", "no such bucket")}, false},
		"wait for a delete":           {"create", wait("deleted", modelarts.StatusRunning, time.Minute, context.DeadlineExceeded), false},
		"wait for an adoption":        {"delete", &lifecycle.WaitError{Goal: "adopted", ID: 197, Waited: 20 * time.Minute, Err: context.DeadlineExceeded}, false},
		"failed":                      {"wait update adopt restart", failed, false},
		"rejected adoption":           {"adopt", denied, false},
		"timeout of an adoption":      {"adopt", wait(started, modelarts.StatusInit, 20*time.Minute, context.DeadlineExceeded), false},

		"exists":                  exists(lifecycle.ExistsError{Jobs: jobsIn(7)}),
		"exists without a time":   exists(lifecycle.ExistsError{Jobs: []modelarts.VisualizationJob{{ID: 7, Status: modelarts.StatusKilled}}}),
		"exists twice":            exists(lifecycle.ExistsError{Jobs: jobsIn(7, 8)}),
		"exists often":            exists(lifecycle.ExistsError{Jobs: slices.Repeat(jobsIn(7), 25)}), // a project can have hundreds
		"exists for another":      exists(lifecycle.ExistsError{Jobs: jobsIn(7), Owned: true}),
		"exists, delete rejected": exists(lifecycle.ExistsError{Jobs: jobsIn(7), Owned: true, DeleteErr: &lifecycle.WaitError{Err: denied}}),
		"exists, delete too slow": exists(lifecycle.ExistsError{Jobs: jobsIn(7), Owned: true, DeleteErr: timeout(modelarts.StatusKilling)}),

		"lost":                    {"create", &lifecycle.LostError{Err: lost}, false},
		"lost, no time to search": {"create", &lifecycle.LostError{Err: lost, SearchErr: over}, false},
		"lost, search rejected":   {"create", &lifecycle.LostError{Err: lost, SearchErr: rejected("ModelArts.0010", "out of order")}, false},
		"lost, with candidates":   {"create", &lifecycle.LostError{Err: lost, Candidates: jobsIn(7, 8)}, false},
	}
}

// warningCases has every warning.
func warningCases() map[string]diag.Diagnostic {
	lost, wait := errors.New("connection reset"), operations["wait"]
	unnamed := operations["stop"]
	unnamed.name = "" // an import has none before its first read
	return map[string]diag.Diagnostic{
		"warning: adopted":               createWarning(wait, &lifecycle.Created{Adopted: true}),
		"warning: recovered":             createWarning(wait, &lifecycle.Created{Lost: lost}),
		"warning: recovered, sent twice": createWarning(wait, &lifecycle.Created{Lost: lost, Repeated: true}),
		"warning: second job":            duplicateWarning(wait, jobsIn(7), nil),
		"warning: second job, no list":   duplicateWarning(wait, nil, lost),
		"warning: interrupted":           interruptWarning(wait, jobIn(modelarts.StatusInit)),
		"warning: incomplete list":       incompleteWarning(),
		"warning: deleted by another":    adoptedWarning(operations["delete"]),
		"warning: failed":                failedWarning(unnamed, jobIn(modelarts.StatusImageFailed)),
		"warning: not refreshed":         notRefreshedWarning(operations["refresh"]),
		"error: other schedule":          otherScheduleDiagnostic(operations["adopt"], 4),
		"error: moved job not found":     movedGoneDiagnostic(operations["refresh"], project),
	}
}
