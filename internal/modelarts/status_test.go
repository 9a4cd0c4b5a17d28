package modelarts

import "testing"

func TestStatus(t *testing.T) {
	t.Parallel()
	tests := []struct {
		code   int
		name   string
		class  Class
		moving bool
	}{
		{0, "UNKNOWN", ClassChanging, true},
		{1, "INIT", ClassStarting, true},
		{2, "IMAGE_CREATING", ClassStarting, true},
		{3, "IMAGE_FAILED", ClassFailed, false},
		{4, "SUBMIT_TRYING", ClassStarting, true},
		{5, "SUBMIT_FAILED", ClassFailed, false},
		{6, "DELETE_FAILED", ClassFailed, false},
		{7, "WAITING", ClassStarting, true},
		{8, "RUNNING", ClassRunning, false},
		{9, "KILLING", ClassStopping, true},
		{10, "COMPLETED", ClassStopped, false},
		{11, "FAILED", ClassFailed, false},
		{12, "KILLED", ClassStopped, false},
		{13, "CANCELED", ClassStopped, false},
		{14, "LOST", ClassFailed, false},
		{15, "SCALING", ClassStarting, true},
		{16, "SUBMIT_MODEL_FAILED", ClassFailed, false},
		{17, "DEPLOY_SERVICE_FAILED", ClassFailed, false},
		{18, "CHECK_INIT", ClassStarting, true},
		{19, "CHECK_RUNNING", ClassStarting, true},
		{20, "CHECK_RUNNING_COMPLETED", ClassStarting, true},
		{21, "CHECK_FAILED", ClassFailed, false},
		{22, "UNKNOWN(22)", ClassChanging, true},
		{99, "UNKNOWN(99)", ClassChanging, true},
		{-1, "UNKNOWN(-1)", ClassChanging, true},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			s := Status(test.code)
			if got := s.String(); got != test.name {
				t.Errorf("String of %d = %q", test.code, got)
			}
			if got := s.Class(); got != test.class {
				t.Errorf("Class of %d = %v, want %v", test.code, got, test.class)
			}
			if got := s.Class().Moving(); got != test.moving {
				t.Errorf("Moving of %d = %v", test.code, got)
			}
		})
	}
}

// The constants are written out by hand in two places of the package; callers use these.
func TestStatusConstants(t *testing.T) {
	t.Parallel()
	for i, s := range []Status{
		StatusUnknown, StatusInit, StatusImageCreating, StatusImageFailed, StatusSubmitTrying, StatusSubmitFailed,
		StatusDeleteFailed, StatusWaiting, StatusRunning, StatusKilling, StatusCompleted, StatusFailed, StatusKilled,
		StatusCanceled, StatusLost, StatusScaling, StatusSubmitModelFailed, StatusDeployServiceFailed,
		StatusCheckInit, StatusCheckRunning, StatusCheckRunningCompleted, StatusCheckFailed,
	} {
		if int(s) != i {
			t.Errorf("%v = %d, want %d", s, int(s), i)
		}
	}
}

// Configurations name statuses, and the API is asked for their codes.
func TestStatusNames(t *testing.T) {
	t.Parallel()
	names := StatusNames()
	if len(names) != 22 {
		t.Errorf("%d names, want 22: %q", len(names), names)
	}
	for code, name := range names {
		if got := Status(code).String(); got != name {
			t.Errorf("name %d is %q, want %q", code, name, got)
		}
		if got, ok := ParseStatus(name); !ok || got != Status(code) {
			t.Errorf("ParseStatus(%q) = %d, %v; want %d", name, int(got), ok, code)
		}
	}
	for _, name := range []string{"", "running", "JOBSTAT_RUNNING", "RUNNING ", "8", "UNKNOWN(99)", "UNKNOWN(0)"} {
		if got, ok := ParseStatus(name); ok || got != 0 {
			t.Errorf("ParseStatus(%q) = %v, %v; want none", name, got, ok)
		}
	}
}
