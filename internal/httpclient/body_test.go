package httpclient

import (
	"errors"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/opentelekomcloud-community/terraform-provider-modelarts/internal/acctest"
)

// A body is read completely into memory and decoded, or is an error. It is neither read beyond the limit nor left open. The transport can
// send a request of its own, such as one to IAM for a new token, whose response isn't for the decoder.
func TestBody(t *testing.T) {
	t.Parallel()
	const limit = 256 << 10
	for name, test := range map[string]struct {
		status int
		body   io.Reader
		size   int
		err    string
	}{
		"empty":               {200, http.NoBody, 0, ""},
		"as large as allowed": {404, strings.NewReader(strings.Repeat("x", limit)), limit, ""},
		"larger by a byte":    {200, strings.NewReader(strings.Repeat("x", limit+1)), 0, "the response is larger than 256 KiB"},
		"endless":             {503, &endless{}, 0, "the response is larger than 256 KiB"},
		"endless 429":         {429, &endless{}, 0, "the response is larger than 256 KiB"},
		"truncated":           {404, truncated(), 0, "the response is incomplete: unexpected EOF"},
		"truncated 429":       {429, truncated(), 1, ""}, // the status is enough
		"informational":       {101, &endless{}, 0, "unexpected informational status 101"},
		"unusable":            {200, strings.NewReader("no"), 2, "unusable"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			closed, decoded := &endless{}, -1
			ctx := WithDecoder(t.Context(), func(resp *http.Response, body []byte) error {
				if decoded = len(body); resp.StatusCode == http.StatusOK && string(body) == "no" {
					return errors.New("unusable")
				}
				return nil
			})
			req, err := http.NewRequestWithContext(ctx, http.MethodPost, "https://modelarts.example.com", nil)
			if err != nil {
				t.Fatal(err)
			}
			resp, err := (&body{&acctest.Network{Fates: []fate{func(req *http.Request, _ int) (*http.Response, error) {
				if req.Context().Value(decodeKey{}) != nil {
					t.Error("the transport has the decoder")
				}
				resp := acctest.Reply(req, test.status, "")
				resp.Body = struct {
					io.Reader
					io.Closer
				}{test.body, closed}
				return resp, nil
			}}}, func(*http.Request) int { return limit }}).RoundTrip(req)
			if body, ok := test.body.(*endless); !closed.closed || ok && body.read > 2*limit {
				t.Errorf("closed %t, read %+v", closed.closed, body)
			}
			if test.err != "" {
				_, isLimit := errors.AsType[LimitError](err)
				if err == nil || err.Error() != test.err || isLimit != strings.Contains(test.err, "KiB") {
					t.Errorf("%v", err)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			defer resp.Body.Close()
			if read, err := io.ReadAll(resp.Body); err != nil || len(read) != test.size || decoded != test.size {
				t.Errorf("%d bytes, and %d decoded: %v", len(read), decoded, err)
			}
		})
	}
}
