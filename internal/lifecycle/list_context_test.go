package lifecycle_test

import (
	"context"
	"errors"
	"iter"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/opentelekomcloud-community/terraform-provider-modelarts/internal/lifecycle"
	"github.com/opentelekomcloud-community/terraform-provider-modelarts/internal/modelarts"
)

// owner is the key of a context's owner.
type owner struct{}

func owned(ctx context.Context, name string) context.Context {
	return context.WithValue(ctx, owner{}, name)
}

// observed is an API that reports the context of each page of a list.
type observed struct {
	*fake
	page func(context.Context)
}

func (o observed) VisualizationJobPages(ctx context.Context, options modelarts.ListOptions) iter.Seq2[*modelarts.JobPage, error] {
	return func(yield func(*modelarts.JobPage, error) bool) {
		for page, err := range o.fake.VisualizationJobPages(ctx, options) {
			o.page(ctx)
			if !yield(page, err) {
				return
			}
		}
	}
}

// A shared list uses the values of the context of New, even after that context and the caller that
// requested the list are gone.
func TestListKeepsItsContext(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		f := newFake()
		f.perPage, f.slow = 10, map[string]time.Duration{"list": time.Second}
		f.addMany(30)
		pages := 0
		base, end := context.WithCancel(owned(t.Context(), "provider"))
		c := lifecycle.New(base, observed{f, func(ctx context.Context) {
			pages++
			if ctx.Err() != nil || ctx.Value(owner{}) != "provider" {
				t.Errorf("page %d: the context is of %v and its error is %v", pages, ctx.Value(owner{}), ctx.Err())
			}
		}})
		end()
		first, cancel := context.WithTimeout(owned(t.Context(), "first"), 1500*time.Millisecond)
		defer cancel()
		var all sync.WaitGroup
		all.Go(func() {
			if _, err := c.Create(first, options, false); !errors.Is(err, context.DeadlineExceeded) {
				t.Errorf("the first caller got %v", err)
			}
		})
		synctest.Wait()
		other := options
		other.Name = "other"
		if _, err := c.Create(owned(limited(t), "second"), other, false); err != nil {
			t.Error(err)
		}
		all.Wait()
		if lists := f.count("list"); lists != 3 || pages != 3 {
			t.Errorf("%d requests for %d pages, want one list of 3", lists, pages)
		}
	})
}
