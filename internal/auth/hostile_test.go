package auth

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"unicode"

	"github.com/opentelekomcloud-community/terraform-provider-modelarts/internal/acctest"
)

func TestFloodsOfIAM(t *testing.T) {
	t.Parallel()
	block := strings.Repeat("1", 1<<20)
	for name, beginning := range map[string]string{
		"1 GB":              "HTTP/1.1 201 Created\r\nX-Subject-Token: t\r\nContent-Length: 1073741824\r\n\r\n",
		"1 GB of a refusal": "HTTP/1.1 401 Unauthorized\r\nContent-Length: 1073741824\r\n\r\n",
		"to the close":      "HTTP/1.1 201 Created\r\nX-Subject-Token: t\r\n\r\n{\"token\": ",
		"a header":          "HTTP/1.1 201 Created\r\nX-Subject-Token: ",
		"no HTTP":           "\x1b",
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var written atomic.Int64
			options := user(network())
			options.AuthURL = "http://" + acctest.Listen(t, acctest.Floods(&written, beginning, block)) + "/v3"
			_, err := Open(t.Context(), options)
			if err == nil || len(err.Error()) > 2000 || strings.Contains(err.Error(), "\x1b") {
				t.Errorf("%.500q", fmt.Sprint(err))
			}
			if n := written.Load(); n > 64<<20 {
				t.Errorf("IAM could write %d MiB", n>>20)
			}
		})
	}
}

func TestGarbageOfIAM(t *testing.T) {
	t.Parallel()
	for _, body := range []string{
		"", "null", "[]", "{}", "<html>", `"token"`, `{"token": null}`, `{"token": []}`, `{"token": {"project": null}}`,
		`{"token": {"project": {"id": 7}}}`, `{"token": {"project": {"id": ""}}}`, `{"token": {"project": {"id": "p"}, "catalog": {}}}`,
		`{"token": {"project": {"id": "p"}, "catalog": [[]]}}`, `{"token": {"project": {"id": "p"}, "catalog": [`,
		strings.Repeat("[", 100_000), strings.Repeat(`{"token":`, 20_000), "\x1b[2J", "\x00",
		`{"token": {"expires_at": "` + strings.Repeat("9", 100_000) + `"}}`,
		`{"token": {"project": {"id": "p"}, "catalog": [{"type": "modelarts", "endpoints": [{"interface": "public", "region": "eu-de", "url": "` +
			"https://\\u001b[2J" + strings.Repeat("x", 100_000) + `"}]}]}}`,
		`{"error": {"message": "a\nb\u001b[2J\u202e` + strings.Repeat("m", 100_000) + `"}}`,
		`{"error": "m"}`, `{"error": {"message": 7}}`,
	} {
		for _, status := range []int{200, 201, 204, 300, 400, 401, 403, 404, 502} {
			options := user(&cloud{iam: func(req *http.Request, _ int) (*http.Response, error) {
				return reply(req, status, body, "X-Subject-Token", "t"), nil
			}})
			session, err := Open(t.Context(), options)
			if err == nil || session != nil {
				t.Errorf("HTTP %d, %.60q: %+v, %v", status, body, session, err)
				continue
			}
			if text := err.Error(); len(text) > 5000 || strings.ContainsFunc(strings.ReplaceAll(text, "\n", ""), func(r rune) bool { return !unicode.IsGraphic(r) }) {
				t.Errorf("HTTP %d, %.60q: %d bytes: %.200q", status, body, len(text), text)
			}
		}
	}
}

func TestIAMError(t *testing.T) {
	t.Parallel()
	if err := (&Options{}).explain(fmt.Errorf("get: %w", context.Canceled), nil); !errors.Is(err, context.Canceled) ||
		err.Error() != "authenticate with IAM: get: context canceled" {
		t.Errorf("%v", err)
	}
	err := (&Options{}).explain(errors.New("malformed \x1b[2J\n"+strings.Repeat("x", 5000)), nil)
	if text := err.Error(); len(text) > 1100 || strings.ContainsFunc(text, unicode.IsControl) {
		t.Errorf("%q", text)
	}
}
