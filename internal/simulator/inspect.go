package simulator

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strconv"
)

// Jobs returns the existing jobs in their present state, sorted by ID. Stale reads can show other
// jobs.
func (s *Simulator) Jobs() []Job {
	now := s.lock()
	defer s.mu.Unlock()

	jobs := make([]Job, 0, len(s.jobs))
	for _, id := range slices.Sorted(maps.Keys(s.jobs)) {
		jobs = append(jobs, s.jobs[id].asOf(now))
	}

	return jobs
}

// Job returns the job with this ID in its present state, and whether it exists.
func (s *Simulator) Job(id int64) (Job, bool) {
	now := s.lock()
	defer s.mu.Unlock()

	j, ok := s.jobs[id]
	if !ok {
		return Job{}, false
	}

	return j.asOf(now), true
}

// AddJob adds a job, and its workspace, and returns the job's ID. Zero fields except the status get
// defaults: the next unused ID, and the present as the time of creation. The job keeps its
// status until a request changes it, except that a schedule stops a RUNNING job. AddJob doesn't
// check values or quotas. It panics if the ID is in use.
func (s *Simulator) AddJob(description Job) int64 {
	now := s.lock()
	defer s.mu.Unlock()

	if _, inUse := s.jobs[description.ID]; inUse {
		panic(fmt.Sprintf("simulator: the ID %d is in use", description.ID))
	}

	j := s.addJob(description, now)
	j.Name = cmp.Or(j.Name, "job-"+strconv.FormatInt(j.ID, 10))
	j.TrainURL = cmp.Or(j.TrainURL, "/simulator/logs/")
	j.Type = cmp.Or(j.Type, defaultType)
	j.WorkspaceID = cmp.Or(j.WorkspaceID, defaultWorkspace)
	s.workspaces[j.WorkspaceID] = struct{}{}

	if j.Schedule != nil {
		schedule := *j.Schedule
		j.Schedule = &schedule
	}

	j.timeline = []statusChange{{now, j.Status}}
	if j.Status == StatusRunning {
		j.timeline = s.runTimeline(now, j.Schedule)
	}

	return j.ID
}

// SetStatus gives the job a status that it keeps until a request changes it. It cancels a
// deletion, and stale reads show the status as well. It reports whether the job exists.
func (s *Simulator) SetStatus(id int64, code int) bool {
	now := s.lock()
	defer s.mu.Unlock()

	j, ok := s.jobs[id]
	if !ok {
		return false
	}

	j.setTimeline(now, []statusChange{{now, code}})
	j.snapshots = nil

	return true
}

// RemoveJob removes the job immediately, even from stale reads, as another user could have
// deleted it. It reports whether the job existed.
func (s *Simulator) RemoveJob(id int64) bool {
	s.lock()
	defer s.mu.Unlock()

	_, ok := s.jobs[id]
	s.drop(id)

	return ok
}

// StopJob stops the job like another user. Stale reads show the change as well. It reports whether
// the job exists and its status allows the stop.
func (s *Simulator) StopJob(id int64) bool {
	now := s.lock()
	defer s.mu.Unlock()

	j, ok := s.jobs[id]
	if !ok || s.reject("stop", j, now) != nil || s.stop(j, nil, now) != nil {
		return false
	}

	j.snapshots = nil

	return true
}
