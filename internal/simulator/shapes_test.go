package simulator_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/opentelekomcloud-community/terraform-provider-modelarts/internal/simulator"
)

func TestErrorShapes(t *testing.T) {
	t.Parallel()

	const (
		code = `"error_code":"ModelArts.0104","error_message":"Illegal job id: x"`
		bare = `{` + code + `}`
		full = `{"is_success":false,` + code + `}`
		gate = `{"error_code":"ModelArts.0104","error_msg":"Illegal job id: x","request_id":"ID"}`
		iam  = `{"error":{"code":400,"title":"Bad Request","message":"Illegal job id: x"}}`
	)

	for shape, c := range map[simulator.ErrorShape]struct {
		status        int
		show, changes string // the bodies
	}{
		"":                             {400, bare, full},
		simulator.ErrorShapeDocumented: {400, bare, full},
		simulator.ErrorShapeOK200:      {200, full, full},
		simulator.ErrorShapeBare:       {400, bare, bare},
		simulator.ErrorShapeGateway:    {400, gate, gate},
		simulator.ErrorShapeIAM:        {400, iam, iam},
		simulator.ErrorShapeEmpty:      {400, "", ""},
	} {
		t.Run(string(shape), func(t *testing.T) {
			t.Parallel()

			b := newBench(t, simulator.Options{ErrorShape: shape})

			for _, call := range []struct{ method, path, body string }{
				{"GET", "/x", c.show}, {"POST", "/x/stop", c.changes}, {"DELETE", "/x", c.changes}, {"PUT", "/x", c.changes},
			} {
				r := b.call(call.method, jobs+call.path, `{"job_desc":""}`)
				r.want(t, c.status, strings.ReplaceAll(call.body, "ID", r.header.Get("X-Request-Id")))
			}

			// The gateway, IAM and faults have shapes of their own.
			r := b.send("GET", "/v1/p"+jobs, "")
			r.want(t, http.StatusUnauthorized, gatewayRefusal(r, "APIGW.0301",
				"Incorrect IAM authentication information: X-Auth-Token and Authorization are missing"))
			b.send("GET", "/v3/projects", "").want(t, http.StatusUnauthorized, unauthorized)
			b.Inject(simulator.Fault{Code: "ModelArts.0010", Message: "m"})
			b.call("GET", jobs, "").wantRefusal(t, http.StatusBadRequest, "ModelArts.0010", "m")

			// And what is no refusal has none.
			b.accept("POST", jobs, plainJob)
		})
	}
}

func TestNotFoundShapes(t *testing.T) {
	t.Parallel()

	const message = "The visualization job 7 does not exist"

	refusal := func(code string) string { return `{"error_code":"` + code + `","error_message":"` + message + `"}` }
	failure := func(code string) string { return strings.Replace(refusal(code), "{", `{"is_success":false,`, 1) }
	gateway := `{"error_code":"APIGW.0101","error_msg":"` + message + `","request_id":"ID"}`

	for name, c := range map[string]struct {
		options       simulator.Options
		status        int
		show, changes string
	}{
		"default": {simulator.Options{}, 400, refusal("ModelArts.2775"), failure("ModelArts.2775")},
		"400": {
			simulator.Options{NotFoundShape: simulator.NotFoundShape400},
			400, refusal("ModelArts.2775"), failure("ModelArts.2775"),
		},
		"404": {
			simulator.Options{NotFoundShape: simulator.NotFoundShape404},
			404, refusal("ModelArts.0015"), failure("ModelArts.0015"),
		},
		"bare-404": {simulator.Options{NotFoundShape: simulator.NotFoundShapeBare404}, 404, "", ""},
		"parameter": {
			simulator.Options{NotFoundShape: simulator.NotFoundShapeParameter},
			400, refusal("ModelArts.0104"), failure("ModelArts.0104"),
		},
		"ok-200": {
			simulator.Options{NotFoundShape: simulator.NotFoundShapeOK200},
			200, failure("ModelArts.2775"), failure("ModelArts.2775"),
		},
		"gateway-404": {simulator.Options{NotFoundShape: simulator.NotFoundShapeGateway404}, 404, gateway, gateway},
		"conflict": {
			simulator.Options{NotFoundShape: simulator.NotFoundShapeConflict},
			400, refusal("ModelArts.0105"), failure("ModelArts.0105"),
		},

		// An error shape applies on top, but for what has a shape of its own.
		"conflict, bare": {
			simulator.Options{NotFoundShape: simulator.NotFoundShapeConflict, ErrorShape: simulator.ErrorShapeBare},
			400, refusal("ModelArts.0105"), refusal("ModelArts.0105"),
		},
		"bare-404, ok-200": {
			simulator.Options{NotFoundShape: simulator.NotFoundShapeBare404, ErrorShape: simulator.ErrorShapeOK200},
			404, "", "",
		},
		"ok-200, empty": {
			simulator.Options{NotFoundShape: simulator.NotFoundShapeOK200, ErrorShape: simulator.ErrorShapeEmpty},
			200, failure("ModelArts.2775"), failure("ModelArts.2775"),
		},
		"gateway-404, ok-200": {
			simulator.Options{NotFoundShape: simulator.NotFoundShapeGateway404, ErrorShape: simulator.ErrorShapeOK200},
			404, gateway, gateway,
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()

			b := newBench(t, c.options)

			for _, call := range []struct{ method, path, body string }{
				{"GET", "", c.show},
				{"POST", "/stop", c.changes},
				{"POST", "/restart", c.changes},
				{"DELETE", "", c.changes},
				{"PUT", "", c.changes},
			} {
				r := b.call(call.method, jobs+"/7"+call.path, `{"job_desc":""}`)
				r.want(t, c.status, strings.ReplaceAll(call.body, "ID", r.header.Get("X-Request-Id")))
			}
		})
	}
}
