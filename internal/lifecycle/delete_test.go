package lifecycle_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/opentelekomcloud-community/terraform-provider-modelarts/internal/lifecycle"
	"github.com/opentelekomcloud-community/terraform-provider-modelarts/internal/modelarts"
)

// A job whose delete was accepted can reach its next status before it is gone. That is neither an
// effect nor a failure of the delete. An error response to a second delete means that the first one
// is in progress, so the job isn't stopped.
func TestRefusedDeleteOfAMovingJob(t *testing.T) {
	t.Parallel()
	for _, test := range []struct{ from, to modelarts.Status }{{1, 7}, {1, 8}, {1, 11}, {9, 12}, {9, 11}, {0, 8}} {
		inBubble(t, fmt.Sprintf("%s to %s", test.from, test.to), func(t *testing.T, f *fake, c *lifecycle.Controller) {
			f.refusesWhileDeleting = true
			id, now := f.add(test.from), time.Now()
			f.jobs[id].changes = []change{
				{at: now, status: test.from},
				{at: now.Add(10 * time.Second), status: test.to},
				{at: now.Add(170 * time.Second), status: test.to, gone: true},
			}
			f.fail("delete", fault{}) // accepted
			if err := c.EnsureDeleted(limited(t), id, old); err != nil || f.changing() != "delete delete" {
				t.Errorf("got %v after %q, want two deletes", err, f.changing())
			}
		})
	}
}
