package simulator_test

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/opentelekomcloud-community/terraform-provider-modelarts/internal/simulator"
)

const (
	byName = `{"methods":["password"],"password":{"user":{"name":"simulator","password":"simulator-password",
		"domain":{"name":"OTC-EU-DE-00000000001000000001"}}}}`
	byID = `{"methods":["password"],"password":{"user":{"id":"0b9e6f4d2a8c4371b5d3e7f1a6c4820d",
		"password":"simulator-password"}}}`
	projectByID   = `{"project":{"id":"c3f2a1d04b5e46f78a9bd0e1f2c3a4b5"}}`
	projectByName = `{"project":{"name":"eu-de_simulator","domain":{"name":"OTC-EU-DE-00000000001000000001"}}}`
	unauthorized  = `{"error":{"code":401,"title":"Unauthorized",
		"message":"The request you have made requires authentication."}}`
)

// logIn asks for a token; an empty scope is none.
func (b *bench) logIn(identity, scope string, header ...string) reply {
	b.t.Helper()

	body := `{"auth":{"identity":` + identity
	if scope != "" {
		body += `,"scope":` + scope
	}

	return b.send("POST", "/v3/auth/tokens", body+"}}", header...)
}

func TestToken(t *testing.T) {
	t.Parallel()

	const want = `{"token":{
		"methods": ["password"],
		"issued_at": "2026-03-01T12:00:00.000000Z", "expires_at": "2026-03-02T12:00:00.000000Z",
		"user": {
			"id": "0b9e6f4d2a8c4371b5d3e7f1a6c4820d", "name": "simulator",
			"domain": {"id": "5d0c1e8a3b7f4c96a2e4d1b08f6c7a93", "name": "OTC-EU-DE-00000000001000000001"}
		},
		"project": {
			"id": "c3f2a1d04b5e46f78a9bd0e1f2c3a4b5", "name": "eu-de_simulator",
			"domain": {"id": "5d0c1e8a3b7f4c96a2e4d1b08f6c7a93", "name": "OTC-EU-DE-00000000001000000001"}
		},
		"roles": [{"id": "0", "name": "te_admin"}],
		"catalog": [
			{"id": "service-identity", "name": "iam", "type": "identity", "endpoints": [
				{"id": "endpoint-identity", "interface": "public", "region": "eu-de", "region_id": "eu-de",
				"url": "http://example.com/v3"}]},
			{"id": "service-modelarts", "name": "modelarts", "type": "modelarts", "endpoints": [
				{"id": "endpoint-modelarts", "interface": "public", "region": "eu-de", "region_id": "eu-de",
				"url": "http://example.com"}]},
			{"id": "service-modelartsv1", "name": "modelartsv1", "type": "modelartsv1", "endpoints": [
				{"id": "endpoint-modelartsv1", "interface": "public", "region": "eu-de", "region_id": "eu-de",
				"url": "http://example.com/v1/c3f2a1d04b5e46f78a9bd0e1f2c3a4b5"}]}
		]
	}}`

	b := newBench(t, simulator.Options{})
	r := b.logIn(byName, projectByName)
	r.want(t, http.StatusCreated, want)

	token := r.header.Get("X-Subject-Token")
	if token == "" || strings.Contains(token, "password") {
		t.Fatalf("token %q", token)
	}

	shown := b.send("GET", "/v3/auth/tokens", "", "X-Auth-Token", b.token, "X-Subject-Token", token)
	shown.want(t, http.StatusOK, want)

	if got := shown.header.Get("X-Subject-Token"); got != token {
		t.Errorf("X-Subject-Token = %q", got)
	}

	if r := b.send("GET", "/v1/"+simulator.DefaultProjectID+jobs, "", "X-Auth-Token", token); r.status != http.StatusOK {
		t.Errorf("ModelArts with the token: %d %v", r.status, r.body)
	}
}

