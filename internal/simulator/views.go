package simulator

import (
	"slices"
	"time"
)

// snapshot is a job before a change. Reads show it until a time, and after that the change.
type snapshot struct {
	job       job
	at, until time.Time
}

// shown returns the row of j that reads show, and false if they don't show the job yet.
func (j *job) shown(now time.Time) (row, bool) {
	if now.Before(j.visibleFrom) {
		return row{}, false
	}

	for i := range j.snapshots {
		if p := &j.snapshots[i]; now.Before(p.until) {
			return row{&p.job, p.job.status(p.at), p.at}, true
		}
	}

	return row{j, j.status(now), now}, true
}

// keepSnapshot makes reads show the job before a change until it isn't stale.
func (j *job) keepSnapshot(before job, now time.Time, stale time.Duration) {
	j.dropSnapshots(now)

	if stale > 0 {
		before.snapshots = nil // A snapshot needs no earlier ones.
		j.snapshots = append(j.snapshots, snapshot{before, now, now.Add(stale)})
	}
}

// dropSnapshots removes the snapshots that reads don't show any more.
func (j *job) dropSnapshots(now time.Time) {
	j.snapshots = slices.DeleteFunc(j.snapshots, func(p snapshot) bool { return !now.Before(p.until) })
}

// visible returns the row of every job that reads show, in no order.
func (s *Simulator) visible(now time.Time) []row {
	rows := make([]row, 0, len(s.jobs)+len(s.deletedShown))

	for _, jobs := range []map[int64]*job{s.jobs, s.deletedShown} {
		for _, j := range jobs {
			if r, ok := j.shown(now); ok {
				rows = append(rows, r)
			}
		}
	}

	return rows
}

// findShown returns the row of the job with this ID, if reads show it.
func (s *Simulator) findShown(id int64, now time.Time) (row, bool) {
	j, ok := s.jobs[id]
	if !ok {
		j, ok = s.deletedShown[id]
	}

	if !ok {
		return row{}, false
	}

	return j.shown(now)
}

// removeDeleted removes the jobs whose deletion has finished. Stale reads keep them for a time.
func (s *Simulator) removeDeleted(now time.Time) {
	for id := range s.deleting {
		j := s.jobs[id]
		if j.deletedAt.After(now) {
			continue
		}

		s.drop(id)
		s.deletedShown[id] = j
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
	delete(s.deleting, id)
	delete(s.deletedShown, id)
}
