package lifecycle_test

import (
	"sync"
	"sync/atomic"
	"testing"

	"github.com/opentelekomcloud-community/terraform-provider-modelarts/internal/lifecycle"
)

// BenchmarkReader is a read from a shared list of a thousand jobs: the cost of sharing without requests.
func BenchmarkReader(b *testing.B) {
	f := newFake()
	ids := f.addMany(1000)
	c := lifecycle.New(b.Context(), f)
	next := 0
	b.ReportAllocs()
	for b.Loop() {
		next = (next + 1) % len(ids)
		if job, err := c.Get(b.Context(), ids[next]); err != nil || job.ID != ids[next] {
			b.Fatal(job, err)
		}
	}
}

// BenchmarkRefresh is a refresh of a thousand jobs, ten at a time, with its lists.
func BenchmarkRefresh(b *testing.B) {
	f := newFake()
	ids := f.addMany(1000)
	b.ReportAllocs()
	for b.Loop() {
		c := lifecycle.New(b.Context(), f)
		var all sync.WaitGroup
		var read atomic.Int64
		for range 10 {
			all.Go(func() {
				for i := read.Add(1); i <= 1000; i = read.Add(1) {
					if _, err := c.Get(b.Context(), ids[i-1]); err != nil {
						b.Error(err)
					}
				}
			})
		}
		all.Wait()
	}
}
