package simulator

import (
	"fmt"
	"net/http"
	"time"
)

// Defaults of a job. Every project has the default workspace.
const (
	defaultType      = "tensorboard"
	defaultWorkspace = "0"
)

// Job is a visualization job. It has more fields than the API shows.
type Job struct {
	ID          int64
	Name        string
	Description string
	TrainURL    string // an OBS path, /bucket/prefix/
	Type        string // tensorboard or mindinsight
	Flavor      string // a specification code, often empty
	Schedule    *Schedule
	WorkspaceID string
	Status      int // one of the Status constants, or any other number
	CreateTime  time.Time
	Duration    time.Duration // in status RUNNING, over all starts
	ServiceURL  string        // empty until the first start
	ResourceID  string
}

// Schedule stops a job.
type Schedule struct {
	Type     string // stop
	TimeUnit string // HOURS
	Duration int    // hours in status RUNNING, 0 to 24; 0 never stops the job
}

// statusChange is the time from which a job has a status.
type statusChange struct {
	at     time.Time
	status int
}

// job is a visualization job with its timeline: its future statuses, unless a request changes
// them. Every value that depends on the time is computed from the timeline.
type job struct {
	Job // Status, Duration and ServiceURL have their values at the start of the timeline.

	timeline    []statusChange // in order, never empty
	deletedAt   time.Time      // when a job being deleted is gone; else zero
	visibleFrom time.Time      // when reads begin to show it; zero is always
	snapshots   []snapshot     // states that stale reads show, in order
}

// status returns the status at the time now.
func (j *job) status(now time.Time) int {
	status := j.timeline[0].status
	for _, m := range j.timeline {
		if m.at.After(now) {
			break
		}

		status = m.status
	}

	return status
}

// running returns the time in status RUNNING on the present timeline.
func (j *job) running(now time.Time) (total time.Duration) {
	for i, m := range j.timeline {
		if m.status != StatusRunning || m.at.After(now) {
			continue
		}

		until := now
		if i+1 < len(j.timeline) && j.timeline[i+1].at.Before(now) {
			until = j.timeline[i+1].at
		}

		total += until.Sub(m.at)
	}

	return total
}

// deleting reports whether the job is being deleted.
func (j *job) deleting() bool { return !j.deletedAt.IsZero() }

// asOf returns the state of the job at the time now.
func (j *job) asOf(now time.Time) Job {
	job := j.Job
	job.Status = j.status(now)
	job.Duration += j.running(now)

	// The samples of the API reference have a URL in status INIT already.
	if job.ServiceURL == "" && isActive(j.timeline[0].status) {
		job.ServiceURL = fmt.Sprintf("https://modelarts.simulator.invalid/modelarts2/%s/%s/%d/",
			job.Type, job.ResourceID, job.ID)
	}

	if j.Schedule != nil {
		schedule := *j.Schedule
		job.Schedule = &schedule
	}

	return job
}

// view is the state of a job that a read shows.
type view struct {
	Job

	remaining *int64 // milliseconds until the schedule stops the job, if it runs and has one
}

// view returns the state of the job at the time now.
func (j *job) view(now time.Time) view {
	v := view{Job: j.asOf(now)}

	for i, m := range j.timeline[:len(j.timeline)-1] {
		next := j.timeline[i+1]
		if m.status == StatusRunning && !m.at.After(now) && next.at.After(now) {
			v.remaining = new(next.at.Sub(now).Milliseconds())
		}
	}

	return v
}

// setTimeline replaces the future of the job from now on.
func (j *job) setTimeline(now time.Time, timeline []statusChange) {
	j.Job = j.asOf(now)
	j.timeline = timeline
	j.deletedAt = time.Time{}
}

// startTimeline returns the timeline of a job that was created or restarted at the time now.
func (s *Simulator) startTimeline(now time.Time, schedule *Schedule) []statusChange {
	statuses := startingStatuses()
	timeline := make([]statusChange, 0, len(statuses)+2)

	for i, status := range statuses {
		offset := s.options.Transition * time.Duration(i) / time.Duration(len(statuses))
		timeline = append(timeline, statusChange{now.Add(offset), status})
	}

	return append(timeline, s.runTimeline(now.Add(s.options.Transition), schedule)...)
}

// runTimeline returns the timeline of a job that is RUNNING from the time at.
func (s *Simulator) runTimeline(at time.Time, schedule *Schedule) []statusChange {
	timeline := []statusChange{{at, StatusRunning}}
	if schedule != nil && schedule.Duration > 0 {
		stop := at.Add(time.Duration(schedule.Duration) * s.options.Hour)
		timeline = append(timeline, statusChange{stop, StatusCompleted})
	}

	return timeline
}

// reject returns an error if the rejection profile doesn't accept a request in the present status
// of the job. verb is that of the error message.
func (s *Simulator) reject(verb string, j *job, now time.Time) error {
	status := j.status(now)
	if s.options.Rejections.accepts(verb, status, j.deleting()) {
		return nil
	}

	return newAPIError(http.StatusBadRequest, codeStatus, "This job can't be %s. job status: %d", verb, status)
}

// stop stops the job, unless it is stopping or settled, which a profile can accept as well.
func (s *Simulator) stop(j *job, _ *http.Request, now time.Time) error {
	if status := j.status(now); status != StatusKilling && !isSettled(status) {
		j.setTimeline(now, []statusChange{{now, StatusKilling}, {now.Add(s.options.Transition), StatusKilled}})
	}

	return nil
}

// restart starts the job, and its schedule, again.
func (s *Simulator) restart(j *job, _ *http.Request, now time.Time) error {
	if err := s.checkRunLimit(now); err != nil {
		return err
	}

	j.setTimeline(now, s.startTimeline(now, j.Schedule))

	return nil
}

// checkRunLimit returns an error if the maximum number of jobs start or run.
func (s *Simulator) checkRunLimit(now time.Time) error {
	active := 0

	for _, j := range s.jobs {
		if isActive(j.status(now)) {
			active++
		}
	}

	if active < s.options.RunLimit {
		return nil
	}

	return newAPIError(http.StatusBadRequest, codeRunQuota, "Exceed the quota limit of %d running jobs.", s.options.RunLimit)
}

// remove deletes the job. Until the job doesn't exist, its status is KILLING if it was active,
// and else unchanged.
func (s *Simulator) remove(j *job, _ *http.Request, now time.Time) error {
	status := j.status(now)
	if isActive(status) {
		status = StatusKilling
	}

	j.setTimeline(now, []statusChange{{now, status}})
	j.deletedAt = now.Add(s.options.Transition)

	return nil
}

// update changes the description of the job.
func (s *Simulator) update(j *job, r *http.Request, _ time.Time) error {
	f, err := readFields(r)
	if err != nil {
		return err
	}

	if !f.has("job_desc") {
		return invalidParameter("Illegal job_desc: it is missing")
	}

	description, err := readDescription(f)
	if err == nil {
		j.Description = description
	}

	return err
}
