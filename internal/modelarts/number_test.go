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
		`"7.0"`: 7, `"1.234567e+06"`: 1234567,
		`7.5`: invalid, `1e300`: invalid, `99999999999999999999`: invalid, `"NaN"`: invalid, `"0x10"`: invalid,
		`" 7"`: invalid, `"seven"`: invalid, `true`: invalid, `{}`: invalid, `[7]`: invalid,
	} {
		got := number(5)
		if err := json.Unmarshal([]byte(value), &got); (err != nil) != (want == invalid) || err == nil && int64(got) != want {
			t.Errorf("%s: %d, %v", value, got, err)
		}
	}
}
