package visualizationjob

import (
	"fmt"
	"math"
	"regexp"
	"strconv"
	"strings"
	"testing"
)

func TestParseID(t *testing.T) {
	t.Parallel()
	for s, want := range map[string]int64{
		"1": 1, "197": 197, "9223372036854775807": math.MaxInt64,
	} {
		if got, err := parseID(s); err != nil || got != want {
			t.Errorf("parseID(%q) is %d, %v", s, got, err)
		}
	}
	for _, s := range []string{
		"", " ", "board", "0", "-1", "+1", "01", "1.0", "1e3", "0x10", "1_000", " 1", "1 ", "1\n", "١",
		"9223372036854775808", "99999999999999999999", "-9223372036854775808",
	} {
		got, err := parseID(s)
		if err == nil {
			t.Errorf("parseID(%q) is %d, want an error", s, got)
			continue
		}
		if want := strconv.Quote(s) + " isn't the ID of a visualization job"; !strings.HasPrefix(err.Error(), want) {
			t.Errorf("parseID(%q): the error %q does not begin with %q", s, err, want)
		}
	}
	// A mistake may be a whole file.
	if _, err := parseID(strings.Repeat("x", 10000)); err == nil || len(err.Error()) > 200 {
		t.Errorf("a long id: %v", err)
	}
}

func FuzzParseID(f *testing.F) {
	for _, seed := range []string{"", "0", "197", "0197", "-1", "+1", "9223372036854775808", "board", "1\x00", "9223372036854775807"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, s string) {
		id, err := parseID(s)
		if err == nil && (id < 0 || strconv.FormatInt(id, 10) != s) {
			t.Errorf("%q became %d", s, id)
		}
		if err != nil && id != 0 {
			t.Errorf("%q became %d with the error %v", s, id, err)
		}
	})
}

func TestCheckTrainURL(t *testing.T) {
	t.Parallel()
	tests := map[string]string{ // to a part of the error, "" for none
		"/bucket":                "",
		"/bucket/":               "",
		"/bucket/logs":           "",
		"/bucket/logs/":          "",
		"/bucket/a b/ä.日":        "",
		"/bucket/a:b/":           "",
		"obs://bucket/logs":      `must not have the scheme "obs://". Write "/bucket/logs/".`,
		"obs://bucket":           `Write "/bucket/".`,
		"obs:///bucket/logs/":    `Write "/bucket/logs/".`,
		"s3a://bucket/logs":      `must not have the scheme "s3a://". Write "/bucket/logs/".`,
		"bucket/logs":            `must begin with a slash. Did you mean "/bucket/logs/"?`,
		"bucket":                 `Did you mean "/bucket/"?`,
		"/":                      "must have a bucket",
		"//":                     "must have a bucket",
		"//bucket":               "Did you mean \"/bucket/\"?",
		"/bucket//logs":          `empty part (//). Did you mean "/bucket/logs/"?`,
		"/bucket/logs//":         "empty part",
		"/bucket/a\tb":           "control characters",
		"/bucket/\x7f":           "control characters",
		"/bucket/\n":             "control characters",
		"/bucket/http://x/":      "empty part", // and not a URL of the scheme /bucket/http
		"obs://bucket//logs":     `Write "/bucket/logs/".`,
		"bucket//logs":           `Did you mean "/bucket/logs/"?`,
		"bucket/a\tb":            "control characters",
		"obs://bucket/a\nb/logs": "control characters",
	}
	for s, want := range tests {
		t.Run(strconv.Quote(s), func(t *testing.T) {
			t.Parallel()
			got := checkTrainURL(s)
			if (got == "") != (want == "") || !strings.Contains(got, want) {
				t.Errorf("got %q, want %q", got, want)
			}
			if err := checkFault(s, got); err != nil {
				t.Error(err)
			}
		})
	}
	for _, s := range []string{"", "obs://", "obs:///", "://"} {
		if got := checkTrainURL(s); got == "" || strings.Contains(got, `"//"`) {
			t.Errorf("%q names no bucket: got %q", s, got)
		}
	}
}

// checkFault checks what checkTrainURL said of s against what holds for any s.
func checkFault(s, fault string) error {
	if fault == "" {
		bucket, _, _ := strings.Cut(strings.TrimPrefix(s, "/"), "/")
		if !strings.HasPrefix(s, "/") || bucket == "" {
			return fmt.Errorf("%q was accepted and has no bucket", s)
		}
		// A trailing slash makes no difference.
		if again := checkTrainURL(strings.TrimSuffix(s, "/")); again != "" {
			return fmt.Errorf("%q is accepted, but without a slash at its end: %s", s, again)
		}
		return nil
	}
	if !strings.HasSuffix(fault, ".") && !strings.HasSuffix(fault, "?") {
		return fmt.Errorf("%q is no sentence", fault)
	}
	suggested := suggestion.FindStringSubmatch(fault)
	if suggested == nil {
		return nil
	}
	path, err := strconv.Unquote(suggested[1])
	if err != nil {
		return fmt.Errorf("%s of %q: %w", suggested[1], fault, err)
	}
	_, rest, found := strings.Cut(s, "://")
	if !found {
		rest = s
	}
	if strings.Trim(rest, "/") == "" {
		return nil // nothing that could be suggested
	}
	if again := checkTrainURL(path); again != "" {
		return fmt.Errorf("for %q it suggests %q, of which it says: %s", s, path, again)
	}
	return nil
}

var suggestion = regexp.MustCompile(`(?:Write|Did you mean) ("(?:[^"\\]|\\.)*")`)

func FuzzCheckTrainURL(f *testing.F) {
	for _, seed := range []string{"", "/", "/bucket", "/bucket/logs/", "obs://bucket/logs", "bucket/logs", "//", "/b//c", "/b/\x00", "\xff", "obs://", "/a b/ä/", `/"\\`, "/b/://", "//obs://%/.", "/b/\t", "/b/\u0085"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, s string) {
		if err := checkFault(s, checkTrainURL(s)); err != nil {
			t.Error(err)
		}
	})
}
