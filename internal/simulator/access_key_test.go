package simulator_test

import (
	"net/http"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/opentelekomcloud-community/terraform-provider-modelarts/internal/simulator"
)

const locked = "the access key is locked until 2026-03-01T12:05:00Z"

func TestAccessKeyIsForTheProjectItNames(t *testing.T) {
	t.Parallel()

	b := newBench(t, simulator.Options{})

	for _, c := range []struct {
		project, path string
		status        int
	}{
		{simulator.DefaultProjectID, simulator.DefaultProjectID, http.StatusOK},
		{"", simulator.DefaultProjectID, http.StatusForbidden},
		{"other", simulator.DefaultProjectID, http.StatusForbidden},
		{"other", "other", http.StatusForbidden},
		{simulator.DefaultProjectID, "other", http.StatusForbidden},
		{simulator.DefaultDelegatedProjectID, simulator.DefaultDelegatedProjectID, http.StatusForbidden},
	} {
		path := "/v1/" + c.path + jobs
		g := b.signing("GET", path, "")
		g.header = map[string]string{"x-project-id": c.project}

		if c.project == "" {
			g.header = nil
		}

		r := b.do(g.request(t, path))
		switch {
		case c.status != http.StatusForbidden:
			r.wantStatus(t, c.status)
		case c.project == simulator.DefaultProjectID:
			r.wantRefusal(t, c.status, "ModelArts.0210", "The project of the URL is not that of the credentials.")
		default:
			r.wantRefusal(t, c.status, "ModelArts.0108", "You are not authorized to perform the (GET) operation.")
		}
	}

	b.wantFailures(simulator.DefaultAccessKey, 0)
}

func TestTokenComesBeforeSignature(t *testing.T) {
	t.Parallel()

	b := newBench(t, simulator.Options{})

	r := b.signing("GET", ownJobs, "").request(t, ownJobs)
	r.Header.Set("X-Auth-Token", "other")
	b.do(r).wantStatus(t, http.StatusUnauthorized)

	r = b.signing("GET", ownJobs, "").request(t, ownJobs)
	r.Header.Set("X-Auth-Token", b.token)
	r.Header.Set("X-Sdk-Date", "wrong")
	b.do(r).wantStatus(t, http.StatusOK)

	b.wantFailures(simulator.DefaultAccessKey, 0)
}

func TestTemporaryAccessKey(t *testing.T) {
	t.Parallel()

	const reason = "X-Security-Token is not the one of the access key"

	for name, c := range map[string]struct {
		accessKey, secretKey string
		token                []string // at most one
		reason               string
	}{
		"temporary": {
			simulator.DefaultTemporaryAccessKey, simulator.DefaultTemporarySecretKey,
			[]string{simulator.DefaultSecurityToken},
			"",
		},
		"temporary without token": {
			simulator.DefaultTemporaryAccessKey, simulator.DefaultTemporarySecretKey, nil, reason,
		},
		"temporary with an empty token": {
			simulator.DefaultTemporaryAccessKey, simulator.DefaultTemporarySecretKey, []string{""}, reason,
		},
		"temporary with a wrong token": {
			simulator.DefaultTemporaryAccessKey, simulator.DefaultTemporarySecretKey, []string{"other"}, reason,
		},
		"temporary with the secret of the other": {
			simulator.DefaultTemporaryAccessKey, simulator.DefaultSecretKey,
			[]string{simulator.DefaultSecurityToken},
			wrongKey,
		},
		"permanent": {simulator.DefaultAccessKey, simulator.DefaultSecretKey, nil, ""},
		"permanent with a token": {
			simulator.DefaultAccessKey, simulator.DefaultSecretKey, []string{simulator.DefaultSecurityToken}, reason,
		},
		"permanent with an empty token": {simulator.DefaultAccessKey, simulator.DefaultSecretKey, []string{""}, reason},
		"unknown":                       {"other", simulator.DefaultSecretKey, nil, wrongKey},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()

			b := newBench(t, simulator.Options{})
			g := b.signing("GET", ownJobs, "")
			g.accessKey, g.secretKey = c.accessKey, c.secretKey

			for _, token := range c.token {
				g.header["x-security-token"] = token
			}

			r, failures := b.do(g.request(t, ownJobs)), 0
			if c.reason == "" {
				r.wantStatus(t, http.StatusOK)
			} else {
				r.wantUnsigned(t, c.reason)

				failures = 1
			}

			b.wantFailures(c.accessKey, failures)
		})
	}
}

