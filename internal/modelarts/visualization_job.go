package modelarts

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"net/http"
	"strconv"
	"strings"
	"time"
)

const visualizationJobsPath = "/visualization-jobs"

// VisualizationJob is a hosted TensorBoard or MindInsight, as the API returns it. A job is billed while it runs. The API doesn't return the
// type and the flavor of a job.
type VisualizationJob struct {
	ID          int64
	Name        string
	Description string
	TrainURL    string // OBS path, such as /bucket/prefix/; empty in the response to a create
	Status      Status
	CreateTime  time.Time     // in UTC; zero if the response has none between the years 1970 and 9999
	Duration    time.Duration // time for which the job has run; never negative
	ServiceURL  string        // can be set before the job runs; empty if the response has none
	ResourceID  string        // ID of the job in the bill
	Schedule    Schedule      // zero if the response has no readable schedule; not all responses have it
}

// jobJSON is the JSON of a VisualizationJob.
type jobJSON struct {
	JobID      number `json:"job_id"`
	JobName    string `json:"job_name"`
	JobDesc    string `json:"job_desc"`
	TrainURL   string `json:"train_url"`
	Status     number `json:"status"`
	CreateTime number `json:"create_time"` // milliseconds since 1970
	Duration   number `json:"duration"`    // milliseconds
	ServiceURL string `json:"service_url"`
	ResourceID string `json:"resource_id"`

	Schedule Schedule `json:"schedule"`
}

const (
	// maxJobSize is the maximum size in bytes of all responses except lists. It is larger than a job whose texts have the maximum length.
	maxJobSize = 256 << 10
	// latestTime is the last time that RFC 3339 can represent, in milliseconds since 1970.
	latestTime = 253402300799999
	// maxDuration is in milliseconds.
	maxDuration = math.MaxInt64 / int64(time.Millisecond)
)

// job returns the job. It replaces a number that is out of range with the nearest one in range.
func (w *jobJSON) job() VisualizationJob {
	job := VisualizationJob{
		ID:          int64(w.JobID),
		Name:        w.JobName,
		Description: w.JobDesc,
		TrainURL:    OBSPath(w.TrainURL),
		Status:      Status(min(max(w.Status, math.MinInt32), math.MaxInt32)),
		Duration:    time.Duration(min(max(int64(w.Duration), 0), maxDuration)) * time.Millisecond,
		ServiceURL:  w.ServiceURL,
		ResourceID:  w.ResourceID,
		Schedule:    w.Schedule,
	}
	if w.CreateTime > 0 && w.CreateTime <= latestTime {
		job.CreateTime = time.UnixMilli(int64(w.CreateTime)).UTC()
	}
	return job
}

// number is an integer. It is a JSON number in the tables of the API reference, and a string in its samples. Absent, null and "" are 0.
type number int64

func (n *number) UnmarshalJSON(data []byte) error {
	digits := unquote(data)
	if digits == "" {
		*n = 0
		return nil
	}
	if i, err := strconv.ParseInt(digits, 10, 64); err == nil {
		*n = number(i)
		return nil
	}
	// Generic REST providers write large numbers of a response as 1.234567e+06 into a state.
	if f, err := strconv.ParseFloat(digits, 64); err == nil && math.Abs(f) < 1<<53 && f == math.Trunc(f) {
		*n = number(f)
		return nil
	}
	return errors.New("a number is not an integer") // without the value, which can be a part of a credential
}

// ParseVisualizationJob decodes a job from a response of the API, for example from the state of another provider. Missing fields are zero.
func ParseVisualizationJob(response []byte) (*VisualizationJob, error) {
	var parsed jobJSON
	if err := json.Unmarshal(response, &parsed); err != nil {
		return nil, err
	}
	job := parsed.job()
	return &job, nil
}

// Schedule stops a job automatically after a time.
type Schedule struct {
	Type     string `json:"type"`      // "stop"
	TimeUnit string `json:"time_unit"` // "HOURS"
	Duration int64  `json:"duration"`  // 0 to 24, in TimeUnit
}

// UnmarshalJSON implements json.Unmarshaler. It decodes an object or an array with one object, with the keys in the table (time_unit) or in
// the samples (timeUnit) of the API reference. Other JSON results in the zero value, so that a job with such a schedule stays readable.
func (s *Schedule) UnmarshalJSON(data []byte) error {
	*s = Schedule{}
	var list []json.RawMessage
	if json.Unmarshal(data, &list) == nil && len(list) == 1 {
		data = list[0]
	}
	var read struct {
		Type      string  `json:"type"`
		TimeUnit  string  `json:"time_unit"`
		CamelUnit string  `json:"timeUnit"`
		Duration  *number `json:"duration"`
	}
	if json.Unmarshal(data, &read) == nil && read.Duration != nil {
		*s = Schedule{
			Type: cmp.Or(read.Type, "stop"), TimeUnit: cmp.Or(read.TimeUnit, read.CamelUnit, "HOURS"),
			Duration: int64(*read.Duration),
		}
	}
	return nil
}

