package sanitize

import (
	"encoding/base64"
	"encoding/json"
	"html"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// maxDecodings is the maximum number of nested encodings that are decoded.
const maxDecodings = 3

// decoders decode the encoded parts of a text, and keep the rest.
var decoders = []func(string) string{
	decodePath,
	func(s string) string { return decodePath(strings.ReplaceAll(s, "+", " ")) }, // as in a query
	html.UnescapeString,
	func(s string) string { return decodeBackslashes(s, false) },
	func(s string) string { return decodeBackslashes(s, true) },
	decodeBase64,
}

// decodings returns s and its decoded forms.
func decodings(s string) []string {
	all := []string{s}
	start := 0 // of the forms with the most decodings
	for range maxDecodings {
		last := all[start:]
		start = len(all)
		for _, text := range last {
			for _, decode := range decoders {
				if decoded := decode(text); !slices.Contains(all, decoded) {
					all = append(all, decoded)
				}
			}
		}
	}
	return all
}

// percentEncoded is a byte in a URL.
var percentEncoded = regexp.MustCompile(`%[0-9A-Fa-f]{2}`)

func decodePath(s string) string {
	return percentEncoded.ReplaceAllStringFunc(s, func(code string) string {
		decoded, _ := url.PathUnescape(code) // The pattern matches only hexadecimal digits.
		return decoded
	})
}

// escape matches an escaped character in a string of JSON, Python or Go. A pair of surrogates is one character.
var escape = regexp.MustCompile(`\\(?:u[0-9A-Fa-f]{4}(?:\\u[0-9A-Fa-f]{4})*|U[0-9A-Fa-f]{8}|x[0-9A-Fa-f]{2}|[^uUx])`)

// decodeBackslashes decodes escapes. \xNN is a character in a string of Python, and a byte in Go and in the bytes of Python.
func decodeBackslashes(s string, xIsCharacter bool) string {
	return escape.ReplaceAllStringFunc(s, func(code string) string {
		var decoded string
		if json.Unmarshal([]byte(`"`+code+`"`), &decoded) == nil {
			return decoded
		}
		char, isCharacter, _, err := strconv.UnquoteChar(code, 0)
		switch {
		case err != nil:
			return code[1:]
		case isCharacter || xIsCharacter:
			return string(char)
		default:
			return string([]byte{byte(char)}) //nolint:gosec // \xNN has 8 bits
		}
	})
}

var (
	base64Word = regexp.MustCompile(`[A-Za-z0-9+/_-]{2,}`)
	toStandard = strings.NewReplacer("-", "+", "_", "/")
)

// decodeBase64 returns the decoded words of s, each on a line. It also decodes s without spaces, because MIME breaks lines. Other text can
// precede the encoded text in a word, so it decodes each word from each of its first four characters.
func decodeBase64(s string) string {
	var b strings.Builder
	for _, word := range slices.Concat(base64Word.FindAllString(s, -1), base64Word.FindAllString(strings.Join(strings.Fields(s), ""), -1)) {
		word = toStandard.Replace(word)
		for start := range min(4, len(word)) {
			decoded, _ := base64.RawStdEncoding.DecodeString(word[start:]) // An error is about a last character that is no byte.
			b.Write(decoded)
			b.WriteByte('\n')
		}
	}
	return b.String()
}
