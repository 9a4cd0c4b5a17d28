package modelarts

import (
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/opentelekomcloud-community/terraform-provider-modelarts/internal/acctest"
	"github.com/opentelekomcloud-community/terraform-provider-modelarts/internal/httpclient"
)

// The client stops to read a response that is too large, before it fills the memory.
func TestFloods(t *testing.T) {
	t.Parallel()
	var squeezed strings.Builder
	w := gzip.NewWriter(&squeezed)
	_, _ = w.Write(make([]byte, 4<<20))
	_ = w.Close()
	block := strings.Repeat("0", 64<<10)
	for name, test := range map[string]struct {
		call, beginning, block string
		isLimit                bool // whether the error names a limit, so that the request isn't repeated
	}{
		"1 GB of a message": {"stop", "HTTP/1.1 400 Bad Request\r\nContent-Length: 1073741824\r\n\r\n" + `{"error_message": "`, block, true},
		"gzip":              {"list", "HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\n\r\n", squeezed.String(), true},
		"a header":          {"list", "HTTP/1.1 200 OK\r\nX-Request-Id: ", block, false},
		"1xx":               {"update", "HTTP/1.1 103 Early Hints\r\n\r\n", strings.Repeat("HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n", 1<<10), false},
		"no HTTP":           {"restart", "", strings.Repeat("\x1b", 64<<10), false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var written atomic.Int64
			// This transport unpacks and bounds headers like that of the provider.
			client := NewClient(&url.URL{Scheme: "http", Host: acctest.Listen(t, acctest.Floods(&written, test.beginning, test.block))}, project,
				&http.Transport{DisableKeepAlives: true, MaxResponseHeaderBytes: 256 << 10}, Options{})
			err := callNamed(test.call).do(t.Context(), client)
			if n := written.Load(); is[httpclient.LimitError](err) != test.isLimit || n > 32<<20 {
				t.Errorf("the server could write %d MiB: %v", n>>20, err)
			}
			checkResponseError(t, callNamed(test.call), err)
		})
	}
}

// A response has a limit of 256 KiB, and a list of 8 MiB and 5000 jobs on all pages. A page can have any number of jobs. The error names the
// limit, and the request isn't repeated.
func TestLimits(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		call             string
		jobs, size, more int // on the first page: rows of a list, text, and its growth on the next page
		requests         int
		err              string
	}{
		{"get", 1, 256<<10 - 300, 0, 1, ""},
		{"delete", 1, 256 << 10, 0, 1, "256 KiB"},
		{"list", 1, 8 << 20, 0, 1, "8192 KiB"},
		{"list", 1, 8<<20 - 300, -8<<20 + 500, 2, "8192 KiB"},
		{"list", maxListed, 0, 0, 1, ""},
		{"list", maxListed + 1, 0, 0, 1, "5000 jobs"},
		{"list", 1000, 0, 0, maxListed/1000 + 1, "5000 jobs"},
	} {
		network := on(func(req *http.Request, page int) (*http.Response, error) {
			jobs, total := make([]string, test.jobs), test.jobs
			for i := range jobs {
				jobs[i] = fmt.Sprintf(`{"job_id": %d}`, page*test.jobs+i)
			}
			if test.err != "" {
				total = 100_000
			}
			return acctest.Reply(req, http.StatusOK, fmt.Sprintf(`{"is_success": true, "job_id": 10, "job_total_count": %d, "jobs": [%s], "x": "%s"}`,
				total, strings.Join(jobs, ","), strings.Repeat("x", test.size+(page-1)*test.more))), nil
		})
		err := callNamed(test.call).do(t.Context(), clientOn(network))
		if is[httpclient.LimitError](err) != (test.err != "") || err != nil && !strings.Contains(err.Error(), test.err) || len(network.Requests) != test.requests {
			t.Errorf("%+v: %d requests: %v", test, len(network.Requests), err)
		}
	}
}

// A client reads few lists at a time. The others wait, as long as their context does.
func TestListsAtATime(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var reading, atATime, ended atomic.Int64
		client := clientOn(on(func(req *http.Request, _ int) (*http.Response, error) {
			atATime.Store(max(atATime.Load(), reading.Add(1)))
			<-time.After(time.Second)
			reading.Add(-1)
			return acctest.Reply(req, http.StatusOK, success), nil
		}))
		for range 10 {
			go func() {
				ctx, cancel := context.WithTimeout(t.Context(), 3500*time.Millisecond)
				defer cancel()
				if _, err := listAll(ctx, client, ListOptions{}); err != nil {
					ended.Add(1)
					if !errors.Is(err, context.DeadlineExceeded) || errorOf[*NoResponseError](t, err).Operation != "GET /visualization-jobs" {
						t.Error(err)
					}
				}
			}()
		}
		<-time.After(5 * time.Second)
		if atATime.Load() != maxLists || ended.Load() != 2 { // the other eight began in time
			t.Errorf("%d lists at a time, and %d ended with their context", atATime.Load(), ended.Load())
		}
	})
}