func TestLogIn(t *testing.T) {
	t.Parallel()

	const (
		named  = `"name":"simulator","password":"simulator-password"`
		domain = `"domain":{"name":"OTC-EU-DE-00000000001000000001"}`
		userID = `"id":"0b9e6f4d2a8c4371b5d3e7f1a6c4820d"`

		created = http.StatusCreated
		refused = http.StatusUnauthorized
	)

	password := func(user string) string { return `{"methods":["password"],"password":{"user":{` + user + `}}}` }

	for name, c := range map[string]struct {
		identity, scope string
		status          int
	}{
		"user by name":                {byName, projectByName, created},
		"user by name, domain by id":  {password(named + `,"domain":{"id":"5d0c1e8a3b7f4c96a2e4d1b08f6c7a93"}`), projectByID, created},
		"user by id":                  {byID, projectByID, created},
		"wrong password":              {password(userID + `,"password":"wrong"`), projectByID, refused},
		"no password":                 {password(userID), projectByID, refused},
		"wrong user":                  {password(`"name":"other","password":"simulator-password",` + domain), projectByID, refused},
		"wrong user id":               {password(`"id":"other","password":"simulator-password"`), projectByID, refused},
		"user by name without domain": {password(named), projectByID, refused},
		"user of another domain":      {password(named + `,"domain":{"name":"other"}`), projectByID, refused},
		"nobody":                      {password(`"password":"simulator-password",` + domain), projectByID, refused},
		"no method":                   {`{"methods":[]}`, projectByID, refused},
		"unknown method":              {`{"methods":["saml2"]}`, projectByID, refused},
		"unknown method besides":      {strings.Replace(byID, `["password"]`, `["password","saml2"]`, 1), projectByID, refused},
		"totp alone":                  {`{"methods":["totp"],"totp":{"user":{"passcode":"1"}}}`, projectByID, refused},
		"totp is ignored":             {strings.Replace(byID, `["password"]`, `["password","totp"]`, 1), projectByID, created},
		"unknown token":               {`{"methods":["token"],"token":{"id":"other"}}`, projectByID, refused},
		"project by name alone":       {byID, `{"project":{"name":"eu-de_simulator"}}`, created},
		"project by name, domain by id": {byID, `{"project":{"name":"eu-de_simulator",
			"domain":{"id":"5d0c1e8a3b7f4c96a2e4d1b08f6c7a93"}}}`, created},
		"wrong project":           {byID, `{"project":{"name":"eu-nl"}}`, refused},
		"wrong project id":        {byID, `{"project":{"id":"other"}}`, refused},
		"no project at all":       {byID, `{"project":{}}`, refused},
		"project of other domain": {byID, `{"project":{"name":"eu-de_simulator","domain":{"name":"other"}}}`, refused},
		"wrong domain":            {byID, `{"domain":{"name":"other"}}`, refused},
		"unknown scope":           {byID, `{"system":{"all":true}}`, refused},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()

			r := newBench(t, simulator.Options{}).logIn(c.identity, c.scope)

			if c.status == http.StatusUnauthorized {
				r.want(t, c.status, unauthorized)
			} else if r.status != c.status {
				t.Errorf("status = %d, want %d: %v", r.status, c.status, r.body)
			}

			if issued := r.header.Get("X-Subject-Token") != ""; issued != (c.status == http.StatusCreated) {
				t.Errorf("token issued: %t", issued)
			}
		})
	}
}

func TestPasscode(t *testing.T) {
	t.Parallel()

	b := newBench(t, simulator.Options{Passcode: "123456"})
	with := func(passcode string) string {
		both := strings.Replace(byID, `["password"]`, `["password","totp"]`, 1)

		return strings.TrimSuffix(both, "}") + `,"totp":{"user":{"passcode":"` + passcode + `"}}}`
	}

	b.logIn(byID, projectByID).want(t, http.StatusUnauthorized, unauthorized)
	b.logIn(with("654321"), projectByID).want(t, http.StatusUnauthorized, unauthorized)

	if r := b.logIn(with("123456"), projectByID); r.status != http.StatusCreated {
		t.Errorf("right passcode: %d %v", r.status, r.body)
	}
}

// TestPasscodeOnce counts a passcode as used when all of the request was right but
// perhaps the scope.
func TestPasscodeOnce(t *testing.T) {
	t.Parallel()

	const (
		created = http.StatusCreated
		refused = http.StatusUnauthorized

		methods = `{"methods":["password","totp"],"password":{"user":{"id":"0b9e6f4d2a8c4371b5d3e7f1a6c4820d",`
		right   = methods + `"password":"simulator-password"}},"totp":{"user":{"passcode":"123456"}}}`
		wrong   = methods + `"password":"wrong"}},"totp":{"user":{"passcode":"123456"}}}`
		late    = methods + `"password":"simulator-password"}},"totp":{"user":{"passcode":"654321"}}}`
		other   = `{"project":{"name":"other"}}`
	)

	type step struct {
		identity, scope string
		status          int
	}

	for name, c := range map[string]struct {
		options simulator.Options
		steps   []step
	}{
		"once": {
			simulator.Options{Passcode: "123456", PasscodeOnce: true},
			[]step{{wrong, projectByID, refused}, {late, projectByID, refused}, {right, projectByID, created}, {right, projectByID, refused}},
		},
		"wrong scope": {
			simulator.Options{Passcode: "123456", PasscodeOnce: true},
			[]step{{right, other, refused}, {right, projectByID, refused}},
		},
		"any number of times": {
			simulator.Options{Passcode: "123456"},
			[]step{{right, projectByID, created}, {right, projectByID, created}},
		},
		"no passcode": {
			simulator.Options{PasscodeOnce: true},
			[]step{{right, projectByID, created}, {late, projectByID, created}, {byID, projectByID, created}},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()

			b := newBench(t, c.options)
			for i, step := range c.steps {
				if r := b.logIn(step.identity, step.scope); r.status != step.status {
					t.Errorf("step %d: %d %v, want %d", i, r.status, r.body, step.status)
				}
			}
		})
	}
}

