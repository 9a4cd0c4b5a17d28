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
		{`{"n": 7.0}`, 7, true},
		{`{"n": "7.0"}`, 7, true},
		{`{"n": 1.565149736e12}`, 1565149736000, true},
		{`{"n": null}`, 0, true},
		{`{"n": ""}`, 0, true},
		{`{}`, 0, true},

		{`{"n": 7.5}`, 0, false},
		{`{"n": "7.5"}`, 0, false},
		{`{"n": 1e30}`, 0, false},
		{`{"n": 99999999999999999999}`, 0, false},
		{`{"n": "NaN"}`, 0, false},
		{`{"n": "Infinity"}`, 0, false},
		{`{"n": "0x10"}`, 0, false},
		{`{"n": "seven"}`, 0, false},
		{`{"n": " 7"}`, 0, false},
		{`{"n": true}`, 0, false},
		{`{"n": {}}`, 0, false},
		{`{"n": [7]}`, 0, false},
	}
	for _, test := range tests {
		t.Run(test.body, func(t *testing.T) {
			t.Parallel()

			var got struct{ N number }
			if err := json.Unmarshal([]byte(test.body), &got); (err == nil) != test.ok {
				t.Fatalf("error %v", err)
			}

			if test.ok && int64(got.N) != test.want {
				t.Errorf("got %d, want %d", got.N, test.want)
			}
		})
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

	tests := []struct {
		body string
		want flag
		ok   bool
	}{
		{`{"f": true}`, flag{set: true, value: true}, true},
		{`{"f": false}`, flag{set: true}, true},
		{`{"f": "true"}`, flag{set: true, value: true}, true},
		{`{"f": "False"}`, flag{set: true}, true},
		{`{"f": null}`, flag{}, true},
		{`{"f": ""}`, flag{}, true},
		{`{}`, flag{}, true},
		{`{"f": 1}`, flag{}, false},
		{`{"f": "yes"}`, flag{}, false},
		{`{"f": {}}`, flag{}, false},
	}
	for _, test := range tests {
		t.Run(test.body, func(t *testing.T) {
			t.Parallel()

			var got struct{ F flag }
			if err := json.Unmarshal([]byte(test.body), &got); (err == nil) != test.ok {
				t.Fatalf("error %v", err)
			}

			if test.ok && got.F != test.want {
				t.Errorf("got %+v, want %+v", got.F, test.want)
			}
		})
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
	} {
		var got struct{ T text }
		if err := json.Unmarshal([]byte(body), &got); err != nil || got.T != want {
			t.Errorf("%s: got %q, %v", body, got.T, err)
		}
	}
}
