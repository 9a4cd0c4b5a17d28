package simulator

import (
	"cmp"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"
)

// FaultSyntax is the syntax of [ParseFault].
const FaultSyntax = "METHOD PATH KIND [COUNT [SKIP]]"

// anyMethod is any method in the syntax of a fault.
const anyMethod = "*"

// ParseFault parses a fault of a named kind:
//
//	METHOD PATH KIND [COUNT [SKIP]]
//
// METHOD is * for any method. PATH is a regular expression as in [Fault.Path], and KIND one of
// [FaultNames]. COUNT is the number of requests with the fault, 1 by default and -1 for all.
// SKIP is the number of requests without the fault before.
func ParseFault(words string) (Fault, error) {
	w := strings.Fields(words)
	if len(w) < 3 || len(w) > 5 {
		return Fault{}, fmt.Errorf("fault %q: it has to be %s", words, FaultSyntax)
	}

	f, err := NamedFault(w[2])
	if err != nil {
		return Fault{}, fmt.Errorf("fault %q: %w", words, err)
	}

	f.Method, f.Path, f.Count = w[0], w[1], 1
	if f.Method == anyMethod {
		f.Method = ""
	} else if !slices.Contains(methods(), f.Method) {
		return Fault{}, fmt.Errorf("fault %q: the method has to be *, %s", words, strings.Join(methods(), ", "))
	}

	if len(w) > 3 {
		if f.Count, err = strconv.Atoi(w[3]); err != nil || f.Count == 0 || f.Count < -1 {
			return Fault{}, fmt.Errorf("fault %q: COUNT has to be a positive number, or -1 for all", words)
		}
	}

	if len(w) > 4 {
		if f.Skip, err = strconv.Atoi(w[4]); err != nil || f.Skip < 0 {
			return Fault{}, fmt.Errorf("fault %q: SKIP has to be a number, 0 or more", words)
		}
	}

	if _, err := f.queued(); err != nil {
		return Fault{}, fmt.Errorf("fault %q: %w", words, err)
	}

	return f, nil
}

// methods returns the methods that a fault can have. The API has no others.
func methods() []string {
	return []string{http.MethodGet, http.MethodPost, http.MethodPut, http.MethodDelete}
}

// String returns the fault in the syntax of [ParseFault]. The kind of a fault without a name is
// "custom", which ParseFault doesn't accept.
func (f Fault) String() string {
	return fmt.Sprintf("%s %s %s %d %d", cmp.Or(f.Method, anyMethod), cmp.Or(f.Path, anyJobsPath),
		cmp.Or(f.Kind, "custom"), cmp.Or(f.Count, 1), f.Skip)
}

// parseFaults parses one fault per line. It ignores empty lines and lines that begin with #.
func parseFaults(text string) ([]Fault, error) {
	var (
		faults []Fault
		errs   []error
	)

	for line := range strings.Lines(text) {
		line = strings.TrimSpace(line)
		if line == "" || strings.HasPrefix(line, "#") {
			continue
		}

		f, err := ParseFault(line)
		faults, errs = append(faults, f), append(errs, err)
	}

	return faults, errors.Join(errs...)
}
