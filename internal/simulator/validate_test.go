package simulator_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/opentelekomcloud-community/terraform-provider-modelarts/internal/simulator"
)

func TestCreateChecks(t *testing.T) {
	t.Parallel()

	const (
		badForm     = "Illegal schedule: it has to be an object or an array of one"
		badUnit     = "Illegal schedule: type has to be stop and time_unit HOURS"
		badDuration = "Illegal schedule: duration should be in [0,24]"
	)

	valid := map[string]string{"job_name": `"board"`, "train_url": `"/bucket/logs/"`}
	schedule := func(duration string) string {
		return `{"type":"stop","time_unit":"HOURS","duration":` + duration + `}`
	}

	for name, c := range map[string]struct {
		key, value string // in place of, or besides, what is valid; no value is no key
		refusal    string // "" when it is accepted
	}{
		"name with every kind of character": {"job_name", `"aZ09_-"`, ""},
		"name of 20":                        {"job_name", `"` + strings.Repeat("n", 20) + `"`, ""},
		"name of 21":                        {"job_name", `"` + strings.Repeat("n", 21) + `"`, "Illegal name: " + strings.Repeat("n", 21)},
		"no name":                           {"job_name", "", "Illegal name: "},
		"empty name":                        {"job_name", `""`, "Illegal name: "},
		"null name":                         {"job_name", `null`, "Illegal name: "},
		"name with a blank":                 {"job_name", `"a b"`, "Illegal name: a b"},
		"name with a line feed":             {"job_name", `"ab\n"`, "Illegal name: ab\n"},
		"name with a foreign letter":        {"job_name", `"ä"`, "Illegal name: ä"},
		"name that is a number":             {"job_name", `5`, "Illegal job_name: it has to be a string"},
		"name under another key":            {"Job_name", `"x x"`, ""},

		"description of 256 characters": {"job_desc", `"` + strings.Repeat("ü", 256) + `"`, ""},
		"description of 257":            {"job_desc", `"` + strings.Repeat("x", 257) + `"`, "The length of job_desc should be in [0,256]"},
		"empty description":             {"job_desc", `""`, ""},
		"description that is no string": {"job_desc", `{}`, "Illegal job_desc: it has to be a string"},

		"path without a slash at its end": {"train_url", `"/bucket/logs"`, ""},
		"deep path":                       {"train_url", `"/my.bucket-1/a/b c/ü/"`, ""},
		"no path":                         {"train_url", "", "Illegal train_url: "},
		"path without a prefix":           {"train_url", `"/bucket/"`, ""},
		"path without a bucket":           {"train_url", `"/"`, "Illegal train_url: /"},
		"relative path":                   {"train_url", `"bucket/logs/"`, "Illegal train_url: bucket/logs/"},
		"OBS URL":                         {"train_url", `"obs://bucket/logs/"`, "Illegal train_url: obs://bucket/logs/"},
		"path with an empty part":         {"train_url", `"/bucket//logs"`, "Illegal train_url: /bucket//logs"},
		"path with a line break":          {"train_url", `"/bucket/a\nb"`, "Illegal train_url: /bucket/a\nb"},

		"tensorboard":  {"job_type", `"tensorboard"`, ""},
		"mindinsight":  {"job_type", `"mindinsight"`, ""},
		"null type":    {"job_type", `null`, ""},
		"other type":   {"job_type", `"TensorBoard"`, "Illegal job_type: TensorBoard"},
		"empty type":   {"job_type", `""`, "Illegal job_type: "},
		"numeric type": {"job_type", `1`, "Illegal job_type: it has to be a string"},

		"flavor":                {"flavor", `{"code":"c"}`, ""},
		"flavor without code":   {"flavor", `{}`, "Illegal flavor: code is missing"},
		"flavor of a string":    {"flavor", `"c"`, "Illegal flavor: it has to be an object"},
		"flavor of an odd code": {"flavor", `{"code":1}`, "Illegal code: it has to be a string"},

		"schedule of 0":             {"schedule", schedule("0"), ""},
		"schedule of 24":            {"schedule", schedule("24"), ""},
		"schedule of 25":            {"schedule", schedule("25"), badDuration},
		"schedule of -1":            {"schedule", schedule("-1"), badDuration},
		"schedule of a half":        {"schedule", schedule("0.5"), badDuration},
		"schedule of a string":      {"schedule", schedule(`"1"`), badDuration},
		"schedule of null":          {"schedule", schedule("null"), badDuration},
		"schedule without duration": {"schedule", `{"type":"stop","time_unit":"HOURS"}`, badDuration},
		"schedule without type":     {"schedule", `{"time_unit":"HOURS","duration":1}`, badUnit},
		"schedule of another type":  {"schedule", `{"type":"start","time_unit":"HOURS","duration":1}`, badUnit},
		"schedule of another unit":  {"schedule", `{"type":"stop","time_unit":"hours","duration":1}`, badUnit},
		"schedule of an odd unit":   {"schedule", `{"type":"stop","time_unit":1,"duration":1}`, badUnit},
		"two schedules":             {"schedule", "[" + schedule("1") + "," + schedule("1") + "]", badForm},
		"no schedule in an array":   {"schedule", `[]`, badForm},
		"schedule of a number":      {"schedule", `1`, badForm},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()

			var members []string

			for key, value := range valid {
				if key != c.key {
					members = append(members, `"`+key+`":`+value)
				}
			}

			if c.value != "" {
				members = append(members, `"`+c.key+`":`+c.value)
			}

			b := newBench(t, simulator.Options{})
			r := b.call("POST", jobs, "{"+strings.Join(members, ",")+"}")

			if c.refusal != "" {
				r.wantRefusal(t, http.StatusBadRequest, "ModelArts.0104", c.refusal)
			} else if r.status != http.StatusOK {
				t.Errorf("refused: %d %v", r.status, r.body)
			}

			if created := len(b.Jobs()) == 1; created != (c.refusal == "") {
				t.Errorf("created: %t", created)
			}
		})
	}
}

