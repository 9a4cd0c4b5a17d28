package httpclient

import "net/http"

// withoutRedirects returns a client that returns a redirect instead of following it. Neither API documents redirects, and credentials
// must not be sent to another host.
func withoutRedirects(next http.RoundTripper) *http.Client {
	return &http.Client{
		Transport:     next,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
}

// redirect removes a Location that can't be parsed. Otherwise http.Client would return an error instead
// of the response.
type redirect struct{ next http.RoundTripper }

// RoundTrip implements http.RoundTripper.
func (t *redirect) RoundTrip(req *http.Request) (*http.Response, error) {
	resp, err := t.next.RoundTrip(req)
	if err != nil {
		return nil, err
	}
	if _, err := resp.Location(); err != nil {
		resp.Header.Del("Location")
	}
	return resp, nil
}
