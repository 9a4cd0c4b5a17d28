package httpclient

import (
	"context"
	"net/http"
	"path"
	"sync"
	"testing"
	"time"

	"github.com/opentelekomcloud-community/terraform-provider-modelarts/internal/acctest"
)

// gate is a network that records when attempts begin.
type gate struct {
	fates map[string][]fate // of the attempts for each job, in their order; later ones succeed at once
	start time.Time
	mu    sync.Mutex
	begun []begun
}

// begun is an attempt: for which job, and when.
type begun struct {
	id string
	at time.Duration
}

func newGate(fates map[string][]fate) *gate { return &gate{fates: fates, start: time.Now()} }

func (g *gate) RoundTrip(req *http.Request) (*http.Response, error) {
	id := path.Base(req.URL.Path)
	g.mu.Lock()
	next := status(http.StatusOK)
	if row := g.fates[id]; len(row) > 0 {
		next, g.fates[id] = row[0], row[1:]
	}
	g.begun = append(g.begun, begun{id, time.Since(g.start)})
	g.mu.Unlock()
	return next(req, 0)
}

// after ends like a response when a time has passed; 0 is a broken connection.
func after(wait time.Duration, status int, header ...string) fate {
	return func(req *http.Request, _ int) (*http.Response, error) {
		acctest.Connect(req)
		select {
		case <-req.Context().Done():
			return nil, req.Context().Err()
		case <-time.After(wait):
		}
		if status == 0 {
			return nil, errReset
		}
		return acctest.Reply(req, status, "", header...), nil
	}
}

// rejected is a 429 after a time, with Retry-After.
func rejected(wait time.Duration, seconds string) fate {
	return after(wait, http.StatusTooManyRequests, "Retry-After", seconds)
}

// request is a planned request for a job.
type request struct {
	id       string
	at       time.Duration
	deadline time.Duration // of its context; 0 for none
	until    time.Duration // when it ends without a response; 0 for a response
	wait     time.Duration // in its *ThrottledError; 0 if it is canceled
}

// run sends requests, and returns their errors.
func run(t *testing.T, c *http.Client, requests ...request) []error {
	t.Helper()
	start := time.Now()
	errs := make([]error, len(requests))
	var wg sync.WaitGroup
	for i, request := range requests {
		wg.Go(func() {
			<-time.After(request.at)
			ctx, cancel := context.WithCancel(t.Context())
			if request.deadline > 0 {
				ctx, cancel = context.WithDeadline(t.Context(), start.Add(request.deadline))
			}
			defer cancel()
			if request.until > 0 && request.wait == 0 {
				defer time.AfterFunc(request.until-request.at, cancel).Stop()
			}
			errs[i] = put(ctx, c, request.id)
			if late := time.Since(start) - request.until; request.until > 0 && (late < 0 || late > minRetryWait) {
				t.Errorf("%s ended %v after %v: %v", request.id, late, request.until, errs[i])
			}
		})
	}
	wg.Wait()
	return errs
}
