package sanitize

import (
	"cmp"
	"regexp"
	"slices"
	"strings"
	"sync"
)

// Text is sanitized foreign text: one line of limited length, without credentials and commands. Only a Redactor creates one from a string
// that isn't constant.
type Text string

const (
	// minReplaced is in bytes. A shorter secret can be a part of ordinary words, so text that contains it isn't shown at all.
	minReplaced = 4
	// maxRead is in bytes. Longer text isn't shown, because a Redactor can't recognize a secret that is cut at the end of the text.
	maxRead = 16 << 10

	redacted     = "[redacted]"
	withheld     = "(not shown, because it contains a credential)"
	withheldLong = "(not shown, because it is longer than 16 KiB)"
)

var (
	// fragments match words that can be a part of a secret. A secret can contain slashes, or be between slashes.
	fragments = []*regexp.Regexp{regexp.MustCompile(`[A-Za-z0-9+/_-]{16,}=*`), regexp.MustCompile(`[A-Za-z0-9+_-]{16,}=*`)}
	// signature matches the signature of a request, also after a letter or a digit of an encoded "=".
	signature = regexp.MustCompile(`[0-9a-f]{64,}`)
	// longWord matches words that can be a token.
	longWord = regexp.MustCompile(`[A-Za-z0-9_+=-]{65,}`)
	// documentedCode matches error codes in the documented form, which can't be a secret.
	documentedCode = regexp.MustCompile(`^(ModelArts|APIGW|APIG|IAM)\.[0-9]{4}$`)
)

// Redactor removes credentials from foreign text. The zero value and a nil Redactor know no secrets. A Redactor is safe for concurrent
// use.
type Redactor struct {
	mu      sync.RWMutex
	secrets []string // longest first, because a secret can be a part of another
}

// Add adds secrets to r, which must not be nil. The Redactor keeps earlier secrets, because a service can quote a token that was renewed
// since then.
func (r *Redactor) Add(secrets ...string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	all := slices.Concat(r.secrets, secrets) // A reader can still use the previous slice.
	for _, secret := range secrets {
		if cleaned := clean(secret); len(cleaned) >= minReplaced {
			all = append(all, cleaned)
		}
	}
	slices.SortFunc(all, func(a, b string) int { return cmp.Or(cmp.Compare(len(b), len(a)), cmp.Compare(a, b)) })
	r.secrets = slices.DeleteFunc(slices.Compact(all), func(secret string) bool { return secret == "" })
}

func (r *Redactor) known() []string {
	if r == nil {
		return nil
	}
	r.mu.RLock()
	defer r.mu.RUnlock()
	return r.secrets
}

// Text returns s as one line of at most maxBytes bytes and an ellipsis. It replaces secrets, parts of secrets and long words. If s contains
// an encoded secret, it returns a notice instead. It recognizes the escapes of JSON, URLs, HTML and Python, base64, and up to three of
// these encodings at once.
func (r *Redactor) Text(s string, maxBytes int) Text {
	secrets := r.known()
	s = redact(s, secrets)
	for _, pattern := range fragments {
		s = pattern.ReplaceAllStringFunc(s, func(word string) string {
			if slices.ContainsFunc(secrets, func(secret string) bool { return strings.Contains(secret, word) }) {
				return redacted
			}
			return word
		})
	}
	return Text(Line(longWord.ReplaceAllString(s, redacted), maxBytes))
}

// Code is Text for an error code. It keeps a code in the documented form, because decisions depend on these codes.
func (r *Redactor) Code(s string, maxBytes int) Text {
	if documentedCode.MatchString(s) {
		return Text(s)
	}
	return r.Text(s, maxBytes)
}

// Lines returns sanitized text of several lines, most of which the provider itself wrote. It keeps line endings, and removes secrets and
// signatures like Text. It keeps parts of secrets, long words, and secrets that can be ordinary words.
func (r *Redactor) Lines(s string) string {
	lines := strings.Split(s, "\n")
	for i, line := range lines {
		lines[i] = r.Line(line, maxRead)
	}
	return strings.Join(lines, "\n")
}

// Line is Lines for one line of at most maxBytes bytes and an ellipsis.
func (r *Redactor) Line(s string, maxBytes int) string {
	secrets := slices.DeleteFunc(slices.Clone(r.known()), func(secret string) bool { return len(secret) < minReplaced })
	return Line(redact(s, secrets), maxBytes)
}

// redact returns s as one line without secrets and signatures, or a notice if s can't be shown.
func redact(s string, secrets []string) string {
	if len(s) > maxRead {
		return withheldLong
	}
	s = clean(s)
	for _, secret := range secrets {
		if len(secret) >= minReplaced {
			s = strings.ReplaceAll(s, secret, redacted)
		}
	}
	for _, text := range decodings(s) {
		if slices.ContainsFunc(secrets, func(secret string) bool { return strings.Contains(text, secret) }) {
			return withheld
		}
	}
	return signature.ReplaceAllString(s, redacted)
}

// Error returns err, or an error that wraps it and whose text is a Text of up to 1000 bytes.
func (r *Redactor) Error(err error) error {
	if err == nil {
		return nil
	}
	text := r.Text(err.Error(), 1000)
	if string(text) == err.Error() {
		return err
	}
	return &redactedError{err, text}
}

// redactedError is an error with redacted text. Its cause has the original text.
type redactedError struct {
	err  error
	text Text
}

func (e *redactedError) Error() string { return string(e.text) }

func (e *redactedError) Unwrap() error { return e.err }
