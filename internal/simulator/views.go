package simulator

import (
	"slices"
	"time"
)

// past is a job as it was before a change, which reads show until the change has
// got around to them.
type past struct {
	job       job
	at, until time.Time
}

// shown returns the job that reads show in the place of j and the time they show
// it at, and false when they do not show it yet.
func (j *job) shown(now time.Time) (look *job, at time.Time, ok bool) {
	if now.Before(j.appears) {
		return nil, time.Time{}, false
	}

	for i := range j.pasts {
		if p := &j.pasts[i]; now.Before(p.until) {
			return &p.job, p.at, true
		}
	}

	return j, now, true
}

// remember has reads show what before was at the time now until the change since
// then is no longer kept from them.
func (j *job) remember(before job, now time.Time, stale time.Duration) {
	j.forgetPasts(now)

	if stale > 0 {
		before.pasts = nil // Or each would keep all those before it.
		j.pasts = append(j.pasts, past{before, now, now.Add(stale)})
	}
}

// forgetPasts drops what reads no longer show.
func (j *job) forgetPasts(now time.Time) {
	j.pasts = slices.DeleteFunc(j.pasts, func(p past) bool { return !now.Before(p.until) })
}

// visible returns the row of every job that reads show, in no order.
func (s *Simulator) visible(now time.Time) []row {
	rows := make([]row, 0, len(s.jobs)+len(s.ghosts))

	for _, jobs := range []map[int64]*job{s.jobs, s.ghosts} {
		for _, j := range jobs {
			if look, at, ok := j.shown(now); ok {
				rows = append(rows, row{look, look.status(at), at})
			}
		}
	}

	return rows
}

// findShown returns the row of the job that reads show by this id.
func (s *Simulator) findShown(id int64, now time.Time) (row, bool) {
	j, ok := s.jobs[id]
	if !ok {
		j, ok = s.ghosts[id]
	}

	if !ok {
		return row{}, false
	}

	look, at, ok := j.shown(now)
	if !ok {
		return row{}, false
	}

	return row{look, look.status(at), at}, true
}

// sweep drops the jobs whose deletion is over, and those that even reads have
// ceased to show.
func (s *Simulator) sweep(now time.Time) {
	for id := range s.leaving {
		j := s.jobs[id]
		if j.leaves.After(now) {
			continue
		}

		s.forget(id)
		s.ghosts[id] = j
	}

	for id, j := range s.ghosts {
		if j.forgetPasts(now); len(j.pasts) == 0 {
			delete(s.ghosts, id)
		}
	}
}

// forget drops a job at once, for reads as well.
func (s *Simulator) forget(id int64) {
	delete(s.jobs, id)
	delete(s.leaving, id)
	delete(s.ghosts, id)
}
