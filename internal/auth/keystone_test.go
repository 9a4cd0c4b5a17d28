package auth

import (
	"context"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha1"
	"encoding/base32"
	"encoding/binary"
	"fmt"
	"math"
	"net/http"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/gophercloud/gophercloud/v2"
)

// object is an object of JSON.
type object map[string]any

// world is a Keystone with a domain, a user and projects of these tests.
type world struct {
	url, admin string // admin is a token
	keystone   gophercloud.ProviderClient

	domainName             string
	domain, user, role     string // IDs
	real, regional         string // IDs of the projects eu-de_real and eu-de
	foreign, inOtherDomain string // IDs of the projects eu-de_foreign, which the user can't use, and eu-de_other
}

// TestRealKeystone authenticates with an OpenStack Keystone instead of the simulator: scripts/keystone runs one, and sets the variables. It
// never reads the OS_ variables, which can be those of a real cloud.
func TestRealKeystone(t *testing.T) {
	t.Parallel()
	w := &world{url: os.Getenv("KEYSTONE_TEST_AUTH_URL"), domainName: "OTC-EU-DE-" + rand.Text()}
	adminPassword := os.Getenv("KEYSTONE_TEST_PASSWORD")
	if w.url == "" || adminPassword == "" {
		t.Skip("NOT TESTED: there is no Keystone; make test-keystone brings one")
	}
	w.keystone.HTTPClient.Transport = &http.Transport{DisableKeepAlives: true}
	inDefault := object{"name": "admin", "domain": object{"name": "Default"}}
	w.admin = w.login(t, object{"name": "admin", "domain": inDefault["domain"], "password": adminPassword}, object{"project": inDefault})
	w.domain = w.create(t, "domain", object{"name": w.domainName})
	w.role = w.create(t, "role", object{"name": "te_" + rand.Text()})
	for name, id := range map[string]*string{"eu-de_real": &w.real, "eu-de": &w.regional, "eu-de_foreign": &w.foreign} {
		*id = w.create(t, "project", object{"name": name, "domain_id": w.domain})
	}
	other := w.create(t, "domain", object{"name": w.domainName + "-2"})
	w.inOtherDomain = w.create(t, "project", object{"name": "eu-de_other", "domain_id": other})
	w.user = w.newUser(t, "real")
	w.call(t, http.MethodPut, "/domains/"+w.domain+"/users/"+w.user+"/roles/"+w.role, nil, nil)
	service := w.create(t, "service", object{"type": "modelarts", "name": "modelarts"})
	t.Cleanup(func() { w.call(t, http.MethodDelete, "/services/"+service, nil, nil) })
	for _, e := range [][]string{
		{"internal", "eu-de", "https://internal.example.com"}, {"public", "eu-nl", "https://nl.example.com"}, {"public", "eu-de", endpoint + "/v1/$(project_id)s"},
	} {
		w.create(t, "endpoint", object{"service_id": service, "interface": e[0], "region": e[1], "url": e[2]})
	}
	t.Run("login", w.testLogin)
	t.Run("passcode", w.testPasscode)
	t.Run("renewal", w.testRenewal)
}

