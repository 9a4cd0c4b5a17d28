package auth

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"
	"time"

	gocmp "github.com/google/go-cmp/cmp"

	"github.com/opentelekomcloud-community/terraform-provider-modelarts/internal/acctest"
)

// TestSignatures compares with the signatures of the SDK's signer for the same requests. tools/signatures writes the file. The simulator
// verifies the signatures of received requests with other code and other examples of that signer.
func TestSignatures(t *testing.T) {
	t.Parallel()
	var file struct {
		MadeWith string `json:"made_with"`
		Vectors  []struct {
			Name, Method, URL, Body, Date, Authorization string

			AccessKey string `json:"access_key"`
			SecretKey string `json:"secret_key"`
			Headers   map[string]string
		}
	}
	if err := json.Unmarshal([]byte(acctest.Read(t, "testdata/signatures.json")), &file); err != nil || len(file.Vectors) == 0 {
		t.Fatalf("%d vectors: %v", len(file.Vectors), err)
	}
	for _, v := range file.Vectors {
		now, err := time.Parse(dateFormat, v.Date)
		if err != nil {
			t.Fatal(err)
		}
		req, err := http.NewRequestWithContext(t.Context(), v.Method, v.URL, strings.NewReader(v.Body))
		if err != nil {
			t.Fatal(err)
		}
		for name, value := range v.Headers {
			req.Header.Set(name, value)
		}
		want := req.Clone(t.Context())
		want.Header.Set("Authorization", v.Authorization)
		want.Header.Set("X-Sdk-Date", v.Date)
		// The date isn't in UTC, and not in whole seconds.
		sign(req, []byte(v.Body), v.AccessKey, v.SecretKey, now.In(time.FixedZone("CET", 3600)).Add(999_999_999))
		if diff := gocmp.Diff(want.Header, req.Header) + gocmp.Diff(want.URL, req.URL); diff != "" || req.Host != want.Host {
			t.Errorf("%s: %s, made with %s (-want +got):\n%s", v.Name, req.Host, file.MadeWith, diff)
		}
	}
}
