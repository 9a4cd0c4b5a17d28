package lifecycle_test

import (
	"context"
	"iter"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/opentelekomcloud-community/terraform-provider-modelarts/internal/lifecycle"
	"github.com/opentelekomcloud-community/terraform-provider-modelarts/internal/modelarts"
)

// thousand is an API with the jobs 1 to 1000, whose requests cost nothing.
type thousand struct {
	lifecycle.API

	jobs []modelarts.VisualizationJob
}

func newThousand() *thousand {
	a := &thousand{jobs: make([]modelarts.VisualizationJob, 1000)}
	for i := range a.jobs {
		a.jobs[i] = modelarts.VisualizationJob{ID: int64(i + 1), Name: "board", TrainURL: "/bucket/logs/", Status: 8}
	}
	return a
}

// GetVisualizationJob implements lifecycle.API.
func (a *thousand) GetVisualizationJob(_ context.Context, id int64) (*modelarts.VisualizationJob, error) {
	job := a.jobs[id-1]
	return &job, nil
}

// VisualizationJobPages implements lifecycle.API.
func (a *thousand) VisualizationJobPages(context.Context, modelarts.ListOptions) iter.Seq2[*modelarts.JobPage, error] {
	return func(yield func(*modelarts.JobPage, error) bool) {
		yield(&modelarts.JobPage{Jobs: a.jobs, TotalCount: len(a.jobs), Complete: true}, nil)
	}
}

// BenchmarkReader is a read from a shared list: the cost of sharing without requests.
func BenchmarkReader(b *testing.B) {
	c := lifecycle.New(b.Context(), newThousand())
	id := int64(0)
	b.ReportAllocs()
	for b.Loop() {
		id = id%1000 + 1
		if job, err := c.Get(b.Context(), id); err != nil || job.ID != id {
			b.Fatal(job, err)
		}
	}
}

// BenchmarkRefresh is a refresh of a thousand jobs, ten at a time, with its lists.
func BenchmarkRefresh(b *testing.B) {
	api := newThousand()
	b.ReportAllocs()
	for b.Loop() {
		c := lifecycle.New(b.Context(), api)
		var all sync.WaitGroup
		var last atomic.Int64
		for range 10 {
			all.Go(func() {
				for id := last.Add(1); id <= 1000; id = last.Add(1) {
					if _, err := c.Get(b.Context(), id); err != nil {
						b.Error(err)
					}
				}
			})
		}
		all.Wait()
	}
}
