package lifecycle_test

import (
	"errors"
	"slices"
	"testing"
	"time"

	"github.com/opentelekomcloud-community/terraform-provider-modelarts/internal/lifecycle"
	"github.com/opentelekomcloud-community/terraform-provider-modelarts/internal/modelarts"
)

// A second create with the same name and path returns the job of the first one, as it is then: whether the
// API returns the job yet or not, and whether the list is older than the job or not.
func TestCreateTwice(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		after, hidden time.Duration
		status        modelarts.Status
	}{
		"at once":                 {status: 1},
		"not shown yet":           {hidden: 5 * time.Second, status: 1},
		"when it runs":            {after: 30 * time.Second, status: 8},
		"when another list comes": {after: 61 * time.Second, status: 8},
	} {
		inBubble(t, name, func(t *testing.T, f *fake, c *lifecycle.Controller) {
			f.hidden = test.hidden
			first, err := c.Create(limited(t), options, false)
			if err != nil {
				t.Fatal(err)
			}
			<-time.After(test.after)
			_, err = c.Create(limited(t), options, true)
			var exists *lifecycle.ExistsError
			if !errors.As(err, &exists) || !slices.Equal(ids(exists.Jobs), []int64{first.Job.ID}) || !exists.Owned {
				t.Fatalf("got %v, want job %d of this run to be in the way", err, first.Job.ID)
			}
			if job := exists.Jobs[0]; job.Status != test.status || job.TrainURL == "" {
				t.Errorf("shown as %+v, want the status %s", job, test.status)
			}
		})
	}
}

// If several jobs exist, Owned is false even if this run created one of them.
func TestOwnJobBesideAnother(t *testing.T) {
	t.Parallel()
	bubble(t, func(t *testing.T, f *fake, c *lifecycle.Controller) {
		if _, err := c.Create(limited(t), options, false); err != nil {
			t.Fatal(err)
		}
		f.add(8)
		<-time.After(61 * time.Second)
		_, err := c.Create(limited(t), options, true)
		var exists *lifecycle.ExistsError
		if !errors.As(err, &exists) || !slices.Equal(ids(exists.Jobs), f.there()) || exists.Owned {
			t.Errorf("got %v of %+v, want both jobs", err, exists)
		}
	})
}

// If the API doesn't return a job of this run, the job might be new. After a minute, another party has
// deleted it.
func TestOwnJobThatSomebodyElseDeleted(t *testing.T) {
	t.Parallel()
	for after, free := range map[time.Duration]bool{59 * time.Second: false, 61 * time.Second: true} {
		bubble(t, func(t *testing.T, f *fake, c *lifecycle.Controller) {
			first, err := c.Create(limited(t), options, false)
			if err != nil {
				t.Fatal(err)
			}
			f.vanish(first.Job.ID)
			<-time.After(after)
			again, err := c.Create(limited(t), options, false)
			var exists *lifecycle.ExistsError
			if (err == nil) != free || err != nil && !errors.As(err, &exists) {
				t.Errorf("after %s: got %+v and %v, want a new job: %t", after, again, err, free)
			}
		})
	}
}

// While the service is down, Create returns its error.
func TestOwnJobThatCannotBeRead(t *testing.T) {
	t.Parallel()
	bubble(t, func(t *testing.T, f *fake, c *lifecycle.Controller) {
		if _, err := c.Create(limited(t), options, false); err != nil {
			t.Fatal(err)
		}
		down := refused(503, "")
		f.failAlways("get", fault{err: down})
		if _, err := c.Create(limited(t), options, false); !errors.Is(err, down) {
			t.Errorf("got %v, want %v", err, down)
		}
	})
}
