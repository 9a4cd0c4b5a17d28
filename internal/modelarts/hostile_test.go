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
	"github.com/opentelekomcloud-community/terraform-provider-modelarts/internal/sanitize"
)

// The client stops to read a response that is too large, before it fills the memory.
func TestFloods(t *testing.T) {
	t.Parallel()
	const (
		kib      = 1 << 10
		gigabyte = "Content-Length: 1073741824\r\n\r\n"
	)
	var squeezed strings.Builder
	w := gzip.NewWriter(&squeezed)
	_, _ = w.Write(make([]byte, 4<<20))
	_ = w.Close()
	block := strings.Repeat("0", 64*kib)
	for name, test := range map[string]struct {
		call, beginning, block string
		retried                bool
	}{
		"1 GB":                   {"list", "HTTP/1.1 200 OK\r\n" + gigabyte, block, false},
		"1 GB of a message":      {"stop", "HTTP/1.1 400 Bad Request\r\n" + gigabyte + `{"error_message": "`, block, false},
		"1 GB with 503":          {"get", "HTTP/1.1 503 Service Unavailable\r\n" + gigabyte, block, false},
		"in chunks":              {"create", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", fmt.Sprintf("%x\r\n%s\r\n", len(block), block), false},
		"to the close":           {"restart", "HTTP/1.1 200 OK\r\n\r\n", block, false},
		"gzip":                   {"list", "HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\n\r\n", squeezed.String(), false},
		"a long chunk extension": {"delete", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1;", block, true},
		"a header":               {"list", "HTTP/1.1 200 OK\r\nX-Request-Id: ", block, true},
		"1xx":                    {"update", "HTTP/1.1 103 Early Hints\r\n\r\n", strings.Repeat("HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n", kib), true},
		"no HTTP":                {"restart", "", strings.Repeat("\x1b", 64*kib), true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var written atomic.Int64
			// This transport unpacks and bounds headers like that of the provider.
			client := NewClient(&url.URL{Scheme: "http", Host: acctest.Listen(t, acctest.Floods(&written, test.beginning, test.block))}, project,
				&http.Transport{DisableKeepAlives: true, MaxResponseHeaderBytes: 256 * kib}, Options{})
			err := callNamed(test.call).do(t.Context(), client)
			e := errorOf[*NoResponseError](t, err)
			if n := written.Load(); !e.Sent || test.retried == is[httpclient.LimitError](err) || n > 32<<20 {
				t.Errorf("Sent %v, the server could write %d MiB: %v", e.Sent, n>>20, err)
			}
			if text := err.Error(); len(text) > 2000 || text != sanitize.Line(text, 10_000) {
				t.Errorf("%d bytes: %.200q", len(text), text)
			}
		})
	}
}

// Each limit on the size of a response has an error that names it, and the request isn't repeated.
func TestLimits(t *testing.T) {
	t.Parallel()
	for _, call := range calls {
		limit, want := 256<<10, "larger than 256 KiB"
		if call.name == "list" { // see TestListSize for a page that fits
			limit, want = 8<<20, "larger than 8192 KiB"
		}
		padding := limit - len(samples[call.name]) - len(`"x": "",`)
		for more, isTooLarge := range map[int]bool{0: false, 1: true} {
			if call.name == "list" && !isTooLarge {
				continue
			}
			network := always(http.StatusOK, strings.Replace(samples[call.name], "{", `{"x": "`+strings.Repeat("x", padding+more)+`",`, 1))
			err := call.do(t.Context(), clientOn(network))
			if (err != nil) != isTooLarge || is[httpclient.LimitError](err) != isTooLarge || len(network.Requests) != 1 ||
				isTooLarge && !strings.Contains(err.Error(), want) {
				t.Errorf("%s: %d requests: %v", call.name, len(network.Requests), err)
			}
		}
	}
}

// All pages of a list together have a limit of 8 MiB and 5000 jobs. A page can have any number of jobs.
func TestListSize(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		perPage, size, pages int
		isTooLarge           bool
	}{
		{1, 8<<20 - 100, 2, true}, {maxListed, 1, 1, false}, {maxListed + 1, 1, 1, true}, {1000, 1, maxListed/1000 + 1, true},
	} {
		total := 100_000
		if !test.isTooLarge {
			total = test.perPage
		}
		network := on(func(req *http.Request, page int) (*http.Response, error) {
			jobs := make([]string, test.perPage)
			for i := range jobs {
				jobs[i] = fmt.Sprintf(`{"job_id": %d}`, page*test.perPage+i)
			}
			text := strings.Repeat("x", test.size/page/page)
			return acctest.Reply(req, http.StatusOK, fmt.Sprintf(`{"job_total_count": %d, "jobs": [%s], "x": "%s"}`, total, strings.Join(jobs, ","), text)), nil
		})
		list, err := listAll(t.Context(), clientOn(network), ListOptions{})
		if len(network.Requests) != test.pages || is[httpclient.LimitError](err) != test.isTooLarge || !test.isTooLarge && len(list.Jobs) != test.perPage {
			t.Errorf("%+v: %d pages: %v", test, len(network.Requests), err)
		}
	}
}

// A client reads few lists at a time. The others wait, as long as their context does.
func TestListsAtATime(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var reading, atATime, ended atomic.Int64
		client := clientOn(on(func(req *http.Request, attempt int) (*http.Response, error) {
			atATime.Store(max(atATime.Load(), reading.Add(1)))
			<-time.After(time.Second)
			reading.Add(-1)
			return sample(req, attempt)
		}))
		for i := range 10 {
			go func() {
				ctx, cancel := context.WithTimeout(t.Context(), 3500*time.Millisecond)
				defer cancel()
				_, err := listAll(ctx, client, ListOptions{SearchContent: fmt.Sprint(i)})
				if err != nil {
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
