package simulator

import (
	"fmt"
	"net/http"
	"time"
)

// What a job is that does not say otherwise. Every project has the workspace.
const (
	defaultType      = "tensorboard"
	defaultWorkspace = "0"
)

// Job is what the simulator knows of a visualization job, more than the API
// tells about it.
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
	Duration    time.Duration // spent RUNNING, over all starts
	ServiceURL  string        // empty until the job has started once
	ResourceID  string
}

// Schedule makes a job stop by itself.
type Schedule struct {
	Type     string // stop
	TimeUnit string // HOURS
	Duration int    // hours RUNNING, 0 to 24; 0 never stops the job
}

// moment is when a job takes a status.
type moment struct {
	at     time.Time
	status int
}

// job is a visualization job with its future: the statuses it takes, and when,
// unless a call changes its course. Whatever depends on the time is derived
// from that.
type job struct {
	Job // Status, Duration and ServiceURL are as of the start of the timeline.

	timeline []moment  // in order, never empty
	leaves   time.Time // when a job being deleted is gone; else zero
	appears  time.Time // when reads begin to show it; zero is always
	pasts    []past    // what reads may show instead, in order
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

// running returns how long the job was RUNNING on its present course.
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

// leaving says whether the job is being deleted.
func (j *job) leaving() bool { return !j.leaves.IsZero() }

// asOf returns the job as it is at the time now.
func (j *job) asOf(now time.Time) Job {
	look := j.Job
	look.Status = j.status(now)
	look.Duration += j.running(now)

	// The reference's samples have an address as early as INIT.
	if look.ServiceURL == "" && isActive(j.timeline[0].status) {
		look.ServiceURL = fmt.Sprintf("https://modelarts.simulator.invalid/modelarts2/%s/%s/%d/",
			look.Type, look.ResourceID, look.ID)
	}

	if j.Schedule != nil {
		schedule := *j.Schedule
		look.Schedule = &schedule
	}

	return look
}

// remaining returns how long the job still runs before its schedule stops it,
// and false when it does not run or no schedule stops it.
func (j *job) remaining(now time.Time) (time.Duration, bool) {
	for i, m := range j.timeline[:len(j.timeline)-1] {
		next := j.timeline[i+1]
		if m.status == StatusRunning && !m.at.After(now) && next.at.After(now) {
			return next.at.Sub(now), true
		}
	}

	return 0, false
}

// follow sets the job on a new course from now on. What was is kept, what would
// have been is forgotten.
func (j *job) follow(now time.Time, course []moment) {
	j.Job = j.asOf(now)
	j.timeline = course
	j.leaves = time.Time{}
}

// startCourse is the way of a job that was created or restarted at the time now.
func (s *Simulator) startCourse(now time.Time, schedule *Schedule) []moment {
	statuses := startingStatuses()
	course := make([]moment, 0, len(statuses)+2)

	for i, status := range statuses {
		offset := s.options.Transition * time.Duration(i) / time.Duration(len(statuses))
		course = append(course, moment{now.Add(offset), status})
	}

	return append(course, s.runCourse(now.Add(s.options.Transition), schedule)...)
}

// runCourse is the way of a job that gets to RUNNING at the time at.
func (s *Simulator) runCourse(at time.Time, schedule *Schedule) []moment {
	course := []moment{{at, StatusRunning}}
	if schedule != nil && schedule.Duration > 0 {
		stop := at.Add(time.Duration(schedule.Duration) * s.options.Hour)
		course = append(course, moment{stop, StatusCompleted})
	}

	return course
}

// stop sets the job on its way to KILLED. Accepted for one that is on its way
// there, at an end or being deleted, it changes nothing.
func (s *Simulator) stop(j *job, now time.Time) error {
	status, leaving := j.status(now), j.leaving()
	if !s.options.Refusals.rules().stop(status, leaving) {
		return refuseStatus("stop", status)
	}

	if leaving || status == StatusKilling || isSettled(status) {
		return nil
	}

	j.follow(now, []moment{
		{now, StatusKilling},
		{now.Add(s.options.Transition), StatusKilled},
	})

	return nil
}

// restart sets the job on its way to RUNNING, with its schedule anew. Accepted
// for one that is being deleted, it changes nothing.
func (s *Simulator) restart(j *job, now time.Time) error {
	status, leaving := j.status(now), j.leaving()
	if !s.options.Refusals.rules().restart(status, leaving) {
		return refuseStatus("resubmit", status)
	}

	if leaving {
		return nil
	}

	if err := s.refuseOneMore(now); err != nil {
		return err
	}

	j.follow(now, s.startCourse(now, j.Schedule))

	return nil
}

// refuseOneMore refuses to start a job when as many as may run at once do.
func (s *Simulator) refuseOneMore(now time.Time) error {
	active := 0

	for _, j := range s.jobs {
		if isActive(j.status(now)) {
			active++
		}
	}

	if active < s.options.RunLimit {
		return nil
	}

	return refusef(http.StatusBadRequest, codeRunQuota, "Exceed the quota limit of %d running jobs.", s.options.RunLimit)
}

// remove sets the job on its way out. Until it is gone a job that was active
// shows KILLING, any other the status it had. Accepted for one that is on its
// way out, it changes nothing.
func (s *Simulator) remove(j *job, now time.Time) error {
	status, leaving := j.status(now), j.leaving()
	if !s.options.Refusals.rules().remove(status, leaving) {
		return refuseStatus("delete", status)
	}

	if leaving {
		return nil
	}

	if isActive(status) {
		status = StatusKilling
	}

	j.follow(now, []moment{{now, status}})
	j.leaves = now.Add(s.options.Transition)
	s.leaving[j.ID] = struct{}{}

	return nil
}

// describe changes the description.
func (s *Simulator) describe(j *job, now time.Time, description string) error {
	status := j.status(now)
	if !s.options.Refusals.rules().describe(status, j.leaving()) {
		return refuseStatus("update", status)
	}

	j.Description = description

	return nil
}
