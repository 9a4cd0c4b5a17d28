package lifecycle_test

import (
	"testing"

	"github.com/opentelekomcloud-community/terraform-provider-modelarts/internal/lifecycle"
	"github.com/opentelekomcloud-community/terraform-provider-modelarts/internal/modelarts"
)

// Each cell has the requests and the result: a status number, "gone" or an error.
var fromStatus = []struct {
	status                                                modelarts.Status
	stopped, running, restarted, created, started, remove string
}{
	{0, "stop → 12", " → 8", "stop restart → 8", " → 8", " → 8", "delete delete → gone"},
	{1, "stop → 12", " → 8", " → 8", " → 8", " → 8", "delete → gone"},
	{2, "stop → 12", " → 8", " → 8", " → 8", " → 8", "delete → gone"},
	{3, " → 3", "restart → 8", "restart → 8", " → failed 3", " → failed 3", "delete → gone"},
	{4, "stop → 12", " → 8", " → 8", " → 8", " → 8", "delete → gone"},
	{5, " → 5", "restart → 8", "restart → 8", " → failed 5", " → failed 5", "delete → gone"},
	{6, " → 6", "restart → 8", "restart → 8", " → failed 6", " → failed 6", "delete → gone"},
	{7, "stop → 12", " → 8", " → 8", " → 8", " → 8", "delete → gone"},
	{8, "stop → 12", " → 8", "stop restart → 8", " → 8", " → 8", "delete → gone"},
	{9, " → 12", "restart → 8", "restart → 8", "restart → 8", " → 12", "delete delete → gone"},
	{10, " → 10", "restart → 8", "restart → 8", "restart → 8", " → 10", "delete → gone"},
	{11, " → 11", "restart → 8", "restart → 8", " → failed 11", " → failed 11", "delete → gone"},
	{12, " → 12", "restart → 8", "restart → 8", "restart → 8", " → 12", "delete → gone"},
	{13, " → 13", "restart → 8", "restart → 8", "restart → 8", " → 13", "delete → gone"},
	{14, " → 14", "restart → 8", "restart → 8", " → failed 14", " → failed 14", "delete → gone"},
	{15, "stop → 12", " → 8", " → 8", " → 8", " → 8", "delete → gone"},
	{16, " → 16", "restart → 8", "restart → 8", " → failed 16", " → failed 16", "delete → gone"},
	{17, " → 17", "restart → 8", "restart → 8", " → failed 17", " → failed 17", "delete → gone"},
	{18, "stop → 12", " → 8", " → 8", " → 8", " → 8", "delete → gone"},
	{19, "stop → 12", " → 8", " → 8", " → 8", " → 8", "delete → gone"},
	{20, "stop → 12", " → 8", " → 8", " → 8", " → 8", "delete → gone"},
	{21, " → 21", "restart → 8", "restart → 8", " → failed 21", " → failed 21", "delete → gone"},
	{99, "stop → 12", " → 8", "stop restart → 8", " → 8", " → 8", "delete delete → gone"},
}

// A found job may have failed before. It is an error only if it fails now.
func TestFoundJobFails(t *testing.T) {
	t.Parallel()
	for from, want := range map[modelarts.Status]string{11: "11", 1: "failed 11"} {
		bubble(t, func(t *testing.T, f *fake, c *lifecycle.Controller) {
			f.ends = 11
			job, err := c.WaitStarted(limited(t), f.add(from), old)
			if got := end(job, err); got != want {
				t.Errorf("from %s: got %q, want %q", from, got, want)
			}
		})
	}
}

func TestFromEveryStatus(t *testing.T) {
	t.Parallel()
	for _, row := range fromStatus {
		for _, cell := range []struct {
			way  way
			want string
		}{
			{ensureStopped, row.stopped},
			{ensureFreshStopped, row.stopped},
			{ensureRunning, row.running},
			{restart, row.restarted},
			{ensureFreshRunning, row.created},
			{waitStarted, row.started},
			{ensureDeleted, row.remove},
		} {
			inBubble(t, cell.way.name+" from "+row.status.String(), func(t *testing.T, f *fake, c *lifecycle.Controller) {
				id := f.add(row.status)
				job, err := cell.way.do(c, limited(t), id)
				if got := f.changing() + " → " + end(job, err); got != cell.want {
					t.Errorf("got %q, want %q", got, cell.want)
				}
			})
		}
	}
}

// If the API deletes only jobs that don't run, the job is stopped first.
func TestDeleteStopsFirst(t *testing.T) {
	t.Parallel()
	for status, want := range map[modelarts.Status]string{
		1: "delete stop delete delete → gone", // KILLING and KILLED are each tried once
		7: "delete stop delete delete → gone",
		8: "delete stop delete delete → gone",
		9: "delete delete → gone",
	} {
		inBubble(t, status.String(), func(t *testing.T, f *fake, c *lifecycle.Controller) {
			f.refuses = func(op string, s modelarts.Status) bool {
				return op == "delete" && !isStopped(s) && !isFailed(s)
			}
			id := f.add(status)
			err := c.EnsureDeleted(limited(t), id, old)
			if got := f.changing() + " → " + end(nil, err); got != want {
				t.Errorf("got %q, want %q", got, want)
			}
		})
	}
}
