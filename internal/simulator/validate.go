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

// fields is a decoded JSON object. Unlike with a struct, keys are case-sensitive, and an absent
// value differs from a zero value.
type fields map[string]json.RawMessage

// readFields decodes the body of a request, which has to be a JSON object. It ignores the content
// type.
func readFields(r *http.Request) (fields, error) {
	var f fields
	if json.Unmarshal(bodyOf(r), &f) != nil || f == nil {
		return nil, newAPIError(http.StatusBadRequest, codeInvalidArgument, "Invalid argument: the body is no JSON object")
	}

	return f, nil
}

// has reports whether the key has a value other than null.
func (f fields) has(key string) bool {
	raw, ok := f[key]

	return ok && string(raw) != "null"
}

// text returns the string at key, or "" if there is none.
func (f fields) text(key string) (string, error) {
	if !f.has(key) {
		return "", nil
	}

	var s string
	if err := json.Unmarshal(f[key], &s); err != nil {
		return "", invalidParameter("Illegal %s: it has to be a string", key)
	}

	return s, nil
}

// readJob returns the job of a create request, and an error if the API doesn't accept it. Unknown
// keys are ignored.
func readJob(f fields) (Job, error) {
	name, nameErr := readName(f)
	description, descriptionErr := readDescription(f)
	trainURL, trainURLErr := readTrainURL(f)
	jobType, typeErr := readType(f)
	flavor, flavorErr := readFlavor(f)
	schedule, scheduleErr := readSchedule(f)

	// The service reports one error at a time.
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
		err = invalidParameter("Illegal name: %s", name)
	}

	return name, err
}

func readDescription(f fields) (string, error) {
	description, err := f.text("job_desc")
	if err == nil && utf8.RuneCountInString(description) > maxDescription {
		err = invalidParameter("The length of job_desc should be in [0,%d]", maxDescription)
	}

	return description, err
}

func readTrainURL(f fields) (string, error) {
	trainURL, err := f.text("train_url")
	if err == nil && !trainPattern.MatchString(trainURL) {
		err = invalidParameter("Illegal train_url: %s", trainURL)
	}

	return trainURL, err
}

func readType(f fields) (string, error) {
	if !f.has("job_type") {
		return defaultType, nil
	}

	jobType, err := f.text("job_type")
	if err == nil && jobType != "tensorboard" && jobType != "mindinsight" {
		err = invalidParameter("Illegal job_type: %s", jobType)
	}

	return jobType, err
}

func readFlavor(f fields) (string, error) {
	if !f.has("flavor") {
		return "", nil
	}

	var flavor fields
	if err := json.Unmarshal(f["flavor"], &flavor); err != nil {
		return "", invalidParameter("Illegal flavor: it has to be an object")
	}

	code, err := flavor.text("code")
	if err == nil && code == "" {
		err = invalidParameter("Illegal flavor: code is missing")
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
			return nil, invalidParameter("Illegal schedule: it has to be an object or an array of one")
		}

		one = list[0]
	}

	kind, kindErr := one.text("type")
	unit, unitErr := one.text("time_unit")

	if err := errors.Join(kindErr, unitErr); err != nil || kind != "stop" || unit != "HOURS" {
		return nil, invalidParameter("Illegal schedule: type has to be stop and time_unit HOURS")
	}

	var hours int
	if !one.has("duration") || json.Unmarshal(one["duration"], &hours) != nil || hours < 0 || hours > maxSchedule {
		return nil, invalidParameter("Illegal schedule: duration should be in [0,%d]", maxSchedule)
	}

	return &Schedule{Type: kind, TimeUnit: unit, Duration: hours}, nil
}

// bucketOf returns the bucket of a valid train_url.
func bucketOf(trainURL string) string {
	bucket, _, _ := strings.Cut(strings.TrimPrefix(trainURL, "/"), "/")

	return bucket
}

// readJobID returns the job ID of the path.
func readJobID(r *http.Request) (int64, error) {
	raw := r.PathValue("job_id")

	id, err := strconv.ParseInt(raw, 10, 64)
	if err != nil || id < 0 {
		return 0, invalidParameter("Illegal job id: %s", raw)
	}

	return id, nil
}

func invalidParameter(format string, args ...any) *apiError {
	return newAPIError(http.StatusBadRequest, codeParameter, format, args...)
}
