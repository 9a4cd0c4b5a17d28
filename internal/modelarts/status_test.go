package modelarts

import "testing"

// The codes, the names and the classes are those of the API reference.
func TestStatus(t *testing.T) {
	t.Parallel()
	documented := []struct {
		status Status
		name   string
		class  Class
	}{
		{StatusUnknown, "UNKNOWN", ClassChanging},
		{StatusInit, "INIT", ClassStarting},
		{StatusImageCreating, "IMAGE_CREATING", ClassStarting},
		{StatusImageFailed, "IMAGE_FAILED", ClassFailed},
		{StatusSubmitTrying, "SUBMIT_TRYING", ClassStarting},
		{StatusSubmitFailed, "SUBMIT_FAILED", ClassFailed},
		{StatusDeleteFailed, "DELETE_FAILED", ClassFailed},
		{StatusWaiting, "WAITING", ClassStarting},
		{StatusRunning, "RUNNING", ClassRunning},
		{StatusKilling, "KILLING", ClassStopping},
		{StatusCompleted, "COMPLETED", ClassStopped},
		{StatusFailed, "FAILED", ClassFailed},
		{StatusKilled, "KILLED", ClassStopped},
		{StatusCanceled, "CANCELED", ClassStopped},
		{StatusLost, "LOST", ClassFailed},
		{StatusScaling, "SCALING", ClassStarting},
		{StatusSubmitModelFailed, "SUBMIT_MODEL_FAILED", ClassFailed},
		{StatusDeployServiceFailed, "DEPLOY_SERVICE_FAILED", ClassFailed},
		{StatusCheckInit, "CHECK_INIT", ClassStarting},
		{StatusCheckRunning, "CHECK_RUNNING", ClassStarting},
		{StatusCheckRunningCompleted, "CHECK_RUNNING_COMPLETED", ClassStarting},
		{StatusCheckFailed, "CHECK_FAILED", ClassFailed},
	}
	names := StatusNames()
	if len(names) != len(documented) {
		t.Fatalf("%d names: %q", len(names), names)
	}
	for code, want := range documented {
		s := Status(code)
		if s != want.status || s.String() != want.name || s.Class() != want.class || names[code] != want.name {
			t.Errorf("%d is %s of the class %v, want %v", code, s, s.Class(), want)
		}
		if parsed, ok := ParseStatus(want.name); !ok || parsed != s {
			t.Errorf("%s: %v, %t", want.name, parsed, ok)
		}
	}
	for code, name := range map[Status]string{22: "UNKNOWN(22)", 99: "UNKNOWN(99)", -1: "UNKNOWN(-1)"} {
		if code.String() != name || code.Class() != ClassChanging {
			t.Errorf("%d is %s of the class %v", int(code), code, code.Class())
		}
	}
	for _, name := range []string{"", "running", "JOBSTAT_RUNNING", "RUNNING ", "8", "UNKNOWN(99)", "UNKNOWN(0)"} {
		if got, ok := ParseStatus(name); ok || got != 0 {
			t.Errorf("ParseStatus(%q) = %v, %v; want none", name, got, ok)
		}
	}
}

func TestIsTransient(t *testing.T) {
	t.Parallel()
	for class, want := range map[Class]bool{
		ClassChanging: true, ClassStarting: true, ClassRunning: false, ClassStopping: true, ClassStopped: false, ClassFailed: false,
	} {
		if class.IsTransient() != want {
			t.Errorf("class %v: %t", class, !want)
		}
	}
}
