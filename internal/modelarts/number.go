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

// maxNumber is the maximum length of a number in bytes.
const maxNumber = 100

// UnmarshalJSON implements json.Unmarshaler.
func (n *number) UnmarshalJSON(data []byte) error {
	if len(data) > maxNumber {
		return errNoInteger
	}
	text := string(bytes.Trim(data, `"`))
	if text == "" || text == "null" {
		*n = 0
		return nil
	}
	if i, err := strconv.ParseInt(text, 10, 64); err == nil {
		*n = number(i)
		return nil
	}
	// ParseFloat would also accept hexadecimal digits and names such as NaN.
	if strings.Trim(text, "+-0123456789.eE") == "" {
		if f, err := strconv.ParseFloat(text, 64); err == nil && math.Abs(f) < 1<<53 && f == math.Trunc(f) {
			*n = number(f)
			return nil
		}
	}
	return errNoInteger
}

// flag is a boolean that can be a string in JSON.
type flag int

const (
	flagUnset flag = iota
	flagYes
	flagNo
	flagOdd // present but not a boolean; the rest of the response is still readable
)

// UnmarshalJSON implements json.Unmarshaler. If the key is repeated, a false takes precedence.
func (f *flag) UnmarshalJSON(data []byte) error {
	if *f == flagNo {
		return nil
	}
	if len(data) > maxNumber {
		*f = flagOdd
		return nil
	}
	switch string(bytes.ToLower(bytes.Trim(data, `"`))) {
	case "true":
		*f = flagYes
	case "false":
		*f = flagNo
	case "null", "":
		*f = flagUnset
	default:
		*f = flagOdd
	}
	return nil
}

// text is a string that can be a number in JSON, such as the code of an IAM error.
type text string

// UnmarshalJSON implements json.Unmarshaler. If the key is repeated without a value, it keeps the earlier value. If a text is longer than
// maxJobSize, it keeps only the beginning, without decoding it, because such a text is only shown in part.
func (t *text) UnmarshalJSON(data []byte) error {
	s := string(data[:min(len(data), maxJobSize)])
	switch {
	case data[0] == '"' && len(s) < len(data):
		s = s[1:]
	case data[0] == '"':
		if err := json.Unmarshal(data, &s); err != nil {
			return err
		}
	}
	if s != "null" && s != "" {
		*t = text(s)
	}
	return nil
}
