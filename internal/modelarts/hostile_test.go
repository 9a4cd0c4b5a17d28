package modelarts

import (
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"runtime"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/opentelekomcloud-community/terraform-provider-modelarts/internal/acctest"
	"github.com/opentelekomcloud-community/terraform-provider-modelarts/internal/httpclient"
	"github.com/opentelekomcloud-community/terraform-provider-modelarts/internal/sanitize"
)

// peak runs f and returns by how many bytes the heap was larger meanwhile.
func peak(f func()) uint64 {
	var (
		stats   runtime.MemStats
		highest atomic.Uint64
		wg      sync.WaitGroup
	)
	runtime.GC()
	runtime.ReadMemStats(&stats)
	before, done := stats.HeapAlloc, make(chan struct{})
	wg.Go(func() {
		var stats runtime.MemStats
		for tick := time.NewTicker(20 * time.Millisecond); ; {
			select {
			case <-done:
				tick.Stop()
				return
			case <-tick.C:
				runtime.ReadMemStats(&stats)
				highest.Store(max(highest.Load(), stats.HeapAlloc))
			}
		}
	})
	f()
	close(done)
	wg.Wait()
	runtime.ReadMemStats(&stats)
	return max(highest.Load(), stats.HeapAlloc, before) - before
}

// The client stops to read a response that is too large, before it fills the memory. The test isn't parallel,
// because it measures the heap.
func TestFloods(t *testing.T) {
	const (
		mib      = 1 << 20
		zeros    = "000000000000000000000000000000000000000000000000000000000000000\n"
		gigabyte = "Content-Length: 1073741824\r\n\r\n"
	)
	var squeezed strings.Builder
	w := gzip.NewWriter(&squeezed)
	for range 64 {
		_, _ = w.Write(make([]byte, mib))
	}
	_ = w.Close()
	block := strings.Repeat(zeros, mib/len(zeros))
	chunk := fmt.Sprintf("%x\r\n%s\r\n", len(block), block)
	tests := []struct {
		name, beginning, block string
		retried                bool
	}{
		{"1 GB", "HTTP/1.1 200 OK\r\n" + gigabyte, block, false},
		{"1 GB of a message", "HTTP/1.1 400 Bad Request\r\n" + gigabyte + `{"error_message": "`, block, false},
		{"1 GB of a redirect", "HTTP/1.1 302 Found\r\nLocation: /\r\n" + gigabyte, block, false},
		{"1 GB with 503", "HTTP/1.1 503 Service Unavailable\r\n" + gigabyte, block, false},
		{"in chunks", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", chunk, false},
		{"to the close", "HTTP/1.1 200 OK\r\n\r\n", block, false},
		{"gzip", "HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\n\r\n", squeezed.String(), false},
		{"a long chunk extension", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1;", block, true},
		{"a header", "HTTP/1.1 200 OK\r\nX-Request-Id: ", strings.ReplaceAll(block, "\n", "1"), true},
		{"headers", "HTTP/1.1 200 OK\r\n", strings.Repeat("X-Request-Id: 1\r\n", mib/17), true},
		{"1xx", "HTTP/1.1 103 Early Hints\r\n\r\n", strings.Repeat("HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n", mib/40), true},
		{"a status line", "HTTP/1.1 200 ", strings.ReplaceAll(block, "\n", "1"), true},
		{"no HTTP", "", strings.ReplaceAll(block, "\n", "\x1b"), true},
	}
	for i, test := range tests {
		several := calls
		if i > 0 { // all calls read a response in the same way
			several = calls[i%len(calls) : i%len(calls)+1]
		}
		for _, call := range several {
			t.Run(test.name+"/"+call.name, func(t *testing.T) {
				var written atomic.Int64
				// cleanhttp's transport unpacks and bounds headers as this one does.
				client := NewClient(&url.URL{Scheme: "http", Host: acctest.Listen(t, acctest.Floods(&written, test.beginning, test.block))}, project,
					&http.Transport{DisableKeepAlives: true}, WithMaxRetries(0))
				var err error
				grown := peak(func() { err = call.do(t.Context(), client) })
				e := noResponseFrom(t, err)
				if !e.Sent || test.retried == is[httpclient.LimitError](err) {
					t.Errorf("Sent %v: %v", e.Sent, err)
				}
				if n := written.Load(); n > 64*mib {
					t.Errorf("the server could write %d MiB", n/mib)
				}
				if grown > 128*mib {
					t.Errorf("the heap grew by %d MiB", grown/mib)
				}
				if text := err.Error(); len(text) > 2000 || text != sanitize.Line(text, 10_000) {
					t.Errorf("%d bytes: %.200q", len(text), text)
				}
			})
		}
	}
}

// Each limit on memory has an error that names it, and the request isn't repeated.
func TestLimits(t *testing.T) {
	t.Parallel()
	text := func(n int) string { return `"` + strings.Repeat(`\u0041`, n) + `"` }
	job := func(field, value string) string { return fmt.Sprintf(`{"job_id": 10, %q: %s}`, field, value) }
	list := func(jobs string) string { return `{"job_total_count": 1, "jobs": [` + jobs + `]}` }
	few, spaces := job("x", "1"), strings.Repeat(" ", 256<<10)
	// padded returns the response to a call with so many spaces in it.
	padded := func(call string, size int) string {
		return strings.Replace(samples[call], "{", "{"+strings.Repeat(" ", size), 1)
	}
	type test struct{ name, calls, body, want string }
	tests := []test{
		{"a large page", "list", padded("list", 7<<20), ""},
		{"a page that is too large", "list", padded("list", 8<<20), "larger than 8192 KiB"},
		{"a large job", "list", list(job("x", text(50_000))), "a job with more than 256 KiB of JSON"},
		{"a large job after others", "list", list(few + "," + few + "," + job("x", text(50_000))), "a job with more than 256 KiB of JSON"},
		{"spaces before a job", "list", list(spaces + few), "a job with more than 256 KiB of JSON"},
		{"spaces after a job", "list", list(few + spaces + spaces), "a job with more than 256 KiB of JSON"},
		{"large jobs", "list", list(job("x", text(40_000)) + "," + job("x", text(40_000))), ""},
		{"a large value beside the jobs", "list", `{"jobs": [], "job_total_count": 0, "x": ` + text(1<<20) + `}`, ""},
		{"a large number", "list", `{"job_total_count": ` + strings.Repeat("9", 1<<20) + `}`, "is not an integer"},
		{"a large flag", "list", `{"jobs": [], "is_success": ` + text(1<<20) + `}`, "is_success is not a boolean"},
		{"a large schedule", "create get", job("schedule", `{"duration": 1, "type": `+text(1000)+`}`), ""},
	}
	for _, call := range calls {
		if call.name != "list" {
			tests = append(tests, test{"a large response", call.name, padded(call.name, 250<<10), ""},
				test{"a response that is too large", call.name, padded(call.name, 256<<10), "larger than 256 KiB"})
		}
	}
	for _, field := range []string{"job_name", "job_desc", "train_url", "service_url", "resource_id"} {
		for n, want := range map[int]string{4096: "", 4097: "a job with more than 4 KiB in one text"} {
			name, calls := fmt.Sprint(field, " of ", n), "create get"
			if field == "job_name" {
				calls = "get" // a create refuses any name but that of its request
			}
			tests = append(tests, test{name, calls, job(field, text(n)), want}, test{name, "list", list(few + "," + job(field, text(n))), want})
		}
	}
	for _, test := range tests {
		for _, call := range calls {
			if !slices.Contains(strings.Fields(test.calls), call.name) {
				continue
			}
			retries := 0
			if strings.Contains(test.want, "than") { // a limit
				retries = 2
			}
			network := always(http.StatusOK, test.body)
			err := call.do(t.Context(), clientOn(network, WithMaxRetries(retries)))
			switch {
			case len(network.requests) != 1:
				t.Errorf("%s, %s: %d requests", test.name, call.name, len(network.requests))
			case test.want == "" && err != nil:
				t.Errorf("%s, %s: %v", test.name, call.name, err)
			case test.want != "" && !strings.Contains(noResponseFrom(t, err).Error(), test.want):
				t.Errorf("%s, %s: %v", test.name, call.name, err)
			}
		}
	}
}

// The text of all pages together has a limit. The request isn't repeated.
func TestListText(t *testing.T) {
	t.Parallel()
	const perPage = 100
	for size, pages := range map[int]int{maxText: maxListText/maxText/perPage + 1, maxText + 1: 1} {
		network := on(func(req *http.Request, page int) (*http.Response, error) {
			jobs := make([]string, perPage)
			for i := range jobs {
				jobs[i] = fmt.Sprintf(`{"job_id": %d, "job_desc": "%s"}`, page*perPage+i, strings.Repeat("x", size))
			}
			return reply(req, http.StatusOK, `{"job_total_count": 5000, "jobs": [`+strings.Join(jobs, ",")+`]}`), nil
		})
		_, err := listAll(t.Context(), clientOn(network), ListOptions{})
		want := "more than 8192 KiB of text in the jobs of a list"
		if size > maxText {
			want = "a job with more than 4 KiB in one text"
		}
		if !strings.Contains(noResponseFrom(t, err).Error(), want) || len(network.requests) != pages {
			t.Errorf("%d pages: %v", len(network.requests), err)
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
			return reply(req, http.StatusOK, samples["list"]), nil
		}))
		for i := range 10 {
			go func() {
				ctx, cancel := context.WithTimeout(t.Context(), 3500*time.Millisecond)
				defer cancel()
				_, err := listAll(ctx, client, ListOptions{SearchContent: fmt.Sprint(i)})
				if err != nil {
					ended.Add(1)
					if !errors.Is(err, context.DeadlineExceeded) || noResponseFrom(t, err).Operation != listOperation {
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

// A decoded response must not take a multiple of the memory of its JSON.
func TestManyRows(t *testing.T) {
	for _, row := range []string{`{},`, `null,`} {
		body := `{"job_total_count": 1, "jobs": [` + strings.Repeat(row, (6<<20)/len(row)) + `{}]}`
		var err error
		grown := peak(func() {
			_, err = listAll(t.Context(), clientOn(always(http.StatusOK, body)), ListOptions{})
		})
		if noResponseFrom(t, err); grown > 128<<20 {
			t.Errorf("%s the heap grew by %d MiB: %v", row, grown>>20, err)
		}
	}
}