// CreateOptions are the properties of a job to create. Name and TrainURL are required. The request omits other fields that are zero.
type CreateOptions struct {
	Name        string    `json:"job_name"`           // 1 to 20 of A-Z a-z 0-9 _ -
	TrainURL    string    `json:"train_url"`          // OBS path, /bucket/prefix/
	Description string    `json:"job_desc,omitempty"` // up to 256 characters
	JobType     string    `json:"job_type,omitempty"` // "tensorboard" or "mindinsight"
	Flavor      string    `json:"-"`                  // specification code
	Schedule    *Schedule `json:"-"`
}

// CreateVisualizationJob creates a job. The API returns before the job runs. The returned job has only an ID, a name, a status and a creation
// time. After an error for which IsUncertain is true, the job might exist.
func (c *Client) CreateVisualizationJob(ctx context.Context, options CreateOptions) (*VisualizationJob, error) {
	if options.Schedule == nil {
		return c.create(ctx, options, nil)
	}
	// The sample of the API reference has an array with one object. Its table and the client of Open Telekom Cloud have an object.
	// A request with a parameter error creates no job, so the client can try both.
	job, err := c.create(ctx, options, []Schedule{*options.Schedule})
	if !IsParameterError(err) || IsUncertain(err) {
		return job, err
	}
	job, second := c.create(ctx, options, options.Schedule)
	if IsParameterError(second) {
		return nil, err
	}
	return job, second
}

func (c *Client) create(ctx context.Context, options CreateOptions, schedule any) (*VisualizationJob, error) {
	request := struct {
		CreateOptions
		Flavor   map[string]string `json:"flavor,omitempty"`
		Schedule any               `json:"schedule,omitempty"`
	}{CreateOptions: options, Schedule: schedule}
	if options.Flavor != "" {
		request.Flavor = map[string]string{"code": options.Flavor}
	}
	return send(ctx, c, http.MethodPost, visualizationJobsPath, request, func(_ *http.Response, body []byte) (*VisualizationJob, error) {
		job, err := ParseVisualizationJob(body)
		switch {
		case err != nil:
			return nil, err
		case job.ID <= 0:
			return nil, errors.New("the response has no job_id")
		case job.Name != "" && job.Name != options.Name:
			return nil, fmt.Errorf("the response is about job %d, which has another name", job.ID)
		default:
			return job, nil
		}
	})
}

// GetVisualizationJob returns a job. If IsNotFound is true for its error, the service reports that the job doesn't exist.
func (c *Client) GetVisualizationJob(ctx context.Context, id int64) (*VisualizationJob, error) {
	return send(ctx, c, http.MethodGet, jobPath(id), nil, func(_ *http.Response, body []byte) (*VisualizationJob, error) {
		job, err := ParseVisualizationJob(body)
		if err == nil && job.ID != id {
			return nil, fmt.Errorf("the response is about job %d", job.ID)
		}
		return job, err
	})
}

// UpdateVisualizationJob sets the description, which is the only property that the API can change.
func (c *Client) UpdateVisualizationJob(ctx context.Context, id int64, description string) error {
	request := map[string]string{"job_desc": description} // required, can be empty
	_, err := send(ctx, c, http.MethodPut, jobPath(id), request, confirm)
	return err
}

// StopVisualizationJob requests a stop. The API returns before the job stops.
func (c *Client) StopVisualizationJob(ctx context.Context, id int64) error {
	_, err := send(ctx, c, http.MethodPost, jobPath(id)+"/stop", nil, confirm)
	return err
}

// RestartVisualizationJob requests a start of a stopped job. The API returns before the job runs.
func (c *Client) RestartVisualizationJob(ctx context.Context, id int64) error {
	_, err := send(ctx, c, http.MethodPost, jobPath(id)+"/restart", nil, confirm)
	return err
}

// DeleteVisualizationJob requests a deletion. The API can return before the job is deleted.
func (c *Client) DeleteVisualizationJob(ctx context.Context, id int64) error {
	_, err := send(ctx, c, http.MethodDelete, jobPath(id), nil, confirm)
	return err
}

// OBSPath returns an OBS path in the form that the API documents: /bucket/prefix/ instead of obs://bucket/prefix/.
func OBSPath(path string) string {
	if rest, hasScheme := strings.CutPrefix(path, "obs://"); hasScheme {
		return "/" + strings.TrimLeft(rest, "/")
	}
	return path
}

func jobPath(id int64) string { return visualizationJobsPath + "/" + strconv.FormatInt(id, 10) }
