package lifecycle_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/opentelekomcloud-community/terraform-provider-modelarts/internal/modelarts"
)

// times returns when the requests of some operations were sent.
func (f *fake) times(ops ...string) []time.Time {
	f.mu.Lock()
	defer f.mu.Unlock()
	var times []time.Time
	for _, r := range f.log {
		if slices.Contains(ops, r.name) {
			times = append(times, r.at)
		}
	}
	return times
}

func (f *fake) count(op string) int { return len(f.times(op)) }

// wantRequests checks the number of GETs and lists since the last check.
func (f *fake) wantRequests(t *testing.T, when string, gets, lists int) {
	t.Helper()
	if f.count("get") != gets || f.count("list") != lists {
		t.Errorf("%s: %d gets and %d lists, want %d and %d", when, f.count("get"), f.count("list"), gets, lists)
	}
	f.forget()
}

// forget clears the log.
func (f *fake) forget() {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.log = nil
}

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

// status is the number of the real status of a job, or "gone".
func (f *fake) status(id int64) string {
	f.mu.Lock()
	defer f.mu.Unlock()
	if current := f.jobs[id].now(); !current.gone {
		return fmt.Sprint(int(current.status))
	}
	return "gone"
}

// settled returns when a job reached its last status.
func (f *fake) settled(id int64) time.Time {
	f.mu.Lock()
	defer f.mu.Unlock()
	changes := f.jobs[id].changes
	return changes[len(changes)-1].at
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

// addMany adds n running jobs.
func (f *fake) addMany(n int) []int64 {
	ids := make([]int64, n)
	for i := range ids {
		ids[i] = f.add(8)
	}
	return ids
}

// outside makes the change that another party requests, if it is possible.
func (f *fake) outside(op string, id int64) {
	f.mu.Lock()
	defer f.mu.Unlock()
	_ = f.apply(op, id)
}

// become gives a job a status after a delay.
func (f *fake) become(after time.Duration, id int64, status modelarts.Status) {
	time.AfterFunc(after, func() {
		f.mu.Lock()
		defer f.mu.Unlock()
		f.jobs[id].set(status, f.moves, f.ends)
	})
}

// vanish removes a job as if another party had deleted it.
func (f *fake) vanish(id int64) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.jobs[id].changes = []change{{at: time.Now(), gone: true}}
}
