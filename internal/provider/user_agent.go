package provider

import (
	"runtime/debug"
	"strings"
	"unicode"
)

// userAgent returns the User-Agent header, such as "terraform-provider-modelarts/1.2.3 (build v1.2.3; CLI 1.11.4)". It omits unknown parts. The
// version that Go records of a build has the commit, unless the commit has a tag. A CLI sends its version, but not whether it is Terraform or OpenTofu.
func userAgent(version string, build *debug.BuildInfo, cli string) string {
	agent := "terraform-provider-modelarts"
	if version != "" {
		agent += "/" + token(version)
	}
	var comment []string
	if build != nil && build.Main.Version != "" {
		comment = append(comment, "build "+token(build.Main.Version))
	}
	if cli != "" {
		comment = append(comment, "CLI "+token(cli))
	}
	if len(comment) > 0 {
		agent += " (" + strings.Join(comment, "; ") + ")"
	}
	return agent
}

// token replaces the characters that RFC 9110 doesn't allow in a token with _, because they would break the header or its comment.
func token(s string) string {
	return strings.Map(func(r rune) rune {
		if r <= unicode.MaxASCII && (unicode.IsLetter(r) || unicode.IsDigit(r) || strings.ContainsRune("!#$%&'*+-.^_`|~", r)) {
			return r
		}
		return '_'
	}, s)
}
