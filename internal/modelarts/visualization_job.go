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

	"github.com/opentelekomcloud-community/terraform-provider-modelarts/internal/httpclient"
)

const visualizationJobsPath = "/visualization-jobs"

// VisualizationJob is a hosted TensorBoard or MindInsight, as the API returns
// it. It is billed for as long as it runs. The API returns neither the type nor
// the flavor it was created with.
type VisualizationJob struct {
	ID          int64
	Name        string
	Description string
	TrainURL    string // OBS path, /bucket/prefix/; the response to a create has none
	Status      Status
	CreateTime  time.Time     // in UTC; zero when the response has none, or none in the years 1970 to 9999
	Duration    time.Duration // how long it has run; never negative
	ServiceURL  string        // may be there before it runs, and is empty when the response has none
	ResourceID  string        // what the bill refers to
	Schedule    Schedule      // zero when the response has none that can be read; not all responses have it
}

// jobJSON is VisualizationJob on the wire.
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
	// maxText is how many bytes each text of a job can have. The longest that the API documents
	// are a description of 256 characters and an OBS path of about 1100 bytes.
	maxText = 4 << 10
	// maxJobSize is how many bytes the JSON of a job, or of any response but a list, can have:
	// more than all texts of a job have if each byte is escaped.
	maxJobSize = 256 << 10
	// latestTime is the last millisecond since 1970 that RFC 3339 can write.
	latestTime = 253402300799999
	// maxDuration is in milliseconds.
	maxDuration = math.MaxInt64 / int64(time.Millisecond)
)

// job returns the job. Numbers out of range become the nearest in range. A text of more than maxText
// bytes is an error.
func (w *jobJSON) job() (VisualizationJob, error) {
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
	for _, text := range job.texts() {
		if len(text) > maxText {
			return job, errTextTooLong
		}
	}
	return job, nil
}

// texts returns the texts of which a service chooses the length.
func (j *VisualizationJob) texts() [7]string {
	return [...]string{j.Name, j.Description, j.TrainURL, j.ServiceURL, j.ResourceID, j.Schedule.Type, j.Schedule.TimeUnit}
}

var errTextTooLong = httpclient.LimitError(fmt.Sprintf("a job with more than %d KiB in one text", maxText>>10))

// ParseVisualizationJob reads a job from a response of the API, which another program can
// have stored. Missing fields are zero.
func ParseVisualizationJob(response []byte) (*VisualizationJob, error) {
	var parsed jobJSON
	if err := json.Unmarshal(response, &parsed); err != nil {
		return nil, err
	}
	job, err := parsed.job()
	if err != nil {
		return nil, err
	}
	return &job, nil
}

// Schedule stops a job by itself.
type Schedule struct {
	Type     string `json:"type"`      // "stop"
	TimeUnit string `json:"time_unit"` // "HOURS"
	Duration int64  `json:"duration"`  // 0 to 24, in TimeUnit
}

// UnmarshalJSON implements json.Unmarshaler. It reads an object or an array of one, with
// the keys of the reference's table (time_unit) or of its samples (timeUnit). A job must not
// become unreadable because of its schedule: anything else is none.
func (s *Schedule) UnmarshalJSON(data []byte) error {
	*s = Schedule{}
	if len(data) > maxText {
		return nil
	}
	var list []json.RawMessage
	if json.Unmarshal(data, &list) == nil && len(list) == 1 {
		data = list[0]
	}
	var read struct {
		Type      text    `json:"type"`
		TimeUnit  text    `json:"time_unit"`
		CamelUnit text    `json:"timeUnit"`
		Duration  *number `json:"duration"`
	}
	if json.Unmarshal(data, &read) == nil && read.Duration != nil {
		*s = Schedule{
			Type: cmp.Or(string(read.Type), "stop"), TimeUnit: cmp.Or(string(read.TimeUnit), string(read.CamelUnit), "HOURS"),
			Duration: int64(*read.Duration),
		}
	}
	return nil
}

// CreateOptions describe a visualization job to create. Name and TrainURL are
// mandatory; what else is zero is left out of the request.
type CreateOptions struct {
	Name        string // 1 to 20 of A-Z a-z 0-9 _ -
	TrainURL    string // OBS path, /bucket/prefix/
	Description string // up to 256 characters
	JobType     string // "tensorboard" or "mindinsight"
	Flavor      string // specification code
	Schedule    *Schedule
}

