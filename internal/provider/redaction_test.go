package provider_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-log/tflogtest"
	"github.com/hashicorp/terraform-plugin-log/tfsdklogtest"
	"pgregory.net/rapid"

	"github.com/opentelekomcloud-community/terraform-provider-modelarts/internal/acctest"
	"github.com/opentelekomcloud-community/terraform-provider-modelarts/internal/simulator"
)

// echoes are responses that quote a text.
var echoes = map[string]func(w http.ResponseWriter, status int, text string){
	"an error of IAM": func(w http.ResponseWriter, status int, text string) {
		respondJSON(w, status, map[string]any{"error": map[string]any{"code": text, "title": text, "message": text}})
	},
	"an error of ModelArts": func(w http.ResponseWriter, status int, text string) {
		respondJSON(w, status, map[string]any{"error_code": text, "error_msg": text, "request_id": text, "is_success": false})
	},
	"the ID of the request": func(w http.ResponseWriter, status int, text string) {
		w.Header().Set("X-Request-Id", text)
		w.WriteHeader(status)
	},
	"a redirect": func(w http.ResponseWriter, _ int, text string) {
		w.Header().Set("Location", "https://"+url.PathEscape(text)+"/"+text)
		w.WriteHeader(http.StatusFound)
	},
	"no JSON": func(w http.ResponseWriter, _ int, text string) { fmt.Fprint(w, text) },
	"JSON of another form": func(w http.ResponseWriter, _ int, text string) {
		respondJSON(w, http.StatusOK, map[string]any{"job_id": text, "token": text, "projects": text, "catalog": text})
	},
	"a project": func(w http.ResponseWriter, _ int, text string) {
		respondJSON(w, http.StatusOK, map[string]any{"projects": []any{map[string]any{"id": text, "name": simulator.DefaultProjectName}}})
	},
	"a job": func(w http.ResponseWriter, _ int, text string) {
		respondJSON(w, http.StatusOK, map[string]any{"job_id": 1, "job_name": text, "train_url": text, "status": 14})
	},
	"a token for something else": func(w http.ResponseWriter, _ int, text string) {
		w.Header().Set("X-Subject-Token", "another-token")
		project := map[string]any{"id": text, "name": text, "domain": map[string]any{"id": text}}
		respondJSON(w, http.StatusCreated, map[string]any{"token": map[string]any{"project": project, "catalog": []any{map[string]any{
			"type": "modelarts", "endpoints": []any{map[string]any{"interface": "public", "region": text, "url": text}},
		}}}})
	},
	"no HTTP": func(w http.ResponseWriter, _ int, text string) {
		connection, _, err := http.NewResponseController(w).Hijack()
		if err == nil {
			fmt.Fprintf(connection, "HTTP/1.1 %s\r\n\r\n", text)
			connection.Close()
		}
	},
}

func respondJSON(w http.ResponseWriter, status int, content any) {
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(content)
}

// echoing is a service that responds to all requests from one on with an echo of the credentials in them.
func echoing(service http.Handler, from int, echo func(w http.ResponseWriter, status int, text string), status int, encode func(string) string) http.Handler {
	n := 0
	return http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
		body, _ := io.ReadAll(req.Body)
		req.Body = io.NopCloser(bytes.NewReader(body))
		if n++; n <= from {
			service.ServeHTTP(w, req)
			return
		}
		credentials := []string{string(body)}
		for _, name := range []string{"X-Auth-Token", "X-Subject-Token", "X-Security-Token", "Authorization"} {
			credentials = append(credentials, req.Header.Values(name)...)
		}
		quoted := ""
		for _, credential := range credentials {
			quoted += " " + encode(credential)
		}
		echo(w, status, strings.TrimSpace(quoted))
	})
}

var signature = regexp.MustCompile(`[^0-9a-f][0-9a-f]{64}[^0-9a-f]`)

// A service can quote credentials of a request in any form and place: no log and no diagnostic has them. TestTextOfEachKindIsSanitized
// has the other texts that a provider returns.
func TestEchoedCredentialsAreNotShown(t *testing.T) {
	t.Parallel()
	special := rapid.StringOfN(rapid.OneOf(rapid.RuneFrom([]rune("aZ09!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~")), rapid.RuneFrom([]rune("qXzJ79"))), 8, 40, -1)
	simple := rapid.StringOfN(rapid.RuneFrom([]rune("qXzJ79")), 8, 40, -1) // a valid project ID
	encodings, places := slices.Sorted(maps.Keys(acctest.Encodings)), slices.Sorted(maps.Keys(echoes))
	rapid.Check(t, func(r *rapid.T) {
		secrets := map[string]string{}
		for _, name := range []string{"password", "passcode", "token", "secret_key", "security_token"} {
			secrets[name] = rapid.OneOf(special, simple).Draw(r, name)
		}
		service := simulator.New(simulator.Options{
			Password: secrets["password"], Passcode: secrets["passcode"],
			TemporarySecretKey: secrets["secret_key"], SecurityToken: secrets["security_token"],
		})
		var handler http.Handler
		server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) { handler.ServeHTTP(w, req) }))
		defer server.Close()
		handler = echoing(service, rapid.IntRange(0, 3).Draw(r, "from"), echoes[rapid.SampledFrom(places).Draw(r, "place")],
			rapid.SampledFrom([]int{400, 401, 403, 404, 409, 500}).Draw(r, "status"), acctest.Encodings[rapid.SampledFrom(encodings).Draw(r, "encoding")])

		block := block{
			"auth_url": server.URL + "/v3", "tenant_name": simulator.DefaultProjectName, "domain_name": simulator.DefaultDomainName,
			"region": simulator.DefaultRegion, "max_retries": 0,
		}
		switch method := rapid.SampledFrom([]string{"password", "token", "access key"}).Draw(r, "method"); method {
		case "password":
			block = block.with("user_name", simulator.DefaultUserName).with("password", secrets["password"]).with("passcode", secrets["passcode"])
		case "token":
			block = block.with("token", secrets["token"]).with("endpoint", server.URL).with("tenant_id", simulator.DefaultProjectID)
		case "access key":
			block = block.with("access_key", simulator.DefaultTemporaryAccessKey).with("secret_key", secrets["secret_key"]).
				with("security_token", secrets["security_token"])
		}
		var log, framework logBuffer
		c := newClient(tfsdklogtest.RootLogger(tflogtest.RootLogger(t.Context(), &log), &framework), t)
		diagnostics := c.configure(block)
		if len(diagnostics) == 0 {
			diagnostics = c.read()
		}
		shown := log.String() + framework.String()
		for _, d := range diagnostics {
			shown += d.Summary + "\n" + d.Detail + "\n"
		}
		if signature.MatchString(shown) {
			r.Errorf("a signature is shown:\n%s", shown)
		}
		for _, secret := range append(slices.Collect(maps.Values(secrets)), simulator.DefaultTemporaryAccessKey, "simulated-") {
			for name, encode := range acctest.Encodings {
				if strings.Contains(shown, encode(secret)) {
					r.Errorf("the secret %q is shown as %s:\n%s", secret, name, shown)
				}
			}
		}
	})
}
