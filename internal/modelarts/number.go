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

// number is an integer that the API writes as a JSON number in its tables and as
// a string in its samples. Absent, null and "" are 0.
type number int64

// maxNumber is the length in bytes of the longest number that is read.
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
	// ParseFloat reads hexadecimal digits and names as well.
	if strings.Trim(text, "+-0123456789.eE") == "" {
		if f, err := strconv.ParseFloat(text, 64); err == nil && math.Abs(f) < 1<<53 && f == math.Trunc(f) {
			*n = number(f)
			return nil
		}
	}
	return errNoInteger
}

// flag is a boolean that may come as a string.
type flag int

const (
	flagUnset flag = iota
	flagYes
	flagNo
	flagOdd // there, and no boolean: what is around it can be read all the same
)

// UnmarshalJSON implements json.Unmarshaler. A no stays a no when the key is repeated.
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

// text is a string that may come as a number, as the code of an IAM error does.
type text string

// UnmarshalJSON implements json.Unmarshaler. What is there stays when the key is
// repeated without a value. Of a text longer than that of any
// response but a list, it keeps the beginning as it is written: a text is shown, and never in full.
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
