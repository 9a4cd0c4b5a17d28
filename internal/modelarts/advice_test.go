package modelarts

import (
	"net/http"
	"testing"
)

// Those who know the credentials say what a refusal of them means, and of nothing else.
func TestAdvice(t *testing.T) {
	t.Parallel()

	for status, want := range map[int]string{
		http.StatusUnauthorized: "set the clock", http.StatusForbidden: "", http.StatusNotFound: "", http.StatusInternalServerError: "",
	} {
		answer := func(req *http.Request) (*http.Response, error) {
			resp, err := always(status, `{"error_code": "APIGW.0301", "error_msg": "no"}`)(req)
			resp.Header.Set("Date", "yesterday")
			return resp, err
		}
		advise := func(answer http.Header) string {
			if answer.Get("Date") != "yesterday" {
				t.Errorf("asked about %v", answer)
			}
			return "set the clock"
		}
		for _, call := range calls {
			err := call.do(t.Context(), clientOn(roundTripper(answer), WithAdvice(advise), WithMaxRetries(0)))
			if got := errorFrom(t, err).Advice; got != want {
				t.Errorf("%s, HTTP %d: %q", call.name, status, got)
			}
		}
	}
}
