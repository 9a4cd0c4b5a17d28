package httpclient

import (
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/opentelekomcloud-community/terraform-provider-modelarts/internal/acctest"
	"github.com/opentelekomcloud-community/terraform-provider-modelarts/internal/sanitize"
)

// The log has every attempt, and nothing secret.
func TestRequestLog(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		const secret = "hunter2-secret"
		redactor := &sanitize.Redactor{}
		redactor.Add(secret)
		quoting := errors.New("malformed \x1b[2J\n" + secret)
		var logged []Attempt
		c := clientOn(&acctest.Network{Fates: []fate{
			func(req *http.Request, _ int) (*http.Response, error) {
				<-time.After(2 * time.Second)
				return acctest.Reply(req, 503, secret, "X-Openstack-Request-Id", "r1"), nil
			},
			acctest.Fails(true, quoting),
			status(429, "X-Request-Id", strings.Repeat(secret+"\n", 100)),
			carrying(200, truncated),
			status(200, "X-Request-Id", "r5", "X-Openstack-Request-Id", "r6"),
		}}, withRequestLog(func(attempt Attempt) { logged = append(logged, attempt) }), func(c *Config) { c.Redactor = redactor })
		if err := put(t.Context(), c, "1?a=b"); err != nil {
			t.Fatal(err)
		}
		want := []Attempt{
			{Number: 1, Status: 503, RequestID: "r1", Duration: 2 * time.Second},
			{Number: 2, Err: errors.New("malformed [2J [redacted]")},
			{Number: 3, Status: 429, RequestID: sanitize.Text(strings.Repeat("[redacted] ", 100)[:MaxRequestIDSize] + "…")},
			{Number: 4, Status: 200, RequestID: "r1", Err: errors.New("the response is incomplete: unexpected EOF")},
			{Number: 5, Status: 200, RequestID: "r5"},
		}
		for i := range want {
			want[i].Method, want[i].Path = http.MethodPut, "/jobs/1?a=b"
		}
		text := cmp.Transformer("text", func(err error) string { return fmt.Sprint(err) })
		if diff := cmp.Diff(want, logged, text); diff != "" {
			t.Errorf("calls (-want +got):\n%s", diff)
		}
	})
}
