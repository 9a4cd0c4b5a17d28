package modelarts

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
)

// benchmarkedJob is a job as the API's samples have it; %d is its id.
const benchmarkedJob = `{"job_id": %d, "job_name": "visualization-job", "job_desc": "This is a ModelArts job", "status": 7,
	"create_time": 1524189990635, "duration": 532003, "train_url": "/obs/name/", "service_url": "https://example.com/10",
	"resource_id": "4787c885-e18d-4ef1-aa12-c4ed0c364b27"}`

// The network takes no time, so most of the call is the decoding.
func BenchmarkVisualizationJobPages(b *testing.B) {
	const n = 1000
	jobs := make([]string, n)
	for i := range jobs {
		jobs[i] = fmt.Sprintf(benchmarkedJob, i+1)
	}
	client := clientOn(always(http.StatusOK, fmt.Sprintf(`{"is_success": true, "job_total_count": %d, "job_count_limit": 1, "jobs": [%s]}`,
		n, strings.Join(jobs, ","))))
	b.ReportAllocs()
	for b.Loop() {
		page, err := listAll(b.Context(), client, ListOptions{})
		if err != nil || len(page.Jobs) != n {
			b.Fatalf("%v: %v", page, err)
		}
	}
}
