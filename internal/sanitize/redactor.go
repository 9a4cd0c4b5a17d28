package sanitize

import (
	"cmp"
	"regexp"
	"slices"
	"strings"
	"sync"
)

// Text is foreign text that can be shown: one line, of limited length, without credentials and
// commands. Only a Redactor makes one of a string that isn't constant.
type Text string

const (
	// minReplaced is in bytes. A shorter secret can't be told from ordinary words: text that contains
	// it isn't shown at all.
	minReplaced = 4
	// minFragment is in bytes. A shorter part of a secret can be an ordinary word.
	minFragment = 16
	// maxRead is in bytes. A secret at the end of text that was cut before it is read isn't recognized.
	maxRead = 64 << 10
	// maxError is in bytes, of the text of an error.
	maxError = 1000

	redacted     = "[redacted]"
	withheld     = "(not shown, because it contains a credential)"
	withheldLong = "(not shown, because it is longer than 64 KiB)"
)

var (
	words = regexp.MustCompile(`[A-Za-z0-9+/_-]{16,}=*`)
	// longWord is the form of a token and of a signature.
	longWord = regexp.MustCompile(`[A-Za-z0-9_+=-]{64,}`)
)

// Redactor removes credentials from foreign text. Its zero value knows no secrets, and a nil Redactor
// none either. It is safe for concurrent use.
type Redactor struct {
	mu      sync.RWMutex
	secrets []string // the longest first, because one can be a part of another
}

// Add makes more secrets known. The Redactor keeps former ones: a service can quote a token that was
// renewed since.
func (r *Redactor) Add(secrets ...string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	all := slices.Clone(r.secrets) // of which a reader can have the former
	for _, secret := range secrets {
		for _, form := range []string{secret, clean(secret)} {
			if form != "" && !slices.Contains(all, form) {
				all = append(all, form)
			}
		}
	}
	slices.SortStableFunc(all, func(a, b string) int { return cmp.Compare(len(b), len(a)) })
	r.secrets = all
}

func (r *Redactor) known() []string {
	if r == nil {
		return nil
	}
	r.mu.RLock()
	defer r.mu.RUnlock()
	return r.secrets
}

// Text returns s as a line of at most maxBytes bytes and an ellipsis. It replaces secrets, parts of
// them and long words. Text that contains a secret in another form isn't shown at all: escaped as in
// JSON, URLs, HTML and Python, or in base64, or in two of these at once.
func (r *Redactor) Text(s string, maxBytes int) Text {
	if len(s) > maxRead {
		return withheldLong
	}
	s = clean(s)
	secrets := r.known()
	for _, secret := range secrets {
		if len(secret) >= minReplaced {
			s = strings.ReplaceAll(s, secret, redacted)
		}
	}
	if containsAny(decodings(s), secrets) {
		return withheld
	}
	s = words.ReplaceAllStringFunc(s, func(word string) string {
		if len(word) >= minFragment && slices.ContainsFunc(secrets, func(secret string) bool { return strings.Contains(secret, word) }) {
			return redacted
		}
		return word
	})
	s = longWord.ReplaceAllString(s, redacted)
	return Text(cut(breakCommands(s), maxBytes))
}

func containsAny(texts, secrets []string) bool {
	return slices.ContainsFunc(texts, func(text string) bool {
		return slices.ContainsFunc(secrets, func(secret string) bool { return strings.Contains(text, secret) })
	})
}

// Error returns err, or an error that wraps it and whose text is a Text of up to 1000 bytes.
func (r *Redactor) Error(err error) error {
	if err == nil {
		return nil
	}
	text := r.Text(err.Error(), maxError)
	if string(text) == err.Error() {
		return err
	}
	return &redactedError{err, text}
}

// redactedError is an error whose own text quotes foreign text.
type redactedError struct {
	err  error
	text Text
}

// Error implements error.
func (e *redactedError) Error() string { return string(e.text) }

// Unwrap returns the error with its own text.
func (e *redactedError) Unwrap() error { return e.err }
