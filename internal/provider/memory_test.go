//go:build linux

package provider_test

import (
	"bytes"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"testing"

	"github.com/opentelekomcloud-community/terraform-provider-modelarts/internal/acctest"
)

// hostileJobs returns the JSON of n jobs with the same text four times.
func hostileJobs(page, n int, text string) string {
	jobs := make([]string, n)
	for i := range jobs {
		jobs[i] = fmt.Sprintf(`{"job_id": %d, "job_name": "%s", "job_desc": "%[2]s", "service_url": "%[2]s", "resource_id": "%[2]s"}`, page*n+i+1, text)
	}
	return `"jobs": [` + strings.Join(jobs, ",") + `]`
}

// hostilePages return a page of a list, by the beginning of its filter. No diagnostic is expected for a
// list that is within the limits.
var hostilePages = map[string]struct {
	page       func(number int) string
	diagnostic string
}{
	"fits":    {func(int) string { return `"job_total_count": 500, ` + hostileJobs(0, 500, strings.Repeat("d", 4000)) }, ""},
	"texts":   {func(number int) string { return hostileJobs(number, 250, strings.Repeat("d", 4096)) }, "more than 8192 KiB of text in the jobs"},
	"escapes": {func(int) string { return hostileJobs(0, 1, strings.Repeat(`\u0041`, 300_000)) }, "a job with more than 256 KiB of JSON"},
	"large":   {func(int) string { return `"unknown": "` + strings.Repeat("x", 16<<20) + `"` }, "the response is larger than 8192 KiB"},
	"unknown": {func(int) string { return `"jobs": [], "unknown": "` + strings.Repeat("x", 7<<20) + `"` }, ""},
}

// A hostile service can't fill the memory of the machine, whatever it returns to many requests at the
// same time.
func TestMemoryOfHostileResponses(t *testing.T) {
	const limit = 200 << 10 // in KiB
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		query := r.URL.Query()
		number, _ := strconv.Atoi(query.Get("page"))
		switch hostile, ok := hostilePages[strings.TrimRight(query.Get("search_content"), "0123456789")]; {
		case ok:
			_, _ = io.WriteString(w, `{"job_total_count": 100000, `+hostile.page(number)+`}`)
		case number > 0:
			_, _ = io.WriteString(w, `{`+hostilePages["fits"].page(number)+`}`)
		default:
			_, _ = io.WriteString(w, `{"job_id": 1, "job_desc": "`+strings.Repeat("x", 16<<20)+`"}`)
		}
	}))
	t.Cleanup(server.Close)

	w := acctest.NewWorkspace(t, map[string]string{"OS_MAX_RETRIES": "0"})
	var lists []string
	wanted := []string{"the response is larger than 256 KiB"}
	for filter, hostile := range hostilePages {
		wanted = append(wanted, hostile.diagnostic)
		for i := range 3 {
			lists = append(lists, strconv.Quote(filter+strconv.Itoa(i)))
		}
	}
	w.Write("main.tf", terraformBlock+fmt.Sprintf(`
provider "modelarts" {
  token     = "secret"
  endpoint  = %q
  tenant_id = "project"
}
data "modelarts_visualization_job" "large" {
  count = 12
  id    = 100000 + count.index
}
data "modelarts_visualization_job" "named" {
  count = 2
  name  = "board-${count.index}"
}
data "modelarts_visualization_jobs" "hostile" {
  for_each       = toset([%s])
  search_content = each.key
}
`, server.URL, strings.Join(lists, ", ")))
	plan := w.Command(t.Context(), "plan", "-no-color", "-parallelism=30")
	var written bytes.Buffer
	plan.Stdout, plan.Stderr = &written, &written
	if err := plan.Start(); err != nil {
		t.Fatal(err)
	}
	ended, measured := make(chan struct{}), make(chan int)
	go func() { measured <- acctest.PeakMemory(plan.Process.Pid, ended) }()
	_ = plan.Wait() // it fails, because lists exceed limits
	close(ended)
	peak, output := <-measured, written.String()
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
