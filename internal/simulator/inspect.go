package simulator

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strconv"
)

// Jobs returns the jobs that exist, ordered by id, as they are now, which is not
// what stale reads show.
func (s *Simulator) Jobs() []Job {
	s.mu.Lock()
	defer s.mu.Unlock()

	now := s.options.Clock.Now()
	s.sweep(now)

	jobs := make([]Job, 0, len(s.jobs))
	for _, id := range slices.Sorted(maps.Keys(s.jobs)) {
		jobs = append(jobs, s.jobs[id].asOf(now))
	}

	return jobs
}

// Job returns the job with this id as it is now, and false when there is none;
// see [Simulator.Jobs].
func (s *Simulator) Job(id int64) (Job, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()

	now := s.options.Clock.Now()
	s.sweep(now)

	j, ok := s.jobs[id]
	if !ok {
		return Job{}, false
	}

	return j.asOf(now), true
}

// AddJob puts a job in place and returns its id. Everything but the status is
// filled in when it is zero: the id with the next free one, the time of
// creation with the present. The status stays as given until a call is
// accepted, except that the schedule of a RUNNING job stops it. The job's
// workspace comes to exist. AddJob passes no checks and no quota; it panics
// when the id is taken.
func (s *Simulator) AddJob(description Job) int64 {
	s.mu.Lock()
	defer s.mu.Unlock()

	now := s.options.Clock.Now()
	s.sweep(now)

	if _, taken := s.jobs[description.ID]; taken {
		panic(fmt.Sprintf("simulator: there is a job %d", description.ID))
	}

	j := s.keep(description, now)
	j.Name = cmp.Or(j.Name, "job-"+strconv.FormatInt(j.ID, 10))
	j.TrainURL = cmp.Or(j.TrainURL, "/simulator/logs/")
	j.Type = cmp.Or(j.Type, defaultType)
	j.WorkspaceID = cmp.Or(j.WorkspaceID, defaultWorkspace)
	s.workspaces[j.WorkspaceID] = struct{}{}

	if j.Schedule != nil {
		schedule := *j.Schedule
		j.Schedule = &schedule
	}

	j.timeline = []moment{{now, j.Status}}
	if j.Status == StatusRunning {
		j.timeline = s.runCourse(now, j.Schedule)
	}

	return j.ID
}

// SetStatus gives the job a status that stays until a call is accepted, and
// that no stale read hides. A deletion under way is called off. It returns
// false when there is no such job.
func (s *Simulator) SetStatus(id int64, code int) bool {
	s.mu.Lock()
	defer s.mu.Unlock()

	now := s.options.Clock.Now()
	s.sweep(now)

	j, ok := s.jobs[id]
	if !ok {
		return false
	}

	delete(s.leaving, id)
	j.follow(now, []moment{{now, code}})
	j.pasts = nil

	return true
}

// RemoveJob makes the job vanish at once, for reads as well, as if someone else
// had deleted it. It returns false when there is no such job.
func (s *Simulator) RemoveJob(id int64) bool {
	s.mu.Lock()
	defer s.mu.Unlock()

	s.sweep(s.options.Clock.Now())

	_, ok := s.jobs[id]
	s.forget(id)

	return ok
}

// StopJob stops the job as if someone else had; no stale read hides it. It
// returns false when there is no such job, or when its status does not allow it.
func (s *Simulator) StopJob(id int64) bool {
	s.mu.Lock()
	defer s.mu.Unlock()

	now := s.options.Clock.Now()
	s.sweep(now)

	j, ok := s.jobs[id]
	if !ok || s.stop(j, now) != nil {
		return false
	}

	j.pasts = nil

	return true
}

// EnvAt returns the environment variables that a user exports of a simulator that is
// served at this base URL: what [Server.Env] returns for a server.
func (s *Simulator) EnvAt(url string) map[string]string {
	return map[string]string{
		"OS_AUTH_URL":         url + identityPath,
		"OS_REGION_NAME":      DefaultRegion,
		"OS_USERNAME":         DefaultUserName,
		"OS_PASSWORD":         s.options.Password,
		"OS_USER_DOMAIN_NAME": DefaultDomainName,
		"OS_PROJECT_NAME":     s.options.ProjectName,
	}
}
