package auth_test

import (
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha1"
	"encoding/base32"
	"encoding/binary"
	"errors"
	"fmt"
	"math"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/opentelekomcloud-community/terraform-provider-modelarts/internal/auth"
)

// TestRealKeystone authenticates with an OpenStack Keystone instead of the simulator: scripts/keystone runs one,
// and sets the variables. It never reads the OS_ variables, which can be those of a real cloud.
func TestRealKeystone(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	for name, test := range map[string]func(*testing.T){
		"password":             w.testPassword,
		"refused password":     w.testRefusedPassword,
		"passcode":             w.testPasscode,
		"endpoint":             w.testEndpoint,
		"token":                w.testToken,
		"refused token":        w.testRefusedToken,
		"expired token":        w.testExpiredToken,
		"revoked exchange":     w.testRevokedExchange,
		"session that expires": w.testSessionExpires,
		"revoked session":      w.testSessionIsRevoked,
		"disabled user":        w.testUserIsDisabled,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			test(t)
		})
	}
}

func (w *world) testPassword(t *testing.T) {
	for name, test := range map[string]struct {
		change  func(*auth.Options)
		project string
	}{
		"names":                {func(*auth.Options) {}, w.project},
		"ids":                  {func(o *auth.Options) { o.UserID, o.UserName, o.DomainID, o.DomainName = w.user, "", w.domain, "" }, w.project},
		"names and ids":        {func(o *auth.Options) { o.UserID, o.DomainID = w.user, w.domain }, w.project},
		"user name, domain id": {func(o *auth.Options) { o.DomainID, o.DomainName = w.domain, "" }, w.project},
		"project id":           {func(o *auth.Options) { o.ProjectID, o.ProjectName = w.project, "" }, w.project},
		"user and project id": {
			func(o *auth.Options) {
				o.UserID, o.UserName, o.DomainName, o.ProjectID, o.ProjectName = w.user, "", "", w.project, ""
			}, w.project,
		},
		"the region's project": {func(o *auth.Options) { o.ProjectName = "" }, w.regional},
		"another domain's project": {
			func(o *auth.Options) { o.ProjectName, o.ProjectDomainName = "eu-de_other", w.domainName+"-2" }, w.other,
		},
		"auth_url without /v3":  {func(o *auth.Options) { o.AuthURL = strings.TrimSuffix(o.AuthURL, "/v3") }, w.project},
		"auth_url with a slash": {func(o *auth.Options) { o.AuthURL += "/" }, w.project},
	} {
		options, network := w.options(t)
		test.change(&options)
		session, err := auth.Open(t.Context(), options)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if session.ProjectID != test.project || network.requests != 1 {
			t.Errorf("%s: project %s, want %s; %d tokens", name, session.ProjectID, test.project, network.requests)
		}
		wantRequest(t, name, session, http.StatusOK)
	}
}

func (w *world) testRefusedPassword(t *testing.T) {
	for name, change := range map[string]func(*auth.Options){
		"password":                func(o *auth.Options) { o.Password = "wrong" },
		"user":                    func(o *auth.Options) { o.UserName = "nobody" },
		"user id":                 func(o *auth.Options) { o.UserID = "nobody" },
		"domain":                  func(o *auth.Options) { o.DomainName = "nowhere" },
		"domain id":               func(o *auth.Options) { o.DomainID = "nowhere" },
		"domain of another":       func(o *auth.Options) { o.DomainName = "Default" },
		"project":                 func(o *auth.Options) { o.ProjectName = "nothing" },
		"project id":              func(o *auth.Options) { o.ProjectID = "nothing" },
		"project of others":       func(o *auth.Options) { o.ProjectID = w.foreign },
		"no project of this name": func(o *auth.Options) { o.ProjectName, o.Region = "", "eu-nl" },
	} {
		options, network := w.options(t)
		change(&options)
		_, err := auth.Open(t.Context(), options)
		// Keystone has one message for all.
		w.wantConfigError(t, name, err, "password", "The request you have made requires authentication.\nHTTP status: 401\n")
		if network.requests != 1 {
			t.Errorf("%s: requested %d tokens", name, network.requests)
		}
	}
	options, _ := w.options(t)
	options.AuthURL = strings.TrimSuffix(options.AuthURL, "/v3") + "/identity/v3" // where DevStack has it
	_, err := auth.Open(t.Context(), options)
	if _, ok := errors.AsType[*auth.ConfigError](err); ok || err == nil || !strings.Contains(err.Error(), "HTTP status: 404\n") {
		t.Errorf("wrong path in auth_url: %v", err)
	}
}

