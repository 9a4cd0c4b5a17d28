package modelarts

import (
	"encoding/json"
	"testing"
)

func TestNumber(t *testing.T) {
	t.Parallel()
	const invalid = -999
	for value, want := range map[string]int64{
		`7`: 7, `"7"`: 7, `-7`: -7, `"1524189990635"`: 1524189990635, `9007199254740993`: 9007199254740993, // no float64 has this value
		`9223372036854775807`: 9223372036854775807, `null`: 0, `""`: 0,
		`7.5`: invalid, `"7.0"`: invalid, `1e3`: invalid, `99999999999999999999`: invalid, `"NaN"`: invalid, `"0x10"`: invalid, `"1_000"`: invalid,
		`" 7"`: invalid, `"seven"`: invalid, `true`: invalid, `{}`: invalid, `[7]`: invalid,
	} {
		got := number(5)
		if err := json.Unmarshal([]byte(value), &got); (err != nil) != (want == invalid) || err == nil && int64(got) != want {
			t.Errorf("%s: %d, %v", value, got, err)
		}
	}
}

func TestIsFlag(t *testing.T) {
	t.Parallel()
	for flag, want := range map[string]string{`true`: "true", `"False"`: "false", `null`: "", `""`: "", ``: "", `1`: "", `{}`: ""} {
		for _, value := range []string{"true", "false"} {
			if isFlag(json.RawMessage(flag), value) != (value == want) {
				t.Errorf("%s is %s: %t", flag, value, value != want)
			}
		}
	}
}

func TestText(t *testing.T) {
	t.Parallel()
	for value, want := range map[string]text{`"APIGW.0101"`: "APIGW.0101", `401`: "401", `null`: "", `"\u00e4"`: "ä", `{"a": 1}`: `{"a": 1}`} {
		var got text
		if err := json.Unmarshal([]byte(value), &got); err != nil || got != want {
			t.Errorf("%s: %q, %v", value, got, err)
		}
	}
}