func TestOptionsNameTheSecretKeys(t *testing.T) {
	t.Parallel()

	b := newBench(t, simulator.Options{SecretKey: "sk", TemporarySecretKey: "tsk", SecurityToken: "st"})

	g := b.signing("GET", ownJobs, "")
	g.accessKey, g.secretKey = simulator.DefaultAccessKey, "sk"
	b.do(g.request(t, ownJobs)).wantStatus(t, http.StatusOK)

	g.accessKey, g.secretKey = simulator.DefaultTemporaryAccessKey, "tsk"
	g.header["x-security-token"] = "st"
	b.do(g.request(t, ownJobs)).wantStatus(t, http.StatusOK)

	b.signed("GET", "", "").wantUnsigned(t, wrongKey)
}

func TestFiveRefusalsLockTheKey(t *testing.T) {
	t.Parallel()

	b := newBench(t, simulator.Options{})

	for range 5 {
		b.wrong().wantUnsigned(t, wrongKey)
	}

	b.signed("GET", "", "").wantUnsigned(t, locked)
	b.wrong().wantUnsigned(t, locked)
	b.wantFailures(simulator.DefaultAccessKey, 7)

	// Neither the other key nor a token is locked.
	b.accept("GET", jobs, "")
	b.temporary("GET", "").wantStatus(t, http.StatusOK)

	b.clock.Advance(5*time.Minute - time.Nanosecond)
	b.signed("GET", "", "").wantUnsigned(t, locked)

	// Refusals meanwhile do not make it longer, and the count begins anew.
	b.clock.Advance(time.Nanosecond)

	for range 4 {
		b.wrong().wantUnsigned(t, wrongKey)
	}

	b.signed("GET", "", "").wantStatus(t, http.StatusOK)
	b.wantFailures(simulator.DefaultAccessKey, 12)
	b.wantFailures(simulator.DefaultTemporaryAccessKey, 0)
}

func TestKeyIsLockedAgain(t *testing.T) {
	t.Parallel()

	b := newBench(t, simulator.Options{})

	for range 2 {
		for range 5 {
			b.wrong().wantUnsigned(t, wrongKey)
		}

		if r := b.signed("GET", "", ""); !strings.Contains(r.text("error_msg"), "locked") {
			t.Errorf("%d %v", r.status, r.body)
		}

		b.clock.Advance(5 * time.Minute)
	}
}

// temporary sends a ModelArts request signed with the temporary key.
func (b *bench) temporary(method, path string) reply {
	b.t.Helper()

	g := b.signing(method, ownJobs+path, "")
	g.accessKey, g.secretKey = simulator.DefaultTemporaryAccessKey, simulator.DefaultTemporarySecretKey
	g.header["x-security-token"] = simulator.DefaultSecurityToken

	return b.do(g.request(b.t, ownJobs+path))
}

func TestRightSignatureResetsTheCount(t *testing.T) {
	t.Parallel()

	b := newBench(t, simulator.Options{})

	for range 3 {
		for range 4 {
			b.wrong().wantUnsigned(t, wrongKey)
		}

		b.signed("GET", "", "").wantStatus(t, http.StatusOK)
	}

	b.wantFailures(simulator.DefaultAccessKey, 12)
}