// testPasscode is of a user who has a virtual MFA device.
func (w *world) testPasscode(t *testing.T) {
	secret := []byte(rand.Text())
	id := w.newUser(t, "careful")
	w.create(t, "credential", object{"type": "totp", "user_id": id, "blob": base32.StdEncoding.EncodeToString(secret)})
	w.admin(t, http.MethodPatch, "/users/"+id, object{"user": object{"options": object{
		"multi_factor_auth_enabled": true, "multi_factor_auth_rules": [][]string{{"password", "totp"}},
	}}})
	for name, change := range map[string]func(*auth.Options){
		"by name": func(*auth.Options) {},
		"by id":   func(o *auth.Options) { o.UserID = id },
	} {
		options, _ := w.options(t)
		options.UserName, options.Passcode = "careful", passcode(secret, time.Now())
		change(&options)
		w.open(t, options)
		for wrong, change := range map[string]func(*auth.Options){
			"no passcode":    func(o *auth.Options) { o.Passcode = "" },
			"passcode":       func(o *auth.Options) { o.Passcode = passcode(secret, time.Now().Add(time.Hour)) },
			"password alone": func(o *auth.Options) { o.Password = "wrong" },
		} {
			options := options
			change(&options)
			_, err := auth.Open(t.Context(), options)
			w.wantConfigError(t, name+", "+wrong, err, "password", "HTTP status: 401\n")
		}
	}
}

// passcode returns the passcode that a virtual MFA device shows, by RFC 6238.
func passcode(secret []byte, at time.Time) string {
	mac := hmac.New(sha1.New, secret)
	mac.Write(binary.BigEndian.AppendUint64(nil, uint64(at.Unix()/30)))
	sum := mac.Sum(nil)
	return fmt.Sprintf("%06d", binary.BigEndian.Uint32(sum[sum[19]&15:])&math.MaxInt32%1_000_000)
}

func (w *world) testEndpoint(t *testing.T) {
	for name, test := range map[string]struct {
		change func(*auth.Options)
		want   string
	}{
		"of the region":      {func(*auth.Options) {}, "https://modelarts.eu-de.example.com/v1/" + w.project},
		"of another region":  {func(o *auth.Options) { o.Region = "eu-nl" }, "https://modelarts.eu-nl.example.com"},
		"of no region":       {func(o *auth.Options) { o.Region = "eu-ch2" }, ""},
		"not in the catalog": {func(o *auth.Options) { o.ProjectName = "eu-de_bare" }, ""},
		"configured":         {func(o *auth.Options) { o.Endpoint = "https://ma.example.com" }, "https://ma.example.com"},
	} {
		options, _ := w.options(t)
		test.change(&options)
		session, err := auth.Open(t.Context(), options)
		if test.want == "" {
			w.wantConfigError(t, name, err, "endpoint", "OS_MODELARTS_ENDPOINT")
		} else if err != nil {
			t.Errorf("%s: %v", name, err)
		} else if got := strings.TrimSuffix(session.Endpoint.String(), "/"); got != test.want {
			t.Errorf("%s: %s, want %s", name, got, test.want)
		}
	}
}

func (w *world) testToken(t *testing.T) {
	none, scoped := w.issue(t, nil), w.issue(t, projectScope(w.project))
	for name, test := range map[string]struct {
		options   auth.Options
		project   string
		exchanged bool
	}{
		"of nothing, project by name": {
			auth.Options{Token: none, ProjectName: "eu-de_real", DomainName: w.domainName}, w.project, true,
		},
		"of nothing, project by name alone": {auth.Options{Token: none, ProjectName: "eu-de_real"}, w.project, true},
		"of nothing, nothing said":          {auth.Options{Token: none}, w.regional, true},
		"of nothing, project by id":         {auth.Options{Token: none, ProjectID: w.project}, w.project, true},
		"of a domain, project by id":        {auth.Options{Token: w.issue(t, domainScope(w.domain)), ProjectID: w.project}, w.project, true},
		"of the project, nothing said":      {auth.Options{Token: scoped}, w.project, false},
		"of another project, one by id":     {auth.Options{Token: scoped, ProjectID: w.regional}, w.regional, true},
		"of another project, one by name":   {auth.Options{Token: scoped, ProjectName: "eu-de", DomainID: w.domain}, w.regional, true},
		"from a token": {
			auth.Options{Token: w.exchange(t, none, projectScope(w.project)), ProjectID: w.regional}, w.regional, true,
		},
	} {
		network := w.network(t)
		test.options.AuthURL, test.options.Region, test.options.AllowReauth, test.options.Transport = w.url, "eu-de", true, network
		session, err := auth.Open(t.Context(), test.options)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if session.ProjectID != test.project || session.Method != "token" || network.requests > 0 != test.exchanged {
			t.Errorf("%s: %+v, want project %s; %d tokens", name, session, test.project, network.requests)
		}
		wantRequest(t, name, session, http.StatusOK)
	}
}

