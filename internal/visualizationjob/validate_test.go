package visualizationjob

import (
	"math/big"
	"regexp"
	"strconv"
	"strings"
	"testing"
)

func FuzzParseID(f *testing.F) {
	for _, seed := range []string{
		"1", "197", "9223372036854775807", "9223372036854775808", "", "board", "0", "-1", "+1", "01", "1.0", "1e3", "0x10", "1_000", " 1", "1\n", "1\x00", "١",
		strings.Repeat("x", 10000), // a mistake can be a whole file
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, s string) {
		number, isNumber := new(big.Int).SetString(s, 10)
		isID := isNumber && number.IsInt64() && number.Sign() > 0 && number.String() == s
		id, err := parseID(s)
		if isID && (err != nil || id != number.Int64()) {
			t.Errorf("parseID(%q) is %d, %v", s, id, err)
		}
		const message = "isn't the ID of a visualization job, which is a number such as 197"
		if !isID && (err == nil || id != 0 || len(err.Error()) > 500 || !strings.HasSuffix(err.Error(), message)) {
			t.Errorf("parseID(%.40q) is %d, %v", s, id, err)
		}
	})
}

// trainURLs are OBS paths with a part of the error; "" for a valid path.
var trainURLs = map[string]string{
	"/bucket":              "",
	"/bucket/logs/":        "",
	"/bucket/a b/ä.日/a:b/": "",
	"obs://bucket//logs":   `must not have the scheme "obs://". Write "/bucket/logs/".`,
	"obs:///bucket":        `Write "/bucket/".`,
	"://bucket":            `Write "/bucket/".`,
	"bucket//logs":         `must begin with a slash. Did you mean "/bucket/logs/"?`,
	"":                     "must have a bucket",
	"//":                   "must have a bucket",
	"obs://":               "must have a bucket",
	"/bucket//logs":        `empty part (//). Did you mean "/bucket/logs/"?`,
	"/bucket/logs//":       "empty part",
	"/bucket/http://x/":    "empty part", // and not a URL of the scheme /bucket/http
	"bucket/a\tb":          "control characters",
	"/bucket/\x7f":         "control characters",
}

func TestCheckTrainURL(t *testing.T) {
	t.Parallel()
	for s, want := range trainURLs {
		if got := checkTrainURL(s); (got == "") != (want == "") || !strings.Contains(got, want) {
			t.Errorf("%q: got %q, want %q", s, got, want)
		}
	}
}

var suggestion = regexp.MustCompile(`(?:Write|Did you mean) ("(?:[^"\\]|\\.)*")`)

// FuzzCheckTrainURL checks that a suggested path is valid, and that a trailing slash of a valid path makes no difference.
func FuzzCheckTrainURL(f *testing.F) {
	for seed := range trainURLs {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, s string) {
		fault, valid := checkTrainURL(s), strings.TrimSuffix(s, "/")
		if suggested := suggestion.FindStringSubmatch(fault); suggested != nil {
			valid, _ = strconv.Unquote(suggested[1])
		} else if fault != "" {
			return
		}
		if again := checkTrainURL(valid); again != "" {
			t.Errorf("%q of %q is invalid: %s", valid, s, again)
		}
	})
}
