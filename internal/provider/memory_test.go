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

// hostileJobs returns the JSON of n jobs of a page with the same text four times.
func hostileJobs(page, n int, text string) string {
	jobs := make([]string, n)
	for i := range jobs {
		jobs[i] = fmt.Sprintf(`{"job_id": %d, "job_name": "%s", "job_desc": "%[2]s", "service_url": "%[2]s", "resource_id": "%[2]s"}`, page*n+i+1, text)
	}
	return `"jobs": [` + strings.Join(jobs, ",") + `]`
}

// A hostile service can't fill the memory of the machine, with any responses to many requests at the
// same time.
func TestMemoryOfHostileResponses(t *testing.T) {
	const limit = 200 << 10 // in KiB
	text := strings.Repeat("d", 4096)
	lists := map[string]struct { // by the beginning of their filter
		pages      []string // of which the last one is repeated
		diagnostic string   // "" for a list within the limits
	}{
		"texts":   {[]string{hostileJobs(0, 250, text), hostileJobs(1, 250, text), hostileJobs(2, 250, text)}, "the list is larger than 5000 jobs or 8192 KiB"},
		"escapes": {[]string{hostileJobs(0, 1, strings.Repeat(`\u0041`, 300_000))}, "the list is larger than 5000 jobs or 8192 KiB"},
		"large":   {[]string{`"unknown": "` + strings.Repeat("x", 16<<20) + `"`}, "the response is larger than 8192 KiB"},
		"unknown": {[]string{`"jobs": [], "unknown": "` + strings.Repeat("x", 7<<20) + `"`}, ""},
	}
	fits := `{"job_total_count": 500, ` + hostileJobs(0, 500, text[:4000]) + `}`
	large := `{"job_id": 1, "job_desc": "` + strings.Repeat("x", 16<<20) + `"}`
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		query := r.URL.Query()
		number, _ := strconv.Atoi(query.Get("page"))
		parts := []string{large}
		if list, ok := lists[strings.TrimRight(query.Get("search_content"), "0123456789")]; ok {
			parts = []string{`{"job_total_count": 100000, `, list.pages[min(max(number, 1), len(list.pages))-1], `}`}
		} else if number > 0 { // for a job by its name, so that the CLI doesn't get the list, because its memory isn't the provider's
			parts = []string{fits}
		}
		for _, part := range parts {
			if _, err := io.WriteString(w, part); err != nil {
				return
			}
		}
	}))
	t.Cleanup(server.Close)

	w := acctest.NewWorkspace(t, map[string]string{"OS_MAX_RETRIES": "0"})
	var filters []string
	wanted := []string{"the response is larger than 256 KiB"}
	for filter, list := range lists {
		wanted = append(wanted, list.diagnostic)
		for i := range 2 {
			filters = append(filters, strconv.Quote(filter+strconv.Itoa(i)))
		}
	}
	w.Write("main.tf", terraformBlock+fmt.Sprintf(`
provider "modelarts" {
  token     = "secret"
  endpoint  = %q
  tenant_id = "project"
}
data "modelarts_visualization_job" "large" {
  count = 8
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
`, server.URL, strings.Join(filters, ", ")))
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
	for _, want := range wanted {
		if !strings.Contains(acctest.Unwrapped(output), want) {
			t.Errorf("no diagnostic has %q", want)
		}
	}
	if t.Failed() {
		t.Logf("%.10000s", output)
	}
}
