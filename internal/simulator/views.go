package simulator

import (
	"maps"
	"slices"
	"time"
)

// snapshot is the state of a job before a change. Reads show it until a time, and after that the
// change.
type snapshot struct {
	view

	until time.Time
}

// shown returns the state of j that reads show, and false if they don't show the job yet.
func (j *job) shown(now time.Time) (view, bool) {
	if now.Before(j.visibleFrom) {
		return view{}, false
	}

	for _, p := range j.snapshots {
		if now.Before(p.until) {
			return p.view, true
		}
	}

	return j.view(now), true
}

// dropSnapshots removes the snapshots that reads don't show any more.
func (j *job) dropSnapshots(now time.Time) {
	j.snapshots = slices.DeleteFunc(j.snapshots, func(p snapshot) bool { return !now.Before(p.until) })
}

// visible returns the state of every job that reads show, in no order.
func (s *Simulator) visible(now time.Time) []view {
	views := make([]view, 0, len(s.jobs)+len(s.deletedShown))

	for _, jobs := range []map[int64]*job{s.jobs, s.deletedShown} {
		for j := range maps.Values(jobs) {
			if v, ok := j.shown(now); ok {
				views = append(views, v)
			}
		}
	}

	return views
}

// removeDeleted removes the jobs whose deletion has finished. Stale reads keep them for a time.
func (s *Simulator) removeDeleted(now time.Time) {
	for id, j := range s.jobs {
		if j.deleting() && !j.deletedAt.After(now) {
			s.drop(id)
			s.deletedShown[id] = j
		}
	}

	for id, j := range s.deletedShown {
		if j.dropSnapshots(now); len(j.snapshots) == 0 {
			delete(s.deletedShown, id)
		}
	}
}

// drop removes a job immediately, even from stale reads.
func (s *Simulator) drop(id int64) {
	delete(s.jobs, id)
	delete(s.deletedShown, id)
}
