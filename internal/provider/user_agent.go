package provider

import (
	"runtime/debug"
	"strings"
	"unicode"
)

// userAgent returns the User-Agent header with the known parts of: the provider's version, the commit that it is built from,
// and the version of the CLI. A CLI sends its version, but not whether it is Terraform or OpenTofu.
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

// commit returns the commit of a build, marked like Go does if files were changed, or
// nothing if Go doesn't know it.
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

// token replaces the characters that a token of RFC 9110 can't have, because they would break the header or its comment.
func token(s string) string {
	return strings.Map(func(r rune) rune {
		if r <= unicode.MaxASCII && (unicode.IsLetter(r) || unicode.IsDigit(r) || strings.ContainsRune("!#$%&'*+-.^_`|~", r)) {
			return r
		}
		return '_'
	}, s)
}
