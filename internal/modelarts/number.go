package modelarts

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math"
	"strconv"
)

// number is an integer that the API writes as a JSON number in its tables and as
// a string in its samples. Absent, null and "" are 0.
type number int64

// UnmarshalJSON implements json.Unmarshaler.
func (n *number) UnmarshalJSON(data []byte) error {
	text := string(bytes.Trim(data, `"`))
	if text == "" || text == "null" {
		*n = 0
		return nil
	}
	if i, err := strconv.ParseInt(text, 10, 64); err == nil {
		*n = number(i)
		return nil
	}
	f, err := strconv.ParseFloat(text, 64)
	if err != nil || math.Abs(f) >= 1<<53 || f != math.Trunc(f) {
		return fmt.Errorf("%.40q is not an integer", data)
	}
	*n = number(f)
	return nil
}

// flag is a boolean that may come as a string. Unset is neither true nor false.
type flag struct{ set, value bool }

// UnmarshalJSON implements json.Unmarshaler.
func (f *flag) UnmarshalJSON(data []byte) error {
	switch string(bytes.ToLower(bytes.Trim(data, `"`))) {
	case "true":
		*f = flag{set: true, value: true}
	case "false":
		*f = flag{set: true}
	case "null", "":
		*f = flag{}
	default:
		return fmt.Errorf("%.40q is not a boolean", data)
	}
	return nil
}

// text is a string that may come as a number, as the code of an IAM error does.
type text string

// UnmarshalJSON implements json.Unmarshaler.
func (t *text) UnmarshalJSON(data []byte) error {
	if len(data) > 0 && data[0] != '"' {
		if string(data) != "null" {
			*t = text(data)
		}
		return nil
	}
	return json.Unmarshal(data, (*string)(t))
}
