package simulator

import (
	"cmp"
	"encoding/json"
	"errors"
	"net/http"
	"regexp"
	"strconv"
	"strings"
	"unicode/utf8"
)

// Limits of the API, in characters and hours.
const (
	maxDescription = 256
	maxSearch      = 64
	maxSchedule    = 24
)

var (
	namePattern  = regexp.MustCompile(`^[A-Za-z0-9_-]{1,20}$`)
	trainPattern = regexp.MustCompile(`^(/[^/[:cntrl:]]+)+/?$`)
)

// fields is a JSON object taken apart. Unlike a struct of encoding/json it
// tells the case of a key and an absent value from a zero one.
type fields map[string]json.RawMessage

// readFields reads the body of a request as a JSON object. The content type
// does not matter; an empty body is no object.
func readFields(r *http.Request) (fields, error) {
	var f fields
	if json.Unmarshal(bodyOf(r), &f) != nil || f == nil {
		return nil, refusef(http.StatusBadRequest, codeInvalidArgument, "Invalid argument: the body is no JSON object")
	}

	return f, nil
}

// has says whether the key is there with a value other than null.
func (f fields) has(key string) bool {
	raw, ok := f[key]

	return ok && string(raw) != "null"
}

// text returns the string at key, and "" when there is none.
func (f fields) text(key string) (string, error) {
	if !f.has(key) {
		return "", nil
	}

	var s string
	if err := json.Unmarshal(f[key], &s); err != nil {
		return "", refuseParameter("Illegal %s: it has to be a string", key)
	}

	return s, nil
}

// readJob reads the body of a create call into a job that the service could
// hold. Only what is refused is checked; unknown keys are ignored.
func readJob(f fields) (Job, error) {
	name, nameErr := readName(f)
	description, descriptionErr := readDescription(f)
	trainURL, trainURLErr := readTrainURL(f)
	jobType, typeErr := readType(f)
	flavor, flavorErr := readFlavor(f)
	schedule, scheduleErr := readSchedule(f)

	// The service names one fault at a time.
	err := cmp.Or(nameErr, descriptionErr, trainURLErr, typeErr, flavorErr, scheduleErr)
	if err != nil {
		return Job{}, err
	}

	return Job{
		Name:        name,
		Description: description,
		TrainURL:    trainURL,
		Type:        jobType,
		Flavor:      flavor,
		Schedule:    schedule,
		WorkspaceID: defaultWorkspace,
	}, nil
}

func readName(f fields) (string, error) {
	name, err := f.text("job_name")
	if err == nil && !namePattern.MatchString(name) {
		err = refuseParameter("Illegal name: %s", name)
	}

	return name, err
}

func readDescription(f fields) (string, error) {
	description, err := f.text("job_desc")
	if err == nil && utf8.RuneCountInString(description) > maxDescription {
		err = refuseParameter("The length of job_desc should be in [0,%d]", maxDescription)
	}

	return description, err
}

func readTrainURL(f fields) (string, error) {
	trainURL, err := f.text("train_url")
	if err == nil && !trainPattern.MatchString(trainURL) {
		err = refuseParameter("Illegal train_url: %s", trainURL)
	}

	return trainURL, err
}

func readType(f fields) (string, error) {
	if !f.has("job_type") {
		return defaultType, nil
	}

	jobType, err := f.text("job_type")
	if err == nil && jobType != "tensorboard" && jobType != "mindinsight" {
		err = refuseParameter("Illegal job_type: %s", jobType)
	}

	return jobType, err
}

func readFlavor(f fields) (string, error) {
	if !f.has("flavor") {
		return "", nil
	}

	var flavor fields
	if err := json.Unmarshal(f["flavor"], &flavor); err != nil {
		return "", refuseParameter("Illegal flavor: it has to be an object")
	}

	code, err := flavor.text("code")
	if err == nil && code == "" {
		err = refuseParameter("Illegal flavor: code is missing")
	}

	return code, err
}

func readSchedule(f fields) (schedule *Schedule, err error) {
	if f.has("schedule") {
		schedule, err = parseSchedule(f["schedule"])
	}

	return schedule, err
}

// parseSchedule accepts both documented forms, an object and an array of one.
func parseSchedule(raw json.RawMessage) (*Schedule, error) {
	var one fields
	if json.Unmarshal(raw, &one) != nil {
		var list []fields
		if json.Unmarshal(raw, &list) != nil || len(list) != 1 {
			return nil, refuseParameter("Illegal schedule: it has to be an object or an array of one")
		}

		one = list[0]
	}

	kind, kindErr := one.text("type")
	unit, unitErr := one.text("time_unit")

	if err := errors.Join(kindErr, unitErr); err != nil || kind != "stop" || unit != "HOURS" {
		return nil, refuseParameter("Illegal schedule: type has to be stop and time_unit HOURS")
	}

	var hours int
	if !one.has("duration") || json.Unmarshal(one["duration"], &hours) != nil || hours < 0 || hours > maxSchedule {
		return nil, refuseParameter("Illegal schedule: duration should be in [0,%d]", maxSchedule)
	}

	return &Schedule{Type: kind, TimeUnit: unit, Duration: hours}, nil
}

// bucketOf returns the bucket of a valid train_url.
func bucketOf(trainURL string) string {
	bucket, _, _ := strings.Cut(strings.TrimPrefix(trainURL, "/"), "/")

	return bucket
}

// readJobID returns the job id of the path.
func readJobID(r *http.Request) (int64, error) {
	raw := r.PathValue("job_id")

	id, err := strconv.ParseInt(raw, 10, 64)
	if err != nil || id < 0 {
		return 0, refuseParameter("Illegal job id: %s", raw)
	}

	return id, nil
}

func refuseParameter(format string, args ...any) *apiError {
	return refusef(http.StatusBadRequest, codeParameter, format, args...)
}

// refuseStatus refuses what a job in this status does not allow.
func refuseStatus(verb string, status int) *apiError {
	return refusef(http.StatusBadRequest, codeStatus, "This job can't be %s. job status: %d", verb, status)
}