type createRequest struct {
	JobName  string  `json:"job_name"`
	TrainURL string  `json:"train_url"`
	JobDesc  string  `json:"job_desc,omitempty"`
	JobType  string  `json:"job_type,omitempty"`
	Flavor   *flavor `json:"flavor,omitempty"`
	Schedule any     `json:"schedule,omitempty"`
}

type flavor struct {
	Code string `json:"code"`
}

// CreateVisualizationJob creates a job. The API returns before the job runs. The returned job has only
// an ID, a name, a status and a creation time. After an error for which MayHaveBeenDone is true, the job
// might exist.
func (c *Client) CreateVisualizationJob(ctx context.Context, options CreateOptions) (*VisualizationJob, error) {
	request := createRequest{
		JobName:  options.Name,
		TrainURL: options.TrainURL,
		JobDesc:  options.Description,
		JobType:  options.JobType,
	}
	if options.Flavor != "" {
		request.Flavor = &flavor{Code: options.Flavor}
	}
	if options.Schedule == nil {
		return c.create(ctx, request)
	}
	// The reference's sample has an array of one, its table and Open Telekom
	// Cloud's client an object. A parameter error creates nothing, so both can be tried.
	request.Schedule = []Schedule{*options.Schedule}
	job, err := c.create(ctx, request)
	if !IsParameterError(err) || MayHaveBeenDone(err) {
		return job, err
	}
	request.Schedule = options.Schedule
	job, second := c.create(ctx, request)
	if IsParameterError(second) {
		return nil, err
	}
	return job, second
}

func (c *Client) create(ctx context.Context, request createRequest) (*VisualizationJob, error) {
	var job *VisualizationJob
	_, err := c.do(ctx, http.MethodPost, visualizationJobsPath, nil, request, func(body []byte) (err error) {
		job, err = ParseVisualizationJob(body)
		switch {
		case err != nil:
		case job.ID <= 0:
			err = errors.New("the response has no job_id")
		case job.Name != "" && job.Name != request.JobName:
			err = fmt.Errorf("the response is about job %d, which has another name", job.ID)
		}
		return err
	})
	if err != nil {
		return nil, err
	}
	return job, nil
}

// GetVisualizationJob returns one job. IsNotFound reports whether its error means that there is none.
func (c *Client) GetVisualizationJob(ctx context.Context, id int64) (*VisualizationJob, error) {
	var job *VisualizationJob
	_, err := c.do(ctx, http.MethodGet, jobPath(id, ""), nil, nil, func(body []byte) (err error) {
		if job, err = ParseVisualizationJob(body); err == nil && job.ID != id {
			err = fmt.Errorf("the response is about job %d", job.ID)
		}
		return err
	})
	if err != nil {
		return nil, err
	}
	return job, nil
}

// UpdateVisualizationJob sets the description, the one thing that can be changed.
func (c *Client) UpdateVisualizationJob(ctx context.Context, id int64, description string) error {
	request := struct {
		JobDesc string `json:"job_desc"` // mandatory, may be empty
	}{description}
	_, err := c.do(ctx, http.MethodPut, jobPath(id, ""), nil, request, nil)
	return err
}

// StopVisualizationJob requests a stop. The API returns before the job stops.
func (c *Client) StopVisualizationJob(ctx context.Context, id int64) error {
	_, err := c.do(ctx, http.MethodPost, jobPath(id, "/stop"), nil, nil, nil)
	return err
}

// RestartVisualizationJob requests a start of a stopped job. The API returns before the job runs.
func (c *Client) RestartVisualizationJob(ctx context.Context, id int64) error {
	_, err := c.do(ctx, http.MethodPost, jobPath(id, "/restart"), nil, nil, nil)
	return err
}

// DeleteVisualizationJob requests a deletion. The API can return before the job is deleted.
func (c *Client) DeleteVisualizationJob(ctx context.Context, id int64) error {
	_, err := c.do(ctx, http.MethodDelete, jobPath(id, ""), nil, nil, nil)
	return err
}

// OBSPath returns an OBS path in the form that the API documents: /bucket/prefix/ instead of
// obs://bucket/prefix/.
func OBSPath(path string) string {
	if rest, hasScheme := strings.CutPrefix(path, "obs://"); hasScheme {
		return "/" + strings.TrimLeft(rest, "/")
	}
	return path
}

func jobPath(id int64, action string) string {
	return visualizationJobsPath + "/" + strconv.FormatInt(id, 10) + action
}
