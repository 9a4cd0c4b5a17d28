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

// FaultSyntax is how [ParseFault] reads a fault.
const FaultSyntax = "METHOD PATH KIND [COUNT [SKIP]]"

// anyMethod stands for any method where a word has to be.
const anyMethod = "*"

// ParseFault reads a fault of a named kind as a person writes it:
//
//	METHOD PATH KIND [COUNT [SKIP]]
//
// METHOD is * for any, PATH a regular expression as in [Fault.Path], KIND a name
// of [FaultNames]. COUNT is how many requests the fault happens to, 1 by default
// and -1 for all; SKIP is how many pass before.
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

// methods returns the methods that a fault can be for. One that no client of the
// API sends is more likely a typing error.
func methods() []string {
	return []string{http.MethodGet, http.MethodPost, http.MethodPut, http.MethodDelete}
}

// Words returns the fault as [ParseFault] reads it. A fault without a kind has
// "custom" in its place, which ParseFault refuses.
func (f Fault) Words() string {
	return fmt.Sprintf("%s %s %s %d %d", cmp.Or(f.Method, anyMethod), cmp.Or(f.Path, anyJobsPath),
		cmp.Or(f.Kind, "custom"), cmp.Or(f.Count, 1), f.Skip)
}

// parseFaults reads one fault from each line. Empty lines, and those that begin
// with #, are none.
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
