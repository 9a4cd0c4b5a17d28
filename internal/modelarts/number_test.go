package modelarts

import (
	"encoding/json"
	"strconv"
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
		{`{"n": 7.0}`, 0, false},
		{`{"n": "7.0"}`, 0, false},
		{`{"n": 1.565149736e12}`, 0, false},
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
		{`{"n": "+1e3"}`, 0, false},
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

func TestIsFlag(t *testing.T) {
	t.Parallel()
	for flag, want := range map[string]string{
		`true`: "true", `false`: "false", `"true"`: "true", `"False"`: "false", `null`: "", `""`: "", ``: "", `1`: "", `"yes"`: "", `{}`: "",
	} {
		for _, value := range []string{"true", "false"} {
			if isFlag(json.RawMessage(flag), value) != (value == want) {
				t.Errorf("%s is %s: %t", flag, value, value != want)
			}
		}
	}
}

func TestText(t *testing.T) {
	t.Parallel()
	for body, want := range map[string]text{
		`{"t": "APIGW.0101"}`: "APIGW.0101", `{"t": 401}`: "401", `{"t": null}`: "", `{"t": "\u00e4"}`: "ä", `{"t": {"a": 1}}`: `{"a": 1}`, `{}`: "",
	} {
		var got struct{ T text }
		if err := json.Unmarshal([]byte(body), &got); err != nil || got.T != want {
			t.Errorf("%.100s: got %.100q, %v", body, got.T, err)
		}
	}
}