// TestScopes checks what a token of each scope says of itself, and whether
// ModelArts takes it.
func TestScopes(t *testing.T) {
	t.Parallel()

	for name, c := range map[string]struct {
		scope     string
		keys      []string
		modelArts int
	}{
		"project": {projectByID, []string{"project", "roles", "catalog"}, http.StatusOK},
		"domain": {
			`{"domain":{"name":"OTC-EU-DE-00000000001000000001"}}`,
			[]string{"domain", "roles", "catalog"},
			http.StatusForbidden,
		},
		"none": {"", nil, http.StatusForbidden},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()

			b := newBench(t, simulator.Options{})
			r := b.logIn(byName, c.scope)
			token, _ := r.body["token"].(map[string]any)

			var keys []string

			for _, key := range []string{"project", "domain", "roles", "catalog"} {
				if token[key] != nil {
					keys = append(keys, key)
				}
			}

			if diff := cmp.Diff(c.keys, keys); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}

			b.token = r.header.Get("X-Subject-Token")
			if got := b.call("GET", jobs, "").status; got != c.modelArts {
				t.Errorf("ModelArts: status %d, want %d", got, c.modelArts)
			}
		})
	}
}

func TestTokenMethodDoesNotProlong(t *testing.T) {
	t.Parallel()

	b := newBench(t, simulator.Options{TokenLifetime: time.Hour})
	b.clock.Advance(30 * time.Minute)

	r := b.logIn(`{"methods":["token"],"token":{"id":"`+b.token+`"}}`, projectByID)
	token, _ := r.body["token"].(map[string]any)

	if r.status != http.StatusCreated || token["expires_at"] != "2026-03-01T13:00:00.000000Z" {
		t.Fatalf("%d %v", r.status, r.body)
	}
}

func TestIdentityErrors(t *testing.T) {
	t.Parallel()

	b := newBench(t, simulator.Options{})

	b.send("GET", "/v3/projects", "").want(t, http.StatusUnauthorized, unauthorized)
	b.send("GET", "/v3/auth/tokens", "", "X-Subject-Token", b.token).want(t, http.StatusUnauthorized, unauthorized)
	b.send("GET", "/v3/auth/tokens", "", "X-Auth-Token", b.token, "X-Subject-Token", "other").
		want(t, http.StatusNotFound, `{"error":{"code":404,"title":"Not Found","message":"The subject token is not known."}}`)
	b.send("DELETE", "/v3/users", "", "X-Auth-Token", b.token).
		want(t, http.StatusNotFound,
			`{"error":{"code":404,"title":"Not Found","message":"Nothing is found at DELETE /v3/users."}}`)

	for body, status := range map[string]int{"": 400, "[]": 400, "{": 400, strings.Repeat(" ", 1<<20) + "{}": 413} {
		r := b.send("POST", "/v3/auth/tokens", body)
		failure, _ := r.body["error"].(map[string]any)

		if code, _ := failure["code"].(json.Number); r.status != status || code.String() == "" {
			t.Errorf("body of %d bytes: %d %v, want %d", len(body), r.status, r.body, status)
		}
	}
}

func TestDiscovery(t *testing.T) {
	t.Parallel()

	const version = `{"id":"v3.14","status":"stable","updated":"2020-04-07T00:00:00Z",
		"links":[{"rel":"self","href":"http://example.com/v3/"}],
		"media-types":[{"base":"application/json","type":"application/vnd.openstack.identity-v3+json"}]}`

	b := newBench(t, simulator.Options{})

	b.send("GET", "/", "").want(t, http.StatusMultipleChoices, `{"versions":{"values":[`+version+`]}}`)
	b.send("GET", "/v3", "").want(t, http.StatusOK, `{"version":`+version+`}`)
	b.send("GET", "/v3/", "").want(t, http.StatusOK, `{"version":`+version+`}`)
}

func TestOptionsNameThePasswordAndTheProject(t *testing.T) {
	t.Parallel()

	b := newBench(t, simulator.Options{Password: "p", ProjectName: "n"})

	b.logIn(`{"methods":["password"],"password":{"user":{"id":"`+simulator.DefaultUserID+`","password":"p"}}}`,
		`{"project":{"name":"n"}}`).wantStatus(t, http.StatusCreated)
	b.logIn(byID, "").wantStatus(t, http.StatusUnauthorized)
}
