package lifecycle_test

import (
	"strings"
	"time"

	"github.com/opentelekomcloud-community/terraform-provider-modelarts/internal/modelarts"
)

// times returns when the requests of op were sent.
func (f *fake) times(op string) []time.Time {
	f.mu.Lock()
	defer f.mu.Unlock()
	var times []time.Time
	for _, r := range f.log {
		if r.name == op {
			times = append(times, r.at)
		}
	}
	return times
}

func (f *fake) count(op string) int { return len(f.times(op)) }

// changing returns the requests that change something, in order: "stop restart".
func (f *fake) changing() string {
	f.mu.Lock()
	defer f.mu.Unlock()
	requests := ""
	for _, r := range f.log {
		if r.name != "get" && r.name != "list" {
			requests += " " + r.name
		}
	}
	return strings.TrimSpace(requests)
}

// status is the real status of a job, or -1 if it is gone.
func (f *fake) status(id int64) modelarts.Status {
	f.mu.Lock()
	defer f.mu.Unlock()
	j := f.jobs[id]
	if j == nil || j.now().gone {
		return -1
	}
	return j.now().status
}

// there returns how many jobs really exist.
func (f *fake) there() (n int) {
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, j := range f.jobs {
		if !j.now().gone {
			n++
		}
	}
	return n
}

// become gives a job a status after a delay.
func (f *fake) become(after time.Duration, id int64, status modelarts.Status) {
	time.AfterFunc(after, func() {
		f.mu.Lock()
		defer f.mu.Unlock()
		f.set(f.jobs[id], status)
	})
}

// vanish removes jobs as if another party had deleted them.
func (f *fake) vanish(ids ...int64) {
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, id := range ids {
		delete(f.jobs, id)
	}
}
