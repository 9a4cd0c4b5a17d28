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
	jobs := []modelarts.VisualizationJob{{ID: 197, Name: "board", TrainURL: "/bucket/logs/"}, {ID: 198}}
	for _, test := range []struct {
		err   error
		cause error // nil is none
		want  string
	}{
		{&lifecycle.NotFoundError{ID: 197, Err: said}, said, "visualization job 197 does not exist: what was said"},
		{
			&lifecycle.ExistsError{Jobs: jobs}, nil,
			`2 visualization job(s) named "board" with the path "/bucket/logs/" exist already`,
		},
		{&lifecycle.AdoptedError{ID: 197}, nil, "visualization job 197 was adopted in the same run"},
		{&lifecycle.LostError{Err: said}, said, "the response to the create request was not received (0 candidates): what was said"},
		{
			&lifecycle.LostError{Candidates: jobs, Err: said, SearchErr: errors.New("no right")}, said,
			"the response to the create request was not received (2 candidates): what was said; the search for the job failed: no right",
		},
		{
			&lifecycle.FailedError{Job: modelarts.VisualizationJob{ID: 197, Status: modelarts.StatusLost}}, nil,
			"visualization job 197 has the status LOST",
		},
		{
			&lifecycle.WaitError{Goal: "stopped", ID: 197, Waited: 1400 * time.Millisecond, Err: said}, said,
			"visualization job 197 is not stopped after 1s, never polled: what was said",
		},
		{
			&lifecycle.WaitError{
				Goal: "deleted", ID: 197, Last: &modelarts.VisualizationJob{Status: modelarts.StatusKilling}, Err: said,
			}, said,
			"visualization job 197 is not deleted after 0s, last status KILLING: what was said",
		},
	} {
		if got := test.err.Error(); got != test.want {
			t.Errorf("got  %s\nwant %s", got, test.want)
		}
		if got := errors.Unwrap(test.err); got != test.cause { //nolint:errorlint // the error itself is meant
			t.Errorf("%v unwraps to %v", test.err, got)
		}
	}
}
