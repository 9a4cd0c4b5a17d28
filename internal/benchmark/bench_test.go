//go:build unix

package main

import "testing"

// What went wrong must not be cut off for what did not.
func TestTelling(t *testing.T) {
	t.Parallel()
	output := `modelarts_visualization_job.job_0[1]: Refreshing state... [id=2]
modelarts_visualization_job.job_0[1]: Still creating... [00m10s elapsed]
modelarts_visualization_job.job_0[1]: Creation complete after 11s [id=2]
{"@level":"info","@message":"Apply complete!"}
{"@level":"error","@message":"Error: Could not create"}
  # modelarts_visualization_job.job_0[1] will be updated in-place
`
	want := `{"@level":"error","@message":"Error: Could not create"}
  # modelarts_visualization_job.job_0[1] will be updated in-place`
	if got := telling([]byte(output)); got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}
