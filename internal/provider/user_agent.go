package provider

import (
	"runtime/debug"
	"strings"
	"unicode"
)

// userAgent returns the User-Agent header, such as "terraform-provider-modelarts/1.2.3 (commit 0123456789ab; CLI 1.11.4)". It omits unknown
// parts. A CLI sends its version, but not whether it is Terraform or OpenTofu.
func userAgent(version string, build *debug.BuildInfo, cli string) string {
	agent := "terraform-provider-modelarts"
	if version != "" {
		agent += "/" + token(version)
	}
	var comment []string
	if revision := commit(build); revision != "" {
		comment = append(comment, "commit "+token(revision))
	}
	if cli != "" {
		comment = append(comment, "CLI "+token(cli))
	}
	if len(comment) > 0 {
		agent += " (" + strings.Join(comment, "; ") + ")"
	}
	return agent
}

// commit returns the first 12 digits of the commit of a build, with "+dirty" if files were changed, or "" if the commit is unknown.
func commit(build *debug.BuildInfo) string {
	if build == nil {
		return ""
	}
	settings := make(map[string]string)
	for _, setting := range build.Settings {
		settings[setting.Key] = setting.Value
	}
	revision := settings["vcs.revision"]
	if len(revision) > 12 {
		revision = revision[:12]
	}
	if revision != "" && settings["vcs.modified"] == "true" {
		revision += "+dirty"
	}
	return revision
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
