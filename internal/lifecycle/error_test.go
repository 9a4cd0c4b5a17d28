package lifecycle_test

import (
	"errors"
	"testing"
	"time"

	"github.com/opentelekomcloud-community/terraform-provider-modelarts/internal/lifecycle"
	"github.com/opentelekomcloud-community/terraform-provider-modelarts/internal/modelarts"
)

// The text of an error names the job and has the API's error response.
func TestErrorText(t *testing.T) {
	t.Parallel()
	said := errors.New("what was said")
	jobs := []modelarts.VisualizationJob{{ID: 197, Name: "board", TrainURL: "/bucket/logs/", Status: modelarts.StatusLost}, {ID: 198}}
	for want, test := range map[string]struct{ err, cause error }{
		"visualization job 197 does not exist: what was said":                                                                        {&lifecycle.NotFoundError{ID: 197, Err: said}, said},
		`2 visualization job(s) named "board" with the path "/bucket/logs/" exist already`:                                           {&lifecycle.ExistsError{Jobs: jobs}, nil},
		"visualization job 197 was adopted in the same run":                                                                          {&lifecycle.AdoptedError{ID: 197}, nil},
		"the response to the create request was not received (0 candidates): what was said":                                          {&lifecycle.LostError{Err: said}, said},
		"the response to the create request was not received (2 candidates): what was said; the search for the job failed: no right": {&lifecycle.LostError{Candidates: jobs, Err: said, SearchErr: errors.New("no right")}, said},
		"visualization job 197 has the status LOST":                                                                                  {&lifecycle.FailedError{Job: jobs[0]}, nil},
		`visualization job 197 is "board" with the path "/bucket/logs/", and not "a" with the path "/b/"`:                            {&lifecycle.OtherJobError{Job: jobs[0], Name: "a", TrainURL: "/b/"}, nil},
		"visualization job 197 is not stopped after 1s, never polled: what was said":                                                 {&lifecycle.WaitError{Goal: "stopped", ID: 197, Waited: 1400 * time.Millisecond, Err: said}, said},
		"visualization job 197 is not deleted after 0s, last status LOST: what was said":                                             {&lifecycle.WaitError{Goal: "deleted", ID: 197, Last: &jobs[0], Err: said}, said},
	} {
		if got := test.err.Error(); got != want {
			t.Errorf("got  %s\nwant %s", got, want)
		}
		if got := errors.Unwrap(test.err); got != test.cause { //nolint:errorlint // the error itself is meant
			t.Errorf("%v unwraps to %v", test.err, got)
		}
	}
}
