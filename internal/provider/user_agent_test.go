package provider

import (
	"runtime/debug"
	"testing"
)

func TestUserAgent(t *testing.T) {
	t.Parallel()
	built := func(version string) *debug.BuildInfo { return &debug.BuildInfo{Main: debug.Module{Version: version}} }
	for want, agent := range map[string]string{
		"terraform-provider-modelarts/1.2.3 (build v1.2.3; CLI 1.14.9)": userAgent("1.2.3", built("v1.2.3"), "1.14.9"),
		"terraform-provider-modelarts/dev (build v0.1.1-0.20260102030405-0123456789ab+dirty)": userAgent(
			"dev", built("v0.1.1-0.20260102030405-0123456789ab+dirty"), ""),
		"terraform-provider-modelarts/1.2.3 (CLI 1.14.9)": userAgent("1.2.3", built(""), "1.14.9"),
		"terraform-provider-modelarts/1.2.3":              userAgent("1.2.3", nil, ""),
		"terraform-provider-modelarts":                    userAgent("", nil, ""),
		// RFC 9110 allows none of these characters in a product or in the words of a comment.
		"terraform-provider-modelarts/1_2 (build 1__; CLI 1___X-Auth-Token__1____)": userAgent("1/2", built("1)\x00"), "1)\r\nX-Auth-Token: 1;é\xff\\"),
	} {
		if agent != want {
			t.Errorf("got  %q\nwant %q", agent, want)
		}
	}
}
