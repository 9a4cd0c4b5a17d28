package modelarts

import (
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"runtime"
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
					&http.Transport{DisableKeepAlives: true}, Options{})
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
	// padded returns the response to a call with so many bytes more.
	padded := func(call string, size int) string {
		return strings.Replace(samples[call], "{", `{"x": "`+strings.Repeat("x", size)+`", `, 1)
	}
	for _, call := range calls {
		fits, tooLarge, want := 250<<10, 256<<10, "larger than 256 KiB"
		if call.name == "list" {
			fits, tooLarge, want = 8<<20-1<<10, 8<<20, "larger than 8192 KiB"
		}
		if err := call.do(t.Context(), clientOn(always(http.StatusOK, padded(call.name, fits)), withRetries(0))); err != nil {
			t.Errorf("%s: %v", call.name, err)
		}
		network := always(http.StatusOK, padded(call.name, tooLarge))
		err := call.do(t.Context(), clientOn(network))
		if !is[httpclient.LimitError](err) || len(network.requests) != 1 || !strings.Contains(noResponseFrom(t, err).Error(), want) {
			t.Errorf("%s: %d requests: %v", call.name, len(network.requests), err)
		}
	}
}

// All pages of a list together have a limit.
func TestListSize(t *testing.T) {
	t.Parallel()
	network := on(func(req *http.Request, page int) (*http.Response, error) {
		job := fmt.Sprintf(`{"job_id": %d, "job_desc": "%s"}`, page, strings.Repeat("x", 1<<20))
		return reply(req, http.StatusOK, `{"job_total_count": 5000, "jobs": [`+job+`]}`), nil
	})
	_, err := listAll(t.Context(), clientOn(network), ListOptions{})
	if !strings.Contains(noResponseFrom(t, err).Error(), "the list is larger than 5000 jobs or 8192 KiB") || len(network.requests) != 8 {
		t.Errorf("%d pages: %v", len(network.requests), err)
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
