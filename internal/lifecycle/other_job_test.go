package lifecycle_test

import (
	"context"
	"testing"
	"time"

	"github.com/opentelekomcloud-community/terraform-provider-modelarts/internal/lifecycle"
	"github.com/opentelekomcloud-community/terraform-provider-modelarts/internal/modelarts"
)

// wrongID is an API whose responses to creates have the ID of another job.
type wrongID struct {
	*fake
	id int64
}

func (w wrongID) CreateVisualizationJob(ctx context.Context, o modelarts.CreateOptions) (*modelarts.VisualizationJob, error) {
	created, err := w.fake.CreateVisualizationJob(ctx, o)
	if err == nil {
		created.ID = w.id
	}
	return created, err
}

// A job with another name or path is never changed.
func TestOtherJob(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		job   modelarts.VisualizationJob
		other bool
	}{
		"other name":          {modelarts.VisualizationJob{Name: "theirs", TrainURL: "/bucket/logs/"}, true},
		"other case":          {modelarts.VisualizationJob{Name: "Board", TrainURL: "/bucket/logs/"}, true},
		"other path":          {modelarts.VisualizationJob{Name: "board", TrainURL: "/bucket/logs/2/"}, true},
		"other name, no path": {modelarts.VisualizationJob{Name: "theirs"}, true},
		"other path, no name": {modelarts.VisualizationJob{TrainURL: "/bucket/other/"}, true},
		"the same":            {modelarts.VisualizationJob{Name: "board", TrainURL: "/bucket/logs/"}, false},
		"no slash at the end": {modelarts.VisualizationJob{Name: "board", TrainURL: "/bucket/logs"}, false},
		"path as a URL":       {modelarts.VisualizationJob{Name: "board", TrainURL: "obs://bucket/logs/"}, false},
		"path in a new form":  {modelarts.VisualizationJob{Name: "board", TrainURL: "bucket/other"}, false},
		"no path":             {modelarts.VisualizationJob{Name: "board"}, false},
		"neither":             {modelarts.VisualizationJob{}, false},
	} {
		for kind, newController := range controllers {
			t.Run(name+", "+kind, func(t *testing.T) {
				t.Parallel()
				for _, fresh := range []bool{true, false} {
					o := lifecycle.SettleOptions{Fresh: fresh, Name: options.Name, TrainURL: options.TrainURL}
					for goal, do := range map[string]func(*lifecycle.Controller, context.Context, int64) error{
						"running": func(c *lifecycle.Controller, ctx context.Context, id int64) error {
							_, err := c.EnsureRunning(ctx, id, o)
							return err
						},
						"stopped": func(c *lifecycle.Controller, ctx context.Context, id int64) error {
							_, err := c.EnsureStopped(ctx, id, o)
							return err
						},
						"started": func(c *lifecycle.Controller, ctx context.Context, id int64) error {
							_, err := c.WaitStarted(ctx, id, o)
							return err
						},
						"deleted": func(c *lifecycle.Controller, ctx context.Context, id int64) error { return c.EnsureDeleted(ctx, id, o) },
					} {
						bubble(t, func(t *testing.T, f *fake, _ *lifecycle.Controller) {
							for _, status := range []modelarts.Status{8, 12} {
								id := f.addJob(test.job, status)
								err := do(newController(t.Context(), f), limited(t), id)
								if is[*lifecycle.OtherJobError](err) != test.other || !test.other && err != nil {
									t.Errorf("%s: got %v, want another job: %t", goal, err, test.other)
								}
							}
							if changes := f.changing(); test.other && changes != "" {
								t.Errorf("%s: calls%s, want none", goal, changes)
							}
						})
					}
				}
			})
		}
	}
}

// The ID in the response to a create isn't trusted before a poll has returned the job.
func TestCreateReturnsTheIDOfAnotherJob(t *testing.T) {
	t.Parallel()
	for _, hidden := range []time.Duration{0, 5 * time.Second} {
		bubble(t, func(t *testing.T, f *fake, _ *lifecycle.Controller) {
			f.hidden = hidden
			theirs := f.addJob(modelarts.VisualizationJob{Name: "theirs", TrainURL: "/bucket/theirs/"}, 8)
			c := lifecycle.New(t.Context(), wrongID{f, theirs})
			created, err := c.Create(limited(t), options, false)
			if err != nil {
				t.Fatal(err)
			}
			o := lifecycle.SettleOptions{Fresh: true, Name: options.Name, TrainURL: options.TrainURL}
			if _, err := c.EnsureStopped(limited(t), created.Job.ID, o); !is[*lifecycle.OtherJobError](err) {
				t.Errorf("got %v, want an OtherJobError", err)
			}
			if changes := f.changing(); changes != "create" {
				t.Errorf("calls %q, want the create alone", changes)
			}
			// The other job can be adopted by its own name and path: this run doesn't own it.
			theirOptions := modelarts.CreateOptions{Name: "theirs", TrainURL: "/bucket/theirs/"}
			if adopted, err := c.Create(limited(t), theirOptions, true); err != nil || !adopted.Adopted || adopted.Job.ID != theirs {
				t.Errorf("got %+v and %v, want %d adopted", adopted, err, theirs)
			}
		})
	}
}

// A job that this run created keeps its owner when another create returns its ID.
func TestCreateReturnsTheIDOfAJobOfThisRun(t *testing.T) {
	t.Parallel()
	bubble(t, func(t *testing.T, f *fake, _ *lifecycle.Controller) {
		api := wrongID{f, 197}
		c := lifecycle.New(t.Context(), api)
		if _, err := c.Create(limited(t), options, false); err != nil { // gets the ID 197
			t.Fatal(err)
		}
		second := modelarts.CreateOptions{Name: "second", TrainURL: "/bucket/second/"}
		created, err := c.Create(limited(t), second, false)
		if err != nil {
			t.Fatal(err)
		}
		o := lifecycle.SettleOptions{Fresh: true, Name: second.Name, TrainURL: second.TrainURL}
		if _, err := c.WaitStarted(limited(t), created.Job.ID, o); !is[*lifecycle.OtherJobError](err) {
			t.Errorf("got %v, want an OtherJobError", err)
		}
		if _, err := c.Create(limited(t), options, true); !is[*lifecycle.ExistsError](err) {
			t.Errorf("got %v, want an ExistsError: the first resource has the job", err)
		}
	})
}

// stale shows another job for an ID than its list does.
type stale struct{ *fake }

func (f stale) GetVisualizationJob(ctx context.Context, id int64) (*modelarts.VisualizationJob, error) {
	job, err := f.fake.GetVisualizationJob(ctx, id)
	if err == nil {
		job.Name = "theirs"
	}
	return job, err
}

// A job is adopted only if its GET has the name and the path that the list has.
func TestAdoptionOfAnotherJob(t *testing.T) {
	t.Parallel()
	bubble(t, func(t *testing.T, f *fake, _ *lifecycle.Controller) {
		f.addJob(modelarts.VisualizationJob{Name: options.Name, TrainURL: options.TrainURL}, 8)
		created, err := lifecycle.New(t.Context(), stale{f}).Create(limited(t), options, true)
		if !is[*lifecycle.OtherJobError](err) || f.changing() != "" {
			t.Errorf("got %+v and %v after %q, want an OtherJobError and no change", created, err, f.changing())
		}
	})
}
