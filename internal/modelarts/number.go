package modelarts

import (
	"bytes"
	"encoding/json"
	"errors"
	"math"
	"strconv"
	"strings"
)

// errNoInteger doesn't quote the value, which can be a part of a credential.
var errNoInteger = errors.New("a number is not an integer")

// number is an integer. It is a JSON number in the tables of the API reference, and a string in its samples. Absent, null and "" are 0.
type number int64

// UnmarshalJSON implements json.Unmarshaler.
func (n *number) UnmarshalJSON(data []byte) error {
	digits := unquote(data)
	if digits == "" {
		*n = 0
		return nil
	}
	if i, err := strconv.ParseInt(digits, 10, 64); err == nil {
		*n = number(i)
		return nil
	}
	// Generic REST providers write large numbers of a response as 1.234567e+06 into a state.
	if f, err := strconv.ParseFloat(digits, 64); err == nil && math.Abs(f) < 1<<53 && f == math.Trunc(f) {
		*n = number(f)
		return nil
	}
	return errNoInteger
}

// isFlag reports whether a boolean, which can be a string in JSON, has a value. An unexpected value doesn't hide the rest of a response.
func isFlag(flag json.RawMessage, value string) bool { return strings.EqualFold(unquote(flag), value) }

// unquote returns a JSON string, number or boolean without quotation marks, and "" for null.
func unquote(value json.RawMessage) string {
	if string(value) == "null" {
		return ""
	}
	return string(bytes.Trim(value, `"`))
}
