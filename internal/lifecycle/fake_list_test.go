package lifecycle_test

import (
	"context"
	"iter"
	"maps"
	"slices"
	"time"

	"github.com/opentelekomcloud-community/terraform-provider-modelarts/internal/modelarts"
)

// VisualizationJobPages sends a request for each page, and keeps the client's promises: it yields
// each job once, and the last page is complete only if all jobs that existed meanwhile were
// yielded.
func (f *fake) VisualizationJobPages(ctx context.Context, _ modelarts.ListOptions) iter.Seq2[*modelarts.JobPage, error] {
	return func(yield func(*modelarts.JobPage, error) bool) {
		known, total, counted := map[int64]bool{}, 0, 0
		for number := 0; ; number++ {
			page, count, err := f.page(ctx, number)
			if f.onPage != nil {
				f.onPage(ctx)
			}
			if err != nil {
				yield(nil, err)
				return
			}
			received := len(page.Jobs)
			page.Jobs = slices.DeleteFunc(page.Jobs, func(job modelarts.VisualizationJob) bool {
				defer func() { known[job.ID] = true }()
				return known[job.ID]
			})
			total += max(count-counted, 0)
			counted, page.TotalCount = count, total
			isLast := received == 0 || len(known) == total || f.perPage == 0
			page.Complete = isLast && len(known) >= total
			if !yield(page, nil) || isLast {
				return
			}
		}
	}
}

// page is one request: the rows at its time, and the total.
func (f *fake) page(ctx context.Context, number int) (*modelarts.JobPage, int, error) {
	var page modelarts.JobPage
	var count int
	err := f.handle(ctx, "list", func() error {
		rows := slices.Clone(f.ghosts)
		for _, id := range slices.Sorted(maps.Keys(f.jobs)) {
			isGhost := slices.ContainsFunc(f.ghosts, func(ghost modelarts.VisualizationJob) bool { return ghost.ID == id })
			if job, there := f.jobs[id].shown(); there && !f.jobs[id].elsewhere && !isGhost {
				rows = append(rows, job)
			}
		}
		if count = len(rows); f.short {
			count++
		}
		if f.perPage > 0 {
			first := min(number*f.perPage, len(rows))
			rows = rows[first:min(first+f.perPage, len(rows))]
		}
		page.Jobs = rows
		page.ServerTime = f.serverNow().Truncate(time.Second) // a Date header has whole seconds
		return nil
	})
	if err != nil {
		return nil, 0, err
	}
	return &page, count, nil
}
