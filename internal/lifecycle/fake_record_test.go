package lifecycle_test

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"github.com/opentelekomcloud-community/terraform-provider-modelarts/internal/modelarts"
)

// times returns when the calls of op were made.
func (f *fake) times(op string) []time.Time {
	f.mu.Lock()
	defer f.mu.Unlock()
	var times []time.Time
	for _, c := range f.log {
		if c.op == op {
			times = append(times, c.at)
		}
	}
	return times
}

func (f *fake) count(op string) int { return len(f.times(op)) }

// changing returns the calls that change something, in order: "stop restart".
func (f *fake) changing() string {
	f.mu.Lock()
	defer f.mu.Unlock()
	var ops []string
	for _, c := range f.log {
		if c.op != "get" && c.op != "list" {
			ops = append(ops, c.op)
		}
	}
	return strings.Join(ops, " ")
}

// status is what the job really has; -1 when it is gone.
func (f *fake) status(id int64) modelarts.Status {
	f.mu.Lock()
	defer f.mu.Unlock()
	j := f.jobs[id]
	if j == nil || j.now().gone {
		return -1
	}
	return j.now().status
}

// there returns the ids of all jobs that are really there.
func (f *fake) there() []int64 {
	f.mu.Lock()
	defer f.mu.Unlock()
	var ids []int64
	for id, j := range f.jobs {
		if !j.now().gone {
			ids = append(ids, id)
		}
	}
	slices.SortFunc(ids, cmp.Compare[int64])
	return ids
}
