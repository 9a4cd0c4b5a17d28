package acctest

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"html"
	"net/url"
	"strconv"
	"strings"
	"unicode/utf16"
)

// Encodings are forms in which a service can quote a secret.
var Encodings = map[string]func(string) string{
	"plain":       func(s string) string { return s },
	"JSON":        func(s string) string { b, _ := json.Marshal(s); return string(b[1 : len(b)-1]) },
	"JSON ASCII":  func(s string) string { return each(s, escapeUTF16) },
	"query":       url.QueryEscape,
	"path":        url.PathEscape,
	"every byte":  func(s string) string { return strings.ReplaceAll(fmt.Sprintf("% x", " "+s), " ", "%")[2:] },
	"HTML":        html.EscapeString,
	"HTML number": func(s string) string { return each(s, func(r rune) string { return fmt.Sprintf("&#%d;", r) }) },
	"HTML hex":    func(s string) string { return each(s, func(r rune) string { return fmt.Sprintf("&#x%x;", r) }) },
	"Go":          func(s string) string { q := strconv.QuoteToASCII(s); return q[1 : len(q)-1] },
	"Python":      pythonRepr,
	"bytes":       func(s string) string { return strings.ReplaceAll(fmt.Sprintf("% x", " "+s), " ", `\x`)[2:] },
	"base64":      func(s string) string { return base64.StdEncoding.EncodeToString([]byte(s)) },
	"MIME": func(s string) string {
		encoded := base64.StdEncoding.EncodeToString([]byte(s))
		return encoded[:len(encoded)/2] + "\n" + encoded[len(encoded)/2:]
	},
	"base64 URL":  func(s string) string { return base64.RawURLEncoding.EncodeToString([]byte(s)) },
	"Basic":       func(s string) string { return base64.StdEncoding.EncodeToString([]byte("user:" + s)) },
	"JSON base64": func(s string) string { return base64.StdEncoding.EncodeToString([]byte(`{"p":"` + s + `"}`)) },
}

func each(s string, encode func(rune) string) string {
	var b strings.Builder
	for _, r := range s {
		b.WriteString(encode(r))
	}
	return b.String()
}

func escapeUTF16(r rune) string {
	if high, low := utf16.EncodeRune(r); r > 0xffff {
		return fmt.Sprintf(`\u%04x\u%04X`, high, low)
	}
	return fmt.Sprintf(`\u%04x`, r)
}

// pythonRepr is the repr of a string that has both kinds of quotes.
func pythonRepr(s string) string {
	return each(s, func(r rune) string {
		switch {
		case r == '\'' || r == '\\':
			return `\` + string(r)
		case r < ' ' || r == 0x7f || r == 0xa0 || r == 0xad:
			return fmt.Sprintf(`\x%02x`, r)
		default:
			return string(r)
		}
	})
}
