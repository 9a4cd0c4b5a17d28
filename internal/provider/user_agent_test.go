package provider

import (
	"regexp"
	"runtime/debug"
	"testing"
)

// built is a build with a version.
func built(version string) *debug.BuildInfo {
	return &debug.BuildInfo{Main: debug.Module{Version: version}}
}

func TestUserAgent(t *testing.T) {
	t.Parallel()
	for want, agent := range map[string]string{
		"terraform-provider-modelarts/1.2.3 (build v1.2.3; CLI 1.14.9)": userAgent("1.2.3", built("v1.2.3"), "1.14.9"),
		"terraform-provider-modelarts/dev (build v0.1.1-0.20260102030405-0123456789ab+dirty)": userAgent(
			"dev", built("v0.1.1-0.20260102030405-0123456789ab+dirty"), ""),
		"terraform-provider-modelarts/1.2.3 (CLI 1.14.9)":                      userAgent("1.2.3", built(""), "1.14.9"),
		"terraform-provider-modelarts/1.2.3":                                   userAgent("1.2.3", nil, ""),
		"terraform-provider-modelarts":                                         userAgent("", nil, ""),
		"terraform-provider-modelarts/1_2 (build 1_; CLI 1___X-Auth-Token__1)": userAgent("1/2", built("1)"), "1)\r\nX-Auth-Token: 1"),
	} {
		if agent != want {
			t.Errorf("got  %q\nwant %q", agent, want)
		}
	}
}

// FuzzUserAgent checks that the header is a product and at most one comment in the words
// of RFC 9110, for every version that a CLI sends.
func FuzzUserAgent(f *testing.F) {
	const token = "[!#$%&'*+.^_`|~0-9A-Za-z-]+"
	valid := regexp.MustCompile(`^terraform-provider-modelarts(/` + token + `)?( \((build ` + token + `(; CLI ` + token + `)?|CLI ` + token + `)\))?$`)
	for _, s := range []string{"", "1.2.3", "1.2.3)", "(", `\`, "é", "\xff", "\x00", "1\r\nX: 1", "1;2", `"`} {
		f.Add("1.2.3", s, "1.14.9")
		f.Add(s, "0123456789abcdef", s)
	}
	f.Fuzz(func(t *testing.T, version, build, cli string) {
		if agent := userAgent(version, built(build), cli); !valid.MatchString(agent) {
			t.Errorf("%q", agent)
		}
	})
}
