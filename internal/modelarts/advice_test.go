package modelarts

import (
	"net/http"
	"testing"
)

// Those who know the credentials say what a refusal of them means, and of nothing else.
func TestAdvice(t *testing.T) {
	t.Parallel()
	const advice = "set the clock"
	for _, test := range []struct {
		status int
		code   string
		want   string
	}{
		{http.StatusUnauthorized, "APIGW.0301", advice},
		{http.StatusUnauthorized, "APIGW.0307", advice},
		{http.StatusUnauthorized, "ModelArts.0201", advice},
		{http.StatusUnauthorized, "ModelArts.0212", advice},
		{http.StatusForbidden, "ModelArts.0203", advice},
		{http.StatusForbidden, "ModelArts.0210", ""},
		{http.StatusForbidden, "APIGW.0301", ""},
		{http.StatusForbidden, "ModelArts.0108", ""},
		{http.StatusForbidden, "", ""},
		{http.StatusNotFound, "ModelArts.0203", ""},
		{http.StatusInternalServerError, "APIGW.0301", ""},
	} {
		answer := func(req *http.Request) (*http.Response, error) {
			resp, err := always(test.status, `{"error_code": "`+test.code+`", "error_msg": "no"}`)(req)
			resp.Header.Set("Date", "yesterday")
			return resp, err
		}
		advise := func(answer http.Header) string {
			if answer.Get("Date") != "yesterday" {
				t.Errorf("asked about %v", answer)
			}
			return advice
		}
		for _, call := range calls {
			err := call.do(t.Context(), clientOn(roundTripper(answer), WithAuthHint(advise), WithMaxRetries(0)))
			if got := errorFrom(t, err).AuthHint; got != test.want {
				t.Errorf("%s, HTTP %d %s: %q", call.name, test.status, test.code, got)
			}
		}
	}
}
