package modelarts

import (
	"encoding/json"
	"strconv"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

func TestNumber(t *testing.T) {
	t.Parallel()
	tests := []struct {
		body string
		want int64
		ok   bool
	}{
		{`{"n": 7}`, 7, true},
		{`{"n": "7"}`, 7, true},
		{`{"n": -7}`, -7, true},
		{`{"n": "1524189990635"}`, 1524189990635, true},
		{`{"n": 9007199254740993}`, 9007199254740993, true}, // no float64 has this value
		{`{"n": "9223372036854775807"}`, 9223372036854775807, true},
		{`{"n": 7.0}`, 7, true},
		{`{"n": "7.0"}`, 7, true},
		{`{"n": 1.565149736e12}`, 1565149736000, true},
		{`{"n": null}`, 0, true},
		{`{"n": ""}`, 0, true},
		{`{}`, 0, true},
		{`{"n": 7, "n": null}`, 0, true},
		{`{"n": 7, "n": ""}`, 0, true},
		{`{"n": 7.5}`, 0, false},
		{`{"n": "7.5"}`, 0, false},
		{`{"n": 1e30}`, 0, false},
		{`{"n": 9007199254740993.0}`, 0, false}, // it would be the number below
		{`{"n": 99999999999999999999}`, 0, false},
		{`{"n": "NaN"}`, 0, false},
		{`{"n": "Infinity"}`, 0, false},
		{`{"n": "0x10"}`, 0, false},
		{`{"n": "0x1p4"}`, 0, false},
		{`{"n": "0X1P4"}`, 0, false},
		{`{"n": "0x1_0p4"}`, 0, false},
		{`{"n": "1_000.0"}`, 0, false},
		{`{"n": "inf"}`, 0, false},
		{`{"n": "+1e3"}`, 1000, true},
		{`{"n": "` + strings.Repeat("0", 97) + `7"}`, 7, true},
		{`{"n": "` + strings.Repeat("0", 98) + `7"}`, 0, false}, // too long
		{`{"n": "1e-400"}`, 0, true},
		{`{"n": 1e400}`, 0, false},
		{`{"n": -1e16}`, 0, false},
		{`{"n": "1e"}`, 0, false},
		{`{"n": "."}`, 0, false},
		{`{"n": "-"}`, 0, false},
		{`{"n": "seven"}`, 0, false},
		{`{"n": " 7"}`, 0, false},
		{`{"n": true}`, 0, false},
		{`{"n": {}}`, 0, false},
		{`{"n": [7]}`, 0, false},
	}
	for _, test := range tests {
		var got struct{ N number }
		if err := json.Unmarshal([]byte(test.body), &got); (err == nil) != test.ok || test.ok && int64(got.N) != test.want {
			t.Errorf("%s: got %d, %v, want %d", test.body, got.N, err, test.want)
		}
	}
}

func TestNumberIsTheSameInQuotes(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		want := rapid.Int64().Draw(t, "n")
		digits := strconv.FormatInt(want, 10)
		for _, body := range []string{digits, `"` + digits + `"`} {
			var got number
			if err := json.Unmarshal([]byte(body), &got); err != nil || int64(got) != want {
				t.Errorf("%s: got %d, %v", body, got, err)
			}
		}
	})
}

func TestFlag(t *testing.T) {
	t.Parallel()
	for body, want := range map[string]flag{
		`{"f": true}`:               flagYes,
		`{"f": false}`:              flagNo,
		`{"f": "true"}`:             flagYes,
		`{"f": "False"}`:            flagNo,
		`{"f": null}`:               flagUnset,
		`{"f": ""}`:                 flagUnset,
		`{}`:                        flagUnset,
		`{"f": 1}`:                  flagOdd,
		`{"f": "yes"}`:              flagOdd,
		`{"f": {}}`:                 flagOdd,
		`{"f": false, "f": true}`:   flagNo,
		`{"f": "false", "f": null}`: flagNo,
		`{"f": true, "f": false}`:   flagNo,
		`{"f": true, "f": 7}`:       flagOdd,
		`{"f": true, "f": ""}`:      flagUnset,
	} {
		var got struct{ F flag }
		if err := json.Unmarshal([]byte(body), &got); err != nil || got.F != want {
			t.Errorf("%s: got %v, %v", body, got.F, err)
		}
	}
}

func TestText(t *testing.T) {
	t.Parallel()
	for body, want := range map[string]text{
		`{"t": "APIGW.0101"}`: "APIGW.0101",
		`{"t": 401}`:          "401",
		`{"t": null}`:         "",
		`{"t": true}`:         "true",
		`{"t": "\u00e4"}`:     "ä",
		`{"t": {"a": 1}}`:     `{"a": 1}`,
		`{}`:                  "",
		`{"t": "` + strings.Repeat(`\n`, 100) + `"}`:      text(strings.Repeat("\n", 100)),
		`{"t": "` + strings.Repeat(`\n`, 256<<10) + `"}`:  text(strings.Repeat(`\n`, 256<<10)[:256<<10-1]), // cut after its quote
		`{"t": [` + strings.Repeat(`1,`, 256<<10) + `1]}`: text("[" + strings.Repeat("1,", 256<<10)[:256<<10-1]),
		`{"t": "a", "t": "b"}`:                            "b",
		`{"t": "a", "t": ""}`:                             "a",
		`{"t": "a", "t": null}`:                           "a",
	} {
		var got struct{ T text }
		if err := json.Unmarshal([]byte(body), &got); err != nil || got.T != want {
			t.Errorf("%.100s: got %.100q, %v", body, got.T, err)
		}
	}
}