func (w *world) testLogin(t *testing.T) {
	t.Parallel()
	ofReal := object{"project": object{"id": w.real}}
	scoped, unscoped, ofDomain := w.issue(t, ofReal), w.issue(t, nil), w.issue(t, object{"domain": object{"id": w.domain}})
	revoked := w.issue(t, ofReal)
	w.revoke(t, revoked)
	user := w.options()
	byToken := func(token string) Options {
		return Options{AuthURL: w.url, Region: "eu-de", Token: token, AllowReauth: true}
	}
	as := func(id string) func(*Options) { return func(o *Options) { o.ProjectID, o.ProjectName = id, "" } }
	for name, test := range map[string]struct {
		options Options
		want    string // ID of the project, or the attribute at fault
		tokens  int    // that are requested
	}{
		"names":                    {user, w.real, 1},
		"IDs":                      {with(user, func(o *Options) { o.UserID, o.UserName, o.DomainID, o.DomainName = w.user, "", w.domain, "" }), w.real, 1},
		"project ID":               {with(user, as(w.real)), w.real, 1},
		"user ID, project ID":      {with(user, func(o *Options) { as(w.real)(o); o.UserID, o.UserName, o.DomainName = w.user, "", "" }), w.real, 1},
		"project of the region":    {with(user, as("")), w.regional, 1},
		"project of other domain":  {with(user, func(o *Options) { o.ProjectName, o.ProjectDomainName = "eu-de_other", w.domainName+"-2" }), w.inOtherDomain, 1},
		"auth_url without /v3":     {with(user, func(o *Options) { o.AuthURL = strings.TrimSuffix(o.AuthURL, "/v3") }), w.real, 1},
		"wrong password":           {with(user, func(o *Options) { o.Password = "wrong" }), "password", 1},
		"project of others":        {with(user, as(w.foreign)), "password", 1},
		"no project of the region": {with(user, func(o *Options) { o.ProjectName, o.Region = "", "eu-nl" }), "password", 1},

		"unscoped token, project":         {with(byToken(unscoped), func(o *Options) { o.ProjectName, o.DomainName = "eu-de_real", w.domainName }), w.real, 1},
		"unscoped token":                  {byToken(unscoped), w.regional, 1},
		"unscoped token, project ID":      {with(byToken(unscoped), as(w.real)), w.real, 1},
		"token of a domain, project ID":   {with(byToken(ofDomain), as(w.real)), w.real, 1},
		"scoped token":                    {byToken(scoped), w.real, 0},
		"token of another project, ID":    {with(byToken(scoped), as(w.regional)), w.regional, 1},
		"token of another project, name":  {with(byToken(scoped), func(o *Options) { o.ProjectName, o.DomainID = "eu-de", w.domain }), w.regional, 1},
		"unscoped token, no project":      {with(byToken(unscoped), func(o *Options) { o.Region = "" }), "tenant_name", 0},
		"unscoped token, unknown project": {with(byToken(unscoped), as("nothing")), "tenant_id", 1},
		"revoked token":                   {byToken(revoked), "token", 0},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			n := &network{t: t, w: w}
			session, err := openWith(t, n, test.options)
			if n.tokens != test.tokens {
				t.Errorf("requested %d tokens", n.tokens)
			}
			switch test.want {
			case "password": // Keystone has one message for all.
				wantFault(t, err, test.want, "The request you have made requires authentication.\nHTTP status: 401\n")
			case "token", "tenant_id", "tenant_name":
				wantFault(t, err, test.want)
			default:
				if err != nil || session.ProjectID != test.want || session.Endpoint.String() != endpoint+"/v1/"+test.want+"/" {
					t.Fatalf("%+v, %v", session, err)
				}
				n.wantStatus(session, http.StatusOK)
			}
		})
	}
}

// testPasscode has a user with a virtual MFA device.
func (w *world) testPasscode(t *testing.T) {
	t.Parallel()
	secret := []byte(rand.Text())
	id := w.newUser(t, "careful")
	w.create(t, "credential", object{"type": "totp", "user_id": id, "blob": base32.StdEncoding.EncodeToString(secret)})
	w.call(t, http.MethodPatch, "/users/"+id, object{"user": object{"options": object{
		"multi_factor_auth_enabled": true, "multi_factor_auth_rules": [][]string{{"password", "totp"}},
	}}}, nil)
	// passcode returns the passcode that the device shows, by RFC 6238.
	passcode := func(at time.Time) string {
		mac := hmac.New(sha1.New, secret)
		mac.Write(binary.BigEndian.AppendUint64(nil, uint64(at.Unix()/30)))
		sum := mac.Sum(nil)
		return fmt.Sprintf("%06d", binary.BigEndian.Uint32(sum[sum[19]&15:])&math.MaxInt32%1_000_000)
	}
	for _, userID := range []string{"", id} {
		options := w.options()
		options.UserName, options.UserID, options.Passcode = "careful", userID, passcode(time.Now())
		open(t, &network{t: t, w: w}, options)
		for _, wrong := range []string{"", passcode(time.Now().Add(time.Hour))} {
			options.Passcode = wrong
			_, err := openWith(t, &network{t: t, w: w}, options)
			wantFault(t, err, "password", "HTTP status: 401\n")
		}
	}
}

// testRenewal revokes the token of a session, which is renewed if the credentials can acquire another one.
func (w *world) testRenewal(t *testing.T) {
	t.Parallel()
	exchange := Options{AuthURL: w.url, Region: "eu-de", Token: w.issue(t, nil), ProjectID: w.real, AllowReauth: true}
	for want, options := range map[int]Options{http.StatusOK: w.options(), http.StatusUnauthorized: exchange} {
		n := &network{t: t, w: w}
		session := open(t, n, options)
		n.wantStatus(session, http.StatusOK)
		w.revoke(t, n.newest)
		n.wantStatus(session, want)
		n.wantStatus(session, want)
		if n.tokens != map[int]int{http.StatusOK: 2, http.StatusUnauthorized: 1}[want] {
			t.Errorf("requested %d tokens", n.tokens)
		}
	}
}