func TestBodyHasToBeAnObject(t *testing.T) {
	t.Parallel()

	b := newBench(t, simulator.Options{})
	id := b.AddJob(simulator.Job{Status: simulator.StatusRunning, Description: "old"})

	for _, body := range []string{"", "null", "[]", "5", `{"job_name"`, plainJob + "x"} {
		for _, call := range [][2]string{{"POST", jobs}, {"PUT", jobs + "/1"}} {
			b.call(call[0], call[1], body).wantRefusal(t, http.StatusBadRequest,
				"ModelArts.0101", "Invalid argument: the body is no JSON object")
		}
	}

	if job, _ := b.Job(id); job.Description != "old" || len(b.Jobs()) != 1 {
		t.Errorf("a refused body had an effect: %+v", b.Jobs())
	}
}

func TestUpdateChecks(t *testing.T) {
	t.Parallel()

	for name, c := range map[string]struct{ body, refusal string }{
		"nothing":            {`{}`, "Illegal job_desc: it is missing"},
		"null":               {`{"job_desc":null}`, "Illegal job_desc: it is missing"},
		"a number":           {`{"job_desc":1}`, "Illegal job_desc: it has to be a string"},
		"too long":           {`{"job_desc":"` + strings.Repeat("x", 257) + `"}`, "The length of job_desc should be in [0,256]"},
		"under another key":  {`{"description":"x"}`, "Illegal job_desc: it is missing"},
		"in another letters": {`{"JOB_DESC":"x"}`, "Illegal job_desc: it is missing"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()

			b := newBench(t, simulator.Options{})
			id := b.AddJob(simulator.Job{Status: simulator.StatusRunning, Description: "old"})

			b.call("PUT", jobs+"/1", c.body).wantRefusal(t, http.StatusBadRequest, "ModelArts.0104", c.refusal)

			if job, _ := b.Job(id); job.Description != "old" {
				t.Errorf("description = %q", job.Description)
			}
		})
	}
}
