//go:build linux

package provider_test

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/opentelekomcloud-community/terraform-provider-modelarts/internal/acctest"
)

// hostileJobs returns the JSON of n jobs with a description.
func hostileJobs(page, n int, description string) string {
	jobs := make([]string, n)
	for i := range jobs {
		jobs[i] = fmt.Sprintf(`{"job_id": %d, "status": 8, "job_name": "board", "job_desc": "%s"}`, page*n+i+1, description)
	}
	return `"jobs": [` + strings.Join(jobs, ",") + `]`
}

// hostilePages return a page of a list, by its filter. No diagnostic is expected for a list that is
// within the limits.
var hostilePages = map[string]struct {
	page       func(number int) string
	diagnostic string
}{
	"large": {func(int) string { return `"job_total_count": 2000, ` + hostileJobs(0, 2000, strings.Repeat("d", 4000)) }, ""},
	"texts": {func(number int) string { return hostileJobs(number, 1000, strings.Repeat("d", 4096)) },
		"more than 8192 KiB of text in the jobs of a list"},
	"long texts": {func(number int) string { return hostileJobs(number, 900, strings.Repeat("d", 9000)) },
		"a job with more than 4 KiB in one text"},
	"escapes": {func(int) string { return hostileJobs(0, 1, strings.Repeat(`\u0041`, 1_300_000)) },
		"a job with more than 256 KiB of JSON"},
	"page":    {func(int) string { return `"unknown": "` + strings.Repeat("x", 16<<20) + `"` }, "the response is larger than 8192 KiB"},
	"unknown": {func(int) string { return `"jobs": [], "unknown": "` + strings.Repeat("x", 7<<20) + `"` }, ""},
	"message": {func(int) string { return `"error_code": "E", "error_message": "` + strings.Repeat("x", 7<<20) + `"` }, "xxx"},
	"rows":    {func(int) string { return `"jobs": [` + strings.Repeat("{},", 7<<20/3) + `{}]` }, "more than 5000 jobs"},
	"keys":    {func(int) string { return strings.Repeat(hostileJobs(0, 1000, "")+",", 90) + `"jobs": []` }, ""},
	"nested": {func(int) string {
		return `"jobs": [], "unknown": ` + strings.Repeat("[", 9000) + strings.Repeat("]", 9000)
	}, ""},
	"schedules": {func(int) string {
		return `"jobs": [` + strings.Repeat(`{"job_id": 1, "schedule": [`+strings.Repeat("0,", 120_000)+`0]},`, 25) + `{"job_id": 1}]`
	}, ""},
}

var highWater = regexp.MustCompile(`VmHWM:\s+(\d+) kB`)

// peakMemory returns the largest resident set, in KiB, of the processes whose IDs are in the file, as
// soon as done is closed.
func peakMemory(ids string, done <-chan struct{}) (peak int) {
	ticker := time.NewTicker(10 * time.Millisecond)
	defer ticker.Stop()
	for {
		select {
		case <-done:
			return peak
		case <-ticker.C:
		}
		started, _ := os.ReadFile(ids) // there is none before the first process
		for id := range strings.FieldsSeq(string(started)) {
			status, _ := os.ReadFile("/proc/" + id + "/status") // there is none after the end of the process
			if found := highWater.FindSubmatch(status); found != nil {
				size, _ := strconv.Atoi(string(found[1]))
				peak = max(peak, size)
			}
		}
	}
}

// A hostile service can't fill the memory of the machine, whatever it returns to many requests at the
// same time.
func TestMemoryOfHostileResponses(t *testing.T) {
	const limit = 200 << 10 // in KiB
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		query := r.URL.Query()
		number, _ := strconv.Atoi(query.Get("page"))
		switch hostile, ok := hostilePages[query.Get("search_content")]; {
		case ok:
			_, _ = io.WriteString(w, `{"job_total_count": 100000, `+hostile.page(number)+`}`)
		case number > 0:
			_, _ = io.WriteString(w, `{`+hostilePages["large"].page(number)+`}`)
		default:
			_, _ = io.WriteString(w, `{"job_id": 1, "job_desc": "`+strings.Repeat("x", 16<<20)+`"}`)
		}
	}))
	t.Cleanup(server.Close)

	w := acctest.NewWorkspace(t, map[string]string{"OS_MAX_RETRIES": "0"})
	folder, ids := t.TempDir(), filepath.Join(w.Folder, "ids")
	built := w.UseProvider(folder)
	script := fmt.Sprintf("#!/bin/sh\necho $$ >> '%s'\nexec '%s' \"$@\"\n", ids, built)
	if err := os.WriteFile(filepath.Join(folder, filepath.Base(built)), []byte(script), 0o700); err != nil {
		t.Fatal(err)
	}
	var lists []string
	wanted := []string{"the response is larger than 256 KiB"}
	for filter, hostile := range hostilePages {
		lists, wanted = append(lists, strconv.Quote(filter)), append(wanted, hostile.diagnostic)
	}
	w.Write("main.tf", terraformBlock+fmt.Sprintf(`
provider "modelarts" {
  token     = "secret"
  endpoint  = %q
  tenant_id = "project"
}
data "modelarts_visualization_job" "large" {
  count = 20
  id    = 100000 + count.index
}
data "modelarts_visualization_job" "named" {
  count = 4
  name  = "board-${count.index}"
}
data "modelarts_visualization_jobs" "hostile" {
  for_each       = toset([%s])
  search_content = each.key
}
`, server.URL, strings.Join(lists, ", ")))
	done, measured := make(chan struct{}), make(chan int)
	go func() { measured <- peakMemory(ids, done) }()
	output, _ := w.Run("plan", "-no-color", "-parallelism=60")
	close(done)
	peak := <-measured
	t.Logf("the peak is %d MiB", peak>>10)
	if peak == 0 || peak > limit {
		t.Errorf("the peak is %d MiB", peak>>10)
	}
	shown := strings.ReplaceAll(output, "│", "")
	for _, want := range wanted {
		if !strings.Contains(unwrapped(shown), want) {
			t.Errorf("no diagnostic has %q", want)
		}
	}
	if t.Failed() {
		t.Logf("%.10000s", output)
	}
}