// options are of the user, in eu-de_real.
func (w *world) options() Options {
	return Options{
		AuthURL: w.url, Region: "eu-de", ProjectName: "eu-de_real", DomainName: w.domainName, UserName: "real", Password: password, AllowReauth: true, MaxRetries: 1,
	}
}

// newUser returns the ID of a user with the password, who can use the projects.
func (w *world) newUser(t *testing.T, name string) string {
	t.Helper()
	id := w.create(t, "user", object{"name": name, "domain_id": w.domain, "password": password})
	for _, project := range []string{w.real, w.regional, w.inOtherDomain} {
		w.call(t, http.MethodPut, "/projects/"+project+"/users/"+id+"/roles/"+w.role, nil, nil)
	}
	return id
}

// create creates an object as the user admin, and returns its ID.
func (w *world) create(t *testing.T, kind string, content object) string {
	t.Helper()
	var created map[string]struct{ ID string }
	w.call(t, http.MethodPost, "/"+kind+"s", object{kind: content}, &created)
	return created[kind].ID
}

// call sends a request as the user admin.
func (w *world) call(t *testing.T, method, path string, body, out any) {
	t.Helper()
	if _, err := w.send(t, method, w.url+path, w.admin, body, out); err != nil {
		t.Fatal(err)
	}
}

// send sends a request to Keystone without the tested code, and returns the token in the header of the response.
func (w *world) send(t *testing.T, method, url, token string, body, out any) (string, error) {
	t.Helper()
	header := map[string]string{tokenHeader: token, subjectHeader: token}
	if token == "" {
		header = nil // Keystone rejects empty ones.
	}
	// Cleanups send requests when the context of the test has ended.
	resp, err := w.keystone.Request(context.WithoutCancel(t.Context()), method, url,
		&gophercloud.RequestOpts{MoreHeaders: header, JSONBody: body, JSONResponse: out, OkCodes: []int{200, 201, 204}})
	if err != nil {
		return "", err
	}
	return resp.Header.Get(subjectHeader), nil
}

// issue returns a token of the user.
func (w *world) issue(t *testing.T, scope object) string {
	t.Helper()
	return w.login(t, object{"id": w.user, "password": password}, scope)
}

func (w *world) login(t *testing.T, user, scope object) string {
	t.Helper()
	content := object{"identity": object{"methods": []string{"password"}, "password": object{"user": user}}}
	if scope != nil {
		content["scope"] = scope
	}
	token, err := w.send(t, http.MethodPost, w.url+"/auth/tokens", "", object{"auth": content}, nil)
	if err != nil {
		t.Fatal(err)
	}
	return token
}

func (w *world) revoke(t *testing.T, token string) {
	t.Helper()
	if _, err := w.send(t, http.MethodDelete, w.url+"/auth/tokens", token, nil, nil); err != nil {
		t.Fatal(err)
	}
}

// network connects to Keystone, and is a ModelArts that has Keystone validate every token.
type network struct {
	t      *testing.T
	w      *world
	tokens int    // requested
	newest string // the last token of IAM
}

func (n *network) RoundTrip(req *http.Request) (*http.Response, error) {
	if strings.HasPrefix(req.URL.String(), endpoint) {
		token, status := req.Header.Get(tokenHeader), http.StatusOK
		_, err := n.w.send(n.t, http.MethodGet, n.w.url+"/auth/tokens", token, nil, nil)
		if gophercloud.ResponseCodeIs(err, http.StatusUnauthorized) {
			status = http.StatusUnauthorized
		} else if err != nil {
			n.t.Error(err)
		}
		return respond(status, "")(req)
	}
	resp, err := n.w.keystone.HTTPClient.Transport.RoundTrip(req)
	if req.Method == http.MethodPost && err == nil {
		n.tokens++
		n.newest = resp.Header.Get(subjectHeader)
	}
	return resp, err
}

// wantStatus checks the HTTP status of a request to ModelArts.
func (n *network) wantStatus(session *Session, want int) {
	n.t.Helper()
	if resp, _ := send(n.t, session); resp.StatusCode != want {
		n.t.Errorf("HTTP %d, want %d", resp.StatusCode, want)
	}
}