func (w *world) testRefusedToken(t *testing.T) {
	revoked := w.issue(t, projectScope(w.project))
	w.revoke(t, revoked)
	for name, test := range map[string]struct {
		options   auth.Options
		attribute string
	}{
		"of nothing, nothing said":    {auth.Options{Token: w.issue(t, nil)}, "tenant_name"},
		"of a domain, nothing said":   {auth.Options{Token: w.issue(t, domainScope(w.domain))}, "tenant_name"},
		"of nothing, project unknown": {auth.Options{Token: w.issue(t, nil), ProjectID: "nothing"}, "tenant_id"},
		"a project of others":         {auth.Options{Token: w.issue(t, nil), ProjectID: w.foreign}, "tenant_id"},
		"another project of others":   {auth.Options{Token: w.issue(t, projectScope(w.project)), ProjectID: w.foreign}, "tenant_id"},
		"no project of this name": {
			auth.Options{Token: w.issue(t, nil), ProjectName: "nothing", DomainName: w.domainName}, "tenant_name",
		},
		"no token":                 {auth.Options{Token: "no-token"}, "token"},
		"no token, a project":      {auth.Options{Token: "no-token", ProjectID: w.project}, "token"},
		"a revoked one":            {auth.Options{Token: revoked}, "token"},
		"a revoked one, a project": {auth.Options{Token: revoked, ProjectID: w.bare}, "token"},
	} {
		test.options.AuthURL, test.options.Transport = w.url, w.network(t)
		_, err := auth.Open(t.Context(), test.options)
		w.wantConfigError(t, name, err, test.attribute, "")
	}
}

func (w *world) testExpiredToken(t *testing.T) {
	token := w.login(t, w.short, passwordOf(object{"id": w.user, "password": w.password}), projectScope(w.project))
	w.awaitEnd(t, token)
	for name, change := range map[string]func(*auth.Options){
		"alone":             func(*auth.Options) {},
		"its project":       func(o *auth.Options) { o.ProjectID = w.project },
		"another project":   func(o *auth.Options) { o.ProjectID = w.bare },
		"a project by name": func(o *auth.Options) { o.ProjectName, o.DomainName = "eu-de_bare", w.domainName },
	} {
		options := auth.Options{AuthURL: w.url, Region: "eu-de", Token: token, Transport: w.network(t)}
		change(&options)
		_, err := auth.Open(t.Context(), options)
		w.wantConfigError(t, name, err, "token", "")
	}
	// Without a request to IAM, only the service finds out.
	network := w.network(t)
	session := w.open(t, auth.Options{
		AuthURL: w.url, Token: token, ProjectID: w.project, Endpoint: "https://" + modelArts, AllowReauth: true, Transport: network,
	})
	wantRequest(t, "without IAM", session, http.StatusUnauthorized)
	if network.requests != 0 {
		t.Errorf("requested %d tokens", network.requests)
	}
}

func (w *world) testSessionExpires(t *testing.T) {
	options, network := w.options(t)
	network.first = strings.TrimSuffix(strings.TrimPrefix(w.short, "http://"), "/v3")
	session := w.open(t, options)
	w.awaitEnd(t, network.newest)
	wantRequest(t, "after the end", session, http.StatusOK)
	wantRequest(t, "with the new token", session, http.StatusOK)
	if network.requests != 2 || network.refused != 1 {
		t.Errorf("requested %d tokens, and %d requests were refused", network.requests, network.refused)
	}
}

// A token that was exchanged for another one cannot be renewed with it.
func (w *world) testRevokedExchange(t *testing.T) {
	network := w.network(t)
	session := w.open(t, auth.Options{
		AuthURL: w.url, Region: "eu-de", Token: w.issue(t, nil), ProjectID: w.project, AllowReauth: true, Transport: network,
	})
	wantRequest(t, "early", session, http.StatusOK)
	w.revoke(t, network.newest)
	wantRequest(t, "afterwards", session, http.StatusUnauthorized)
	if network.requests != 1 {
		t.Errorf("requested %d tokens", network.requests)
	}
}

func (w *world) testSessionIsRevoked(t *testing.T) {
	options, network := w.options(t)
	session := w.open(t, options)
	for i := range 3 {
		for j := range 2 {
			wantRequest(t, fmt.Sprintf("round %d, request %d", i, j), session, http.StatusOK)
		}
		w.revoke(t, network.newest)
	}
	if network.requests != 3 || network.refused != 2 {
		t.Errorf("requested %d tokens, and %d requests were refused", network.requests, network.refused)
	}
}

func (w *world) testUserIsDisabled(t *testing.T) {
	id := w.newUser(t, "leaver")
	options, network := w.options(t)
	options.UserName = "leaver"
	session := w.open(t, options)
	wantRequest(t, "early", session, http.StatusOK)
	w.admin(t, http.MethodPatch, "/users/"+id, object{"user": object{"enabled": false}})
	resp, err := session.Transport.RoundTrip(newRequest(t, session))
	if resp != nil {
		t.Errorf("afterwards: HTTP %d", resp.StatusCode)
	}
	w.wantConfigError(t, "afterwards", err, "password", "requires authentication")
	if network.requests != 2 {
		t.Errorf("requested %d tokens", network.requests)
	}
}
