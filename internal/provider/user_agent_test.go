package provider

import (
	"regexp"
	"runtime/debug"
	"testing"
)

// built is a build with the settings of Go's that are given.
func built(settings ...string) *debug.BuildInfo {
	build := &debug.BuildInfo{Settings: []debug.BuildSetting{{Key: "vcs", Value: "git"}}}
	for i := 0; i < len(settings); i += 2 {
		build.Settings = append(build.Settings, debug.BuildSetting{Key: settings[i], Value: settings[i+1]})
	}
	return build
}

func TestUserAgent(t *testing.T) {
	t.Parallel()
	const revision = "0123456789abcdef0123456789abcdef01234567"
	for want, agent := range map[string]string{
		"terraform-provider-modelarts/1.2.3 (commit 0123456789ab; CLI 1.14.9)": userAgent(
			"1.2.3", built("vcs.revision", revision, "vcs.modified", "false"), "1.14.9"),
		"terraform-provider-modelarts/dev (commit 0123456789ab+dirty; CLI 1.15.0-dev)": userAgent(
			"dev", built("vcs.modified", "true", "vcs.revision", revision), "1.15.0-dev"),
		"terraform-provider-modelarts/1.2.3-rc.1+x (commit 0123)": userAgent("1.2.3-rc.1+x", built("vcs.revision", "0123"), ""),
		"terraform-provider-modelarts/1.2.3 (CLI 1.14.9)":         userAgent("1.2.3", built("vcs.modified", "true"), "1.14.9"),
		"terraform-provider-modelarts/1.2.3":                      userAgent("1.2.3", nil, ""),
		"terraform-provider-modelarts":                            userAgent("", nil, ""),
		"terraform-provider-modelarts/1_2 (commit 1_; CLI 1___X-Auth-Token__1)": userAgent(
			"1/2", built("vcs.revision", "1)"), "1)\r\nX-Auth-Token: 1"),
	} {
		if agent != want {
			t.Errorf("got  %q\nwant %q", agent, want)
		}
	}
}

// FuzzUserAgent checks that the header is a product and at most one comment in the words
// of RFC 9110, whatever a CLI says that it is.
func FuzzUserAgent(f *testing.F) {
	const token = "[!#$%&'*+.^_`|~0-9A-Za-z-]+"
	valid := regexp.MustCompile(`^terraform-provider-modelarts(/` + token + `)?( \((commit ` + token + `(; CLI ` + token + `)?|CLI ` + token + `)\))?$`)
	for _, s := range []string{"", "1.2.3", "1.2.3)", "(", `\`, "é", "\xff", "\x00", "1\r\nX: 1", "1;2", `"`} {
		f.Add("1.2.3", s, "1.14.9")
		f.Add(s, "0123456789abcdef", s)
	}
	f.Fuzz(func(t *testing.T, version, revision, cli string) {
		if agent := userAgent(version, built("vcs.revision", revision), cli); !valid.MatchString(agent) {
			t.Errorf("%q", agent)
		}
	})
}
