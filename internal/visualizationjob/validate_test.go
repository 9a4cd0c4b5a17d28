package visualizationjob

import (
	"math"
	"regexp"
	"strconv"
	"strings"
	"testing"
)

func TestParseID(t *testing.T) {
	t.Parallel()
	for s, want := range map[string]int64{"1": 1, "197": 197, "9223372036854775807": math.MaxInt64} {
		if got, err := parseID(s); err != nil || got != want {
			t.Errorf("parseID(%q) is %d, %v", s, got, err)
		}
	}
	for _, s := range []string{
		"", " ", "board", "0", "-1", "+1", "01", "1.0", "1e3", "0x10", "1_000", " 1", "1\n", "١", "9223372036854775808",
		strings.Repeat("x", 10000), // a mistake can be a whole file
	} {
		got, err := parseID(s)
		if err == nil || len(err.Error()) > 200 || !strings.HasSuffix(err.Error(), "isn't the ID of a visualization job, which is a number such as 197") {
			t.Errorf("parseID(%.40q) is %d, %v", s, got, err)
		}
	}
}

func FuzzParseID(f *testing.F) {
	for _, seed := range []string{"", "0", "197", "0197", "-1", "9223372036854775808", "board", "1\x00"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, s string) {
		if id, err := parseID(s); (err != nil || strconv.FormatInt(id, 10) != s) && id != 0 {
			t.Errorf("%q became %d with the error %v", s, id, err)
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

var suggestion = regexp.MustCompile(`(?:Write|Did you mean) ("(?:[^"\\]|\\.)*")`)

// checkSuggestion checks that a suggested path is valid, and that a trailing slash of a valid path makes no difference.
func checkSuggestion(t *testing.T, s, fault string) {
	t.Helper()
	valid := strings.TrimSuffix(s, "/")
	if suggested := suggestion.FindStringSubmatch(fault); suggested != nil {
		valid, _ = strconv.Unquote(suggested[1])
	} else if fault != "" {
		return
	}
	if again := checkTrainURL(valid); again != "" {
		t.Errorf("%q of %q is invalid: %s", valid, s, again)
	}
}

func TestCheckTrainURL(t *testing.T) {
	t.Parallel()
	for s, want := range trainURLs {
		got := checkTrainURL(s)
		if (got == "") != (want == "") || !strings.Contains(got, want) {
			t.Errorf("%q: got %q, want %q", s, got, want)
		}
		checkSuggestion(t, s, got)
	}
}

func FuzzCheckTrainURL(f *testing.F) {
	for seed := range trainURLs {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, s string) { checkSuggestion(t, s, checkTrainURL(s)) })
}
