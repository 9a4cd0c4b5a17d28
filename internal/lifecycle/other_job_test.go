package lifecycle_test

import (
	"testing"

	"github.com/opentelekomcloud-community/terraform-provider-modelarts/internal/lifecycle"
	"github.com/opentelekomcloud-community/terraform-provider-modelarts/internal/modelarts"
)

// A job with another name or path is never changed.
func TestOtherJob(t *testing.T) {
	t.Parallel()
	for job, isOther := range map[modelarts.VisualizationJob]bool{
		{Name: "Board", TrainURL: "/bucket/logs/"}:   true,
		{Name: "board", TrainURL: "/bucket/logs/2/"}: true,
		{Name: "theirs"}:                          true,
		{TrainURL: "/bucket/other/"}:              true,
		{Name: "board", TrainURL: "/bucket/logs"}: false,
		{Name: "board", TrainURL: "bucket/other"}: false, // a form that isn't documented
		{}: false,
	} {
		for _, o := range []operation{ensureFreshRunning, ensureStopped, waitFoundStarted, ensureDeleted, restart} {
			bubble(t, func(t *testing.T, f *fake, c *lifecycle.Controller) {
				for _, status := range []modelarts.Status{8, 12} {
					_, err := o.do(limited(t), c, f.addJob(job, status), lifecycle.SettleOptions{Name: options.Name, TrainURL: options.TrainURL})
					if is[*lifecycle.OtherJobError](err) != isOther || !isOther && err != nil || isOther && f.changing() != "" {
						t.Errorf("%s of %+v: got %v after %q, want another job: %t", o.name, job, err, f.changing(), isOther)
					}
				}
			})
		}
	}
}

// The ID in the response to a create isn't trusted before a poll has returned the job. The job with that ID keeps its owner.
func TestCreateReturnsTheIDOfAnotherJob(t *testing.T) {
	t.Parallel()
	bubble(t, func(t *testing.T, f *fake, c *lifecycle.Controller) {
		f.createdID = 197
		for _, o := range []modelarts.CreateOptions{named("theirs"), options} {
			if got := outcome(c.Create(limited(t), o, false)); got != "created 197 (1)" {
				t.Fatal(got)
			}
		}
		if got := outcome(c.Create(limited(t), named("theirs"), true)); got != "owned 197 (1)" {
			t.Errorf("got %q, want the job kept", got)
		}
	})
}
