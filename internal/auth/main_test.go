package auth

import (
	"cmp"
	"context"
	"errors"
	"io"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"testing"

	"go.uber.org/goleak"

	"github.com/opentelekomcloud-community/terraform-provider-modelarts/internal/sanitize"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

const (
	password  = "hunter2-secret"
	projectID = "04f679b17380d32a2f32c00335c4b5ba"
	endpoint  = "https://ma.example.com"
	catalog   = `[{"id": "a", "name": "iam", "type": "identity", "endpoints": [
			{"id": "b", "interface": "public", "region": "eu-de", "region_id": "eu-de", "url": "https://iam.example.com/v3"}]},
		{"id": "c", "name": "modelarts", "type": "modelarts", "endpoints": [
			{"id": "d", "interface": "internal", "region": "eu-de", "region_id": "eu-de", "url": "https://internal.example.com"},
			{"id": "e", "interface": "public", "region": "eu-nl", "region_id": "eu-nl", "url": "https://nl.example.com"},
			{"id": "f", "interface": "public", "region": "eu-de", "region_id": "eu-de", "url": "https://ma.example.com/v1"}]}]`
	rejection401 = `{"error": {"code": 401, "message": "The username or password is wrong.", "title": "Unauthorized"}}`
	login        = "POST /v3/auth/tokens"
)

// response responds to a request.
type response func(*http.Request) (*http.Response, error)

// RoundTrip implements http.RoundTripper.
func (r response) RoundTrip(req *http.Request) (*http.Response, error) { return r(req) }

// respond returns a response with a status, a body, and the names and values of headers.
func respond(status int, body string, header ...string) response {
	return func(req *http.Request) (*http.Response, error) {
		resp := &http.Response{StatusCode: status, Header: http.Header{}, Request: req, Body: io.NopCloser(strings.NewReader(body))}
		for i := 0; i+1 < len(header); i += 2 {
			resp.Header.Set(header[i], header[i+1])
		}
		return resp, nil
	}
}

// noResponse lets a cloud choose the response.
func noResponse(*http.Request) (*http.Response, error) { return nil, nil }

// fail returns a response that isn't received.
func fail(err error) response {
	return func(*http.Request) (*http.Response, error) { return nil, err }
}

// request is one that a cloud received.
type request struct {
	*http.Request
	body string
}

func (r request) token() string { return r.Header.Get(tokenHeader) }

// cloud is an IAM and a service on a network without time. IAM returns the tokens token-1, token-2 and so on, and the service accepts
// only the newest.
type cloud struct {
	iam     []response          // to the requests to IAM, the last for ever; nil and noResponse are the default
	paths   map[string]response // of IAM, by path
	service response            // to all requests to the service; nil is the default
	token   string              // of IAM's response; empty for one for a project

	mu       sync.Mutex
	issued   int
	iamCalls []request
	calls    []request
}

func (c *cloud) RoundTrip(req *http.Request) (*http.Response, error) {
	received := request{Request: req.Clone(req.Context())}
	if req.Body != nil {
		body, err := io.ReadAll(req.Body)
		if err != nil {
			return nil, err
		}
		received.body = string(body)
	}
	for _, respond := range c.receive(received) {
		if respond == nil {
			continue
		}
		if resp, err := respond(received.Request); resp != nil || err != nil {
			return resp, err
		}
	}
	return nil, errors.New("no response")
}

// receive records a request, and returns the possible responses. The first one that isn't nil and doesn't return nil is used.
func (c *cloud) receive(req request) []response {
	c.mu.Lock()
	defer c.mu.Unlock()
	if !strings.HasPrefix(req.URL.Path, "/v3/") {
		c.calls = append(c.calls, req)
		if req.token() == "token-"+strconv.Itoa(c.issued) {
			return []response{c.service, respond(200, `{"is_success": true}`)}
		}
		return []response{c.service, respond(401, `{"error_code": "APIGW.0301"}`)}
	}
	c.iamCalls = append(c.iamCalls, req)
	next := []response{c.paths[req.URL.Path], c.issue}
	if n := min(len(c.iamCalls), len(c.iam)); n > 0 {
		next = append([]response{c.iam[n-1]}, next...)
	}
	return next
}

func (c *cloud) issue(req *http.Request) (*http.Response, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.issued++
	token := cmp.Or(c.token, `{"project": {"id": "`+projectID+`", "name": "eu-de"}, "catalog": `+catalog+`}`)
	status := map[string]int{http.MethodGet: 200, http.MethodPost: 201}[req.Method]
	return respond(status, `{"token": `+token+`}`, subjectHeader, "token-"+strconv.Itoa(c.issued))(req)
}

// revoke has the service reject the token in use.
func (c *cloud) revoke() { c.issued++ }

// lines returns the requests to IAM, as method and path.
func (c *cloud) lines() string {
	var lines []string
	for _, call := range c.iamCalls {
		lines = append(lines, call.Method+" "+call.URL.RequestURI())
	}
	return strings.Join(lines, ", ")
}

func (c *cloud) lastToIAM() request { return c.iamCalls[len(c.iamCalls)-1] }

// user returns the options of a login with a password.
func user() Options {
	return Options{Region: "eu-de", DomainName: "OTC-EU-DE-1", UserName: "user", Password: password, AllowReauth: true}
}

func tokenOf(token string) Options { return Options{Region: "eu-de", Token: token, AllowReauth: true} }

// keyOf returns the options of an access key.
func keyOf() Options {
	return Options{Region: "eu-de", AccessKey: "key", SecretKey: password, AllowReauth: true}
}

// static returns options that need nothing from IAM.
func static(o Options) Options {
	o.ProjectID, o.Endpoint, o.Region = projectID, endpoint, ""
	return o
}

// asAgency has the options assume an agency.
func asAgency(o Options) Options {
	o.AgencyName, o.AgencyDomainName, o.DelegatedProject = "agency", "theirs", "eu-de_theirs"
	o.ProjectName = "eu-de_own" // which has no meaning then
	return o
}

// in returns options with a region.
func in(region string, o Options) Options {
	return with(o, func(o *Options) { o.Region = region })
}

// with returns changed options.
func with(o Options, change func(*Options)) Options {
	change(&o)
	return o
}

// openWith opens a session on a network.
func openWith(t *testing.T, network http.RoundTripper, o Options) (*Session, error) {
	t.Helper()
	o.Transport, o.Redactor = network, cmp.Or(o.Redactor, &sanitize.Redactor{})
	if o.OnEvent == nil {
		o.OnEvent = func(context.Context, string) {}
	}
	return Open(t.Context(), o)
}

func open(t *testing.T, network http.RoundTripper, o Options) *Session {
	t.Helper()
	session, err := openWith(t, network, o)
	if err != nil {
		t.Fatal(err)
	}
	return session
}

// wantFault checks that err is a *ConfigError of the attribute that has all the texts and shows no password.
func wantFault(t *testing.T, err error, attribute string, says ...string) *ConfigError {
	t.Helper()
	fault, ok := errors.AsType[*ConfigError](err)
	if !ok {
		t.Fatalf("error %T (%v), want *ConfigError", err, err)
	}
	if fault.Attribute != attribute || fault.Summary == "" || strings.Contains(fault.Error(), password) {
		t.Errorf("%+v, want a fault of %q", fault, attribute)
	}
	wantTexts(t, fault.Error(), says...)
	return fault
}

func wantTexts(t *testing.T, text string, says ...string) {
	t.Helper()
	for _, say := range says {
		if !strings.Contains(text, say) {
			t.Errorf("%q is not in: %s", say, text)
		}
	}
}

// wantHeader checks the beginnings of headers. An empty one has to be absent.
func wantHeader(t *testing.T, header http.Header, want map[string]string) {
	t.Helper()
	for name, beginning := range want {
		if got := header.Get(name); !strings.HasPrefix(got, beginning) || beginning == "" && got != "" {
			t.Errorf("%s: %q, want %q", name, got, beginning)
		}
	}
}

func newRequest(ctx context.Context, t *testing.T, body string) *http.Request {
	t.Helper()
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, endpoint+"/v1/stop", strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	return req
}

// send sends a request to the service, and returns the response and its body.
func send(t *testing.T, session *Session) (*http.Response, string) {
	t.Helper()
	req := newRequest(t.Context(), t, "body")
	resp, err := session.Transport.RoundTrip(req)
	if err != nil {
		t.Fatal(err)
	}
	if len(req.Header) > 0 {
		t.Errorf("the request was changed, which http.RoundTripper doesn't allow: %v", req.Header)
	}
	body, err := io.ReadAll(resp.Body)
	if err := errors.Join(err, resp.Body.Close()); err != nil {
		t.Fatal(err)
	}
	return resp, string(body)
}
