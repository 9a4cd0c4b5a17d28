package simulator

import (
	"cmp"
	"crypto/rand"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"time"
)

// modelArts returns the handler of a ModelArts request. Before h, it applies the rate limit, and
// checks the credentials and their project. shape is the default form of the error responses.
func (s *Simulator) modelArts(h handler, shape envelope) http.Handler {
	admitted := func(w http.ResponseWriter, r *http.Request, now time.Time) error {
		if err := s.admit(w, r, now); err != nil {
			return err
		}

		return h(w, r, now)
	}

	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if err := s.locked(admitted, w, r); err != nil {
			s.writeError(w, asAPIError(err), shape)
		}
	})
}

// created is the response to a create request. As in the sample of the API reference, its numbers
// are strings, and it has no service_url.
type created struct {
	IsSuccess  bool   `json:"is_success"`
	JobID      string `json:"job_id"`
	JobName    string `json:"job_name"`
	Status     string `json:"status"`
	CreateTime string `json:"create_time"`
}

// details is a job in the responses to list and details requests.
type details struct {
	JobID             int64  `json:"job_id"`
	JobName           string `json:"job_name"`
	JobDesc           string `json:"job_desc"`
	TrainURL          string `json:"train_url"`
	Status            int    `json:"status"`
	CreateTime        int64  `json:"create_time"` // milliseconds since 1970
	Duration          int64  `json:"duration"`    // milliseconds
	RemainingDuration *int64 `json:"remaining_duration"`
	ServiceURL        string `json:"service_url,omitempty"`
	ResourceID        string `json:"resource_id"`

	Schedule []shownSchedule `json:"schedule,omitempty"`
}

// shownSchedule is a schedule in responses. Its keys differ from those of a create request.
type shownSchedule struct {
	Type     string `json:"type"`
	TimeUnit string `json:"timeUnit"`
	Duration int    `json:"duration"`
}

// details returns the form of a job in responses.
func (s *Simulator) details(v view) details {
	d := details{
		JobID:             v.ID,
		JobName:           v.Name,
		JobDesc:           v.Description,
		TrainURL:          v.TrainURL,
		Status:            v.Status,
		CreateTime:        v.CreateTime.UnixMilli(),
		Duration:          v.Duration.Milliseconds(),
		RemainingDuration: v.remaining,
		ServiceURL:        v.ServiceURL,
		ResourceID:        v.ResourceID,
	}

	if s.options.ShowSchedule && v.Schedule != nil {
		d.Schedule = []shownSchedule{shownSchedule(*v.Schedule)}
	}

	return d
}

func (s *Simulator) createJob(w http.ResponseWriter, r *http.Request, now time.Time) error {
	f, err := readFields(r)
	if err != nil {
		return err
	}

	description, err := readJob(f)
	if err != nil {
		return err
	}

	if bucket := bucketOf(description.TrainURL); s.options.Buckets != nil && !slices.Contains(s.options.Buckets, bucket) {
		return newAPIError(http.StatusBadRequest, codeNoBucket, "OBS bucket does not exist: %s", bucket)
	}

	if len(s.jobs) >= s.options.JobLimit {
		return newAPIError(http.StatusBadRequest, codeQuota, "The expected %d jobs exceed the quota limit of %d.",
			len(s.jobs)+1, s.options.JobLimit)
	}

	if err := s.checkRunLimit(now); err != nil {
		return err
	}

	j := s.addJob(description, now)
	j.timeline = s.startTimeline(now, j.Schedule)
	j.visibleFrom = now.Add(s.options.Appear)

	writeJSON(w, http.StatusOK, created{
		IsSuccess:  true,
		JobID:      strconv.FormatInt(j.ID, 10),
		JobName:    j.Name,
		Status:     strconv.Itoa(j.timeline[0].status),
		CreateTime: strconv.FormatInt(j.CreateTime.UnixMilli(), 10),
	})

	return nil
}

// addJob adds a job with defaults for its ID, time and resource ID. The caller sets its timeline.
func (s *Simulator) addJob(description Job, now time.Time) *job {
	j := &job{Job: description}

	if j.ID == 0 {
		j.ID = s.lastID + 1
	}

	if j.CreateTime.IsZero() {
		j.CreateTime = now.Truncate(time.Millisecond) // The precision of the API.
	}

	if j.ResourceID == "" {
		j.ResourceID = newUUID()
	}

	s.lastID = max(s.lastID, j.ID)
	s.jobs[j.ID] = j
	delete(s.deletedShown, j.ID)

	return j
}

func (s *Simulator) showJob(w http.ResponseWriter, r *http.Request, now time.Time) error {
	id, err := readJobID(r)
	if err != nil {
		return err
	}

	if j := cmp.Or(s.jobs[id], s.deletedShown[id]); j != nil {
		if shown, ok := j.shown(now); ok {
			writeJSON(w, http.StatusOK, s.details(shown))

			return nil
		}
	}

	return s.options.NotFoundShape.apiError(id)
}

// change returns the handler of a request that changes the job of the path by do. verb is that of
// the error message. If a profile accepts the request for a job that is being deleted, it changes
// nothing.
func (s *Simulator) change(verb string, do func(*job, *http.Request, time.Time) error) handler {
	return func(w http.ResponseWriter, r *http.Request, now time.Time) error {
		id, err := readJobID(r)
		if err != nil {
			return err
		}

		j, ok := s.jobs[id]
		if !ok {
			return s.options.NotFoundShape.apiError(id)
		}

		if err := s.reject(verb, j, now); err != nil {
			return err
		}

		if before := j.view(now); !j.deleting() {
			if err := do(j, r, now); err != nil {
				return err
			}

			if j.dropSnapshots(now); s.options.Stale > 0 {
				j.snapshots = append(j.snapshots, snapshot{before, now.Add(s.options.Stale)})
			}
		}

		writeJSON(w, http.StatusOK, object{"is_success": true})

		return nil
	}
}

// newUUID returns a random version 4 UUID.
func newUUID() string {
	var b [16]byte
	_, _ = rand.Read(b[:]) // It never fails.

	b[6] = b[6]&0x0f | 0x40
	b[8] = b[8]&0x3f | 0x80

	return fmt.Sprintf("%x-%x-%x-%x-%x", b[:4], b[4:6], b[6:8], b[8:10], b[10:])
}