// TestForbiddenIsNoRefusalOfTheSignature counts as right what is signed well.
func TestForbiddenIsNoRefusalOfTheSignature(t *testing.T) {
	t.Parallel()

	b := newBench(t, simulator.Options{})

	for range 4 {
		b.wrong().wantUnsigned(t, wrongKey)
	}

	path := "/v1/other" + jobs
	b.do(b.signing("GET", path, "").request(t, path)).wantStatus(t, http.StatusForbidden)
	b.wrong().wantUnsigned(t, wrongKey)
	b.signed("GET", "", "").wantStatus(t, http.StatusOK)
}

func TestKeyThatDoesNotExistIsLockedToo(t *testing.T) {
	t.Parallel()

	b := newBench(t, simulator.Options{})
	g := b.signing("GET", ownJobs, "")
	g.accessKey, g.secretKey = "unknown", "secret"

	for range 5 {
		b.do(g.request(t, ownJobs)).wantUnsigned(t, wrongKey)
	}

	b.do(g.request(t, ownJobs)).wantUnsigned(t, locked)
	b.wantFailures("unknown", 6)
	b.signed("GET", "", "").wantStatus(t, http.StatusOK)
}

func TestLockIsOfBothServices(t *testing.T) {
	t.Parallel()

	b := newBench(t, simulator.Options{})
	g := b.signing("GET", "/v3/projects", "")

	for range 2 {
		b.wrong().wantUnsigned(t, wrongKey)

		r := g.request(t, "/v3/projects")
		r.Header.Set("X-Sdk-Date", b.skewed(-time.Second))
		b.do(r).wantUnsigned(t, wrongKey)
	}

	b.wrong().wantUnsigned(t, wrongKey)
	b.do(g.request(t, "/v3/projects")).wantUnsigned(t, locked)
	b.wantFailures(simulator.DefaultAccessKey, 6)
}

func TestRevokeAccessKey(t *testing.T) {
	t.Parallel()

	b := newBench(t, simulator.Options{})
	b.signed("GET", "", "").wantStatus(t, http.StatusOK)
	b.RevokeAccessKey()
	b.signed("POST", "", plainJob).wantUnsigned(t, wrongKey)
	b.temporary("GET", "").wantStatus(t, http.StatusOK)
	b.accept("GET", jobs, "")
	b.wantFailures(simulator.DefaultAccessKey, 1)

	if got := len(b.Jobs()); got != 0 {
		t.Errorf("%d jobs, want none", got)
	}
}

// TestSignedOverTheNetwork has net/http send the request, with the clock of the
// server in another year: the client takes it from the Date of a refusal.
func TestSignedOverTheNetwork(t *testing.T) {
	t.Parallel()

	clock := simulator.NewManualClock(start)
	s := serve(t, simulator.Options{Clock: clock})
	post := func(date time.Time) (*http.Response, string) {
		g := signing{
			method: "POST", path: ownJobs + "/", body: plainJob, date: date.UTC().Format(dateFormat),
			header: map[string]string{
				"x-project-id": simulator.DefaultProjectID, "content-type": "application/json",
				"content-length": strconv.Itoa(len(plainJob)), "host": strings.TrimPrefix(s.URL(), "http://"),
			},
		}

		r := createRequest(t.Context(), s.URL(), "", plainJob)
		r.Header.Set("X-Sdk-Date", g.date)
		r.Header.Set("Authorization", g.authorization())
		r.Header.Set("X-Project-Id", simulator.DefaultProjectID)
		r.Header.Set("Content-Type", "application/json")

		response, answer, err := exchange(r)
		if err != nil {
			t.Fatal(err)
		}

		return response, answer
	}

	response, body := post(start.Add(-time.Hour))
	if response.StatusCode != http.StatusUnauthorized || !strings.Contains(body, "20260301T120000Z") {
		t.Fatalf("%d %s", response.StatusCode, body)
	}

	date, err := http.ParseTime(response.Header.Get("Date"))
	if err != nil || !date.Equal(start) {
		t.Fatalf("Date %q, error %v", response.Header.Get("Date"), err)
	}

	if response, body := post(date); response.StatusCode != http.StatusOK {
		t.Errorf("%d %s", response.StatusCode, body)
	}
}
