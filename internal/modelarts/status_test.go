package modelarts

import (
	"slices"
	"strings"
	"testing"
)

// The names are those of the API reference, by code. TestStatesOfTheDocumentation checks the classes.
func TestStatus(t *testing.T) {
	t.Parallel()
	documented := strings.Fields(`UNKNOWN INIT IMAGE_CREATING IMAGE_FAILED SUBMIT_TRYING SUBMIT_FAILED DELETE_FAILED WAITING RUNNING KILLING
		COMPLETED FAILED KILLED CANCELED LOST SCALING SUBMIT_MODEL_FAILED DEPLOY_SERVICE_FAILED CHECK_INIT CHECK_RUNNING
		CHECK_RUNNING_COMPLETED CHECK_FAILED`)
	if names := StatusNames(); !slices.Equal(names, documented) {
		t.Errorf("%q", names)
	}
	for code, name := range documented {
		if parsed, ok := ParseStatus(name); !ok || parsed != Status(code) {
			t.Errorf("%s: %v, %t", name, parsed, ok)
		}
	}
	for code, name := range map[Status]string{22: "UNKNOWN(22)", -1: "UNKNOWN(-1)"} {
		if code.String() != name || code.Class() != ClassChanging {
			t.Errorf("%d is %s of the class %v", int(code), code, code.Class())
		}
	}
	for _, name := range []string{"", "running", "JOBSTAT_RUNNING", "8", "UNKNOWN(99)"} {
		if got, ok := ParseStatus(name); ok || got != 0 {
			t.Errorf("ParseStatus(%q) = %v, %v; want none", name, got, ok)
		}
	}
	for class, want := range []bool{ClassChanging: true, ClassStarting: true, ClassRunning: false, ClassStopping: true, ClassStopped: false, ClassFailed: false} {
		if Class(class).IsTransient() != want {
			t.Errorf("class %v: %t", class, !want)
		}
	}
}
