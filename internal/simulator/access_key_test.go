package simulator_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/opentelekomcloud-community/terraform-provider-modelarts/internal/simulator"
)

const (
	forbidden    = "403 ModelArts.0108: You are not authorized to perform the (GET) operation."
	otherProject = "403 ModelArts.0210: The project of the URL is not that of the credentials."
)

func TestAccessKeys(t *testing.T) {
	temporaryKey := key{simulator.DefaultTemporaryAccessKey, simulator.DefaultTemporarySecretKey}
	mixedKey := key{simulator.DefaultTemporaryAccessKey, simulator.DefaultSecretKey}
	configured := simulator.Options{SecretKey: "sk", TemporarySecretKey: "tsk", SecurityToken: "st"}
	wrongToken := refusedSignature("X-Security-Token is not the one of the access key")
	wrongKey := refusedSignature(wrongSignature)

	for name, c := range map[string]struct {
		options simulator.Options
		key     key
		token   []string // at most one
		want    string
	}{
		"permanent":                        {key: permanentKey, want: "200"},
		"permanent, token":                 {key: permanentKey, token: []string{simulator.DefaultSecurityToken}, want: wrongToken},
		"permanent, empty token":           {key: permanentKey, token: []string{""}, want: wrongToken},
		"temporary":                        {key: temporaryKey, token: []string{simulator.DefaultSecurityToken}, want: "200"},
		"temporary, no token":              {key: temporaryKey, want: wrongToken},
		"temporary, empty token":           {key: temporaryKey, token: []string{""}, want: wrongToken},
		"temporary, wrong token":           {key: temporaryKey, token: []string{"other"}, want: wrongToken},
		"temporary, permanent secret":      {key: mixedKey, token: []string{simulator.DefaultSecurityToken}, want: wrongKey},
		"unknown":                          {key: key{"other", simulator.DefaultSecretKey}, want: wrongKey},
		"configured permanent":             {options: configured, key: key{permanentKey.access, "sk"}, want: "200"},
		"configured permanent, default":    {options: configured, key: permanentKey, want: wrongKey},
		"configured temporary":             {options: configured, key: key{temporaryKey.access, "tsk"}, token: []string{"st"}, want: "200"},
		"configured temporary, no default": {options: configured, key: key{temporaryKey.access, "tsk"}, token: []string{simulator.DefaultSecurityToken}, want: wrongToken},
	} {
		t.Run(name, func(t *testing.T) {
			f := newFixture(t, c.options)
			g := f.jobsSigning()
			g.key = c.key

			for _, token := range c.token {
				g.header["x-security-token"] = token
			}

			f.do(g.request(projectJobs)).want(t, c.want)

			failures := 0
			if c.want != "200" {
				failures = 1
			}

			f.wantFailures(c.key.access, failures)
		})
	}
}

// TestAccessKeyLock covers the lock that five wrong signatures in a row cause. It applies to
// one key, of ModelArts and IAM alike. Each letter is a request, and so is each outcome: 401
// without a lock (-), 401 because of the lock (L), 403 (F), 200 (+). A digit is a wait.
func TestAccessKeyLock(t *testing.T) {
	signedBy := func(access, secret string) func(f *fixture) response {
		return func(f *fixture) response { return f.signedList(key{access, secret}) }
	}
	requests := map[rune]func(f *fixture) response{
		'w': signedBy(simulator.DefaultAccessKey, "wrong"),
		'r': signedBy(simulator.DefaultAccessKey, simulator.DefaultSecretKey),
		't': signedBy(simulator.DefaultTemporaryAccessKey, simulator.DefaultTemporarySecretKey),
		'u': signedBy("unknown", "wrong"),
		'x': func(f *fixture) response { return f.request("GET", jobs, "") }, // with a token
		'i': func(f *fixture) response { return f.signedGet("/v3/projects", nil) },
		'f': func(f *fixture) response {
			path := "/v1/" + simulator.DefaultDelegatedProjectID + jobs

			return f.do(f.signing("GET", path, "").request(path))
		},
	}
	waits := map[rune]time.Duration{'4': 5*time.Minute - 1, '1': 1, '5': 5 * time.Minute}

	for name, c := range map[string]struct {
		requests, want string
		failures       int // of the permanent key
	}{
		"locks for five minutes":                    {"wwwwwrw4r1wwwwr", "-----LLL----+", 12},
		"locks a second time":                       {"wwwww5wwwwwr", "----------L", 11},
		"locks neither another key nor a token":     {"wwwwwtx", "-----++", 5},
		"a right signature resets the count":        {"wwwwrwwwwr", "----+----+", 8},
		"a forbidden request has a right signature": {"wwwwfwr", "----F-+", 5},
		"locks an unknown key":                      {"uuuuuur", "-----L+", 0},
		"counts and applies in IAM":                 {"wwwwwi5iwwwwiwr", "-----L+----+-+", 11},
	} {
		t.Run(name, func(t *testing.T) {
			f, got := newFixture(t, simulator.Options{}), ""

			for _, letter := range c.requests {
				if wait, ok := waits[letter]; ok {
					f.clock.Advance(wait)

					continue
				}

				r := requests[letter](f)

				switch {
				case strings.HasPrefix(r.text("error_msg"), "Incorrect IAM authentication information: the access key is locked until 2026-03-01T12:"):
					got += "L"
				case r.status == http.StatusUnauthorized:
					got += "-"
				case r.status == http.StatusForbidden:
					got += "F"
				default:
					got += "+"
				}
			}

			if got != c.want {
				t.Errorf("%s: %s, want %s", c.requests, got, c.want)
			}

			f.wantFailures(simulator.DefaultAccessKey, c.failures)
		})
	}
}
