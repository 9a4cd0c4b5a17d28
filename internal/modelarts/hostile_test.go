package modelarts

import (
	"compress/gzip"
	"fmt"
	"net/http"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/opentelekomcloud-community/terraform-provider-modelarts/internal/acctest"
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

// An answer has no end, or one that is a gigabyte away. It is refused before it
// was sent, and before it fills the memory. Not parallel: it looks at the heap.
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
		if i > 0 { // what one call reads, all of them read in the same way
			several = calls[i%len(calls) : i%len(calls)+1]
		}

		for _, call := range several {
			t.Run(test.name+"/"+call.name, func(t *testing.T) {
				var written atomic.Int64

				// cleanhttp's transport unpacks and bounds headers as this one does.
				client := NewClient(listen(t, "http", acctest.Floods(&written, test.beginning, test.block)), project,
					&http.Transport{DisableKeepAlives: true}, WithMaxRetries(0))

				var err error

				grown := peak(func() { err = call.do(t.Context(), client) })

				e := noAnswerFrom(t, err)
				if !e.Sent || test.retried == final(err) {
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

// What fits into an answer must not take a multiple of the memory when decoded.
func TestManyRows(t *testing.T) {
	for _, row := range []string{`{},`, `null,`} {
		body := `{"job_total_count": 1, "jobs": [` + strings.Repeat(row, (6<<20)/len(row)) + `{}]}`

		var err error

		grown := peak(func() {
			_, err = clientOn(always(http.StatusOK, body)).ListVisualizationJobs(t.Context(), ListOptions{})
		})
		if noAnswerFrom(t, err); grown > 128<<20 {
			t.Errorf("%s the heap grew by %d MiB: %v", row, grown>>20, err)
		}
	}
}

// A service that ignores how much it is asked for is trusted within reason.
func TestRowsOnAPage(t *testing.T) {
	t.Parallel()

	for n, ok := range map[int]bool{1001: true, 10_000: true, 10_001: false} {
		page, err := clientOn(&book{n: n, rows: func(int, int) []int {
			rows := make([]int, n)
			for i := range rows {
				rows[i] = i + 1
			}

			return rows
		}}).ListVisualizationJobs(t.Context(), ListOptions{})
		if (err == nil) != ok || ok && len(page.Jobs) != n {
			t.Errorf("%d rows: %v", n, err)
		}
	}
}

// Every call that the API promises more jobs for may be made, and no more than that.
func TestListWithoutEnd(t *testing.T) {
	t.Parallel()

	const perPage = 1000

	asked := 0
	_, err := clientOn(&book{n: 1e9, rows: func(page, _ int) []int {
		asked++

		rows := make([]int, perPage)
		for i := range rows {
			rows[i] = page*perPage + i
		}

		return rows
	}}).ListVisualizationJobs(t.Context(), ListOptions{})

	if noAnswerFrom(t, err); asked != maxListed/perPage+1 {
		t.Errorf("asked %d times: %v", asked, err)
	}
}
