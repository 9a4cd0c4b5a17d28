package lifecycle_test

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/opentelekomcloud-community/terraform-provider-modelarts/internal/lifecycle"
	"github.com/opentelekomcloud-community/terraform-provider-modelarts/internal/modelarts"
)

// Terraform creates and deletes different addresses in any order, so the job of a renamed resource
// can still exist when its successor is created.
func TestCreateWaitsForDelete(t *testing.T) {
	t.Parallel()
	denied := rejected(http.StatusForbidden, "ModelArts.0108")
	const never = time.Hour
	for name, test := range map[string]struct {
		status   modelarts.Status // of the existing job; RUNNING by default
		beside   int              // how many more jobs exist
		kept     int              // how many of them this run doesn't delete
		at       time.Duration    // when the deletes start
		create   time.Duration    // when the create starts
		fault    []fault          // of the delete
		stale    time.Duration
		limit    time.Duration // of the create
		noAdopt  bool
		requests string        // of both
		want     string        // the outcome of the create
		failed   error         // why the delete failed, according to the error of the create
		took     time.Duration // by the create; 0 if that doesn't matter
	}{
		"deleting already":              {create: time.Second, requests: "delete create", want: "created 199 (1)"},
		"deletes a moment later":        {noAdopt: true, at: 4900 * time.Millisecond, requests: "delete create", want: "created 199 (1)"},
		"deleted before":                {create: 25 * time.Second, requests: "delete create", want: "created 199 (1)"},
		"rejected first":                {create: time.Second, fault: []fault{{err: conflict()}}, requests: "delete stop delete delete create", want: "created 199 (1)"},
		"starting":                      {status: 7, create: time.Second, requests: "delete create", want: "created 199 (1)"},
		"stale":                         {create: time.Second, stale: 50 * time.Second, requests: "delete create", want: "created 199 (1)"},
		"never deletes":                 {noAdopt: true, at: never, want: "exists 197 (8)", took: 5 * time.Second},
		"never deletes, adopts":         {at: never, want: "adopted 197 (8)"},
		"deletes too late":              {noAdopt: true, at: 6 * time.Second, want: "exists 197 (8)", took: 5 * time.Second, requests: "delete"},
		"delete fails":                  {create: time.Second, fault: []fault{{err: conflict()}, {err: conflict()}, {err: denied}}, requests: "delete stop delete delete", want: "owned 197 (9)", failed: denied},
		"delete failed before":          {create: time.Second, fault: []fault{{err: denied}}, requests: "delete", want: "owned 197 (8)", failed: denied},
		"no time for the delete":        {create: time.Second, limit: 5 * time.Second, requests: "delete", want: "wait for 197 to be deleted", took: 5 * time.Second},
		"no time for a moment":          {noAdopt: true, at: never, limit: time.Second, want: "exists 197 (8)", took: time.Second},
		"deletes both":                  {beside: 1, create: time.Second, noAdopt: true, requests: "delete delete create", want: "created 200 (1)"},
		"deletes one of them":           {beside: 1, kept: 1, create: time.Second, noAdopt: true, requests: "delete", want: "exists 198 (8)"},
		"deletes one, adopts the other": {beside: 1, kept: 1, create: time.Second, requests: "delete", want: "adopted 198 (8)"},
		"deletes one a moment later":    {beside: 1, kept: 1, at: time.Second, requests: "delete", want: "adopted 198 (8)"},
	} {
		inBubble(t, name, func(t *testing.T, f *fake, c *lifecycle.Controller) {
			f.stale = test.stale
			f.fail("delete", test.fault...)
			jobs := []int64{f.add(cmp.Or(test.status, 8))}
			for range test.beside {
				jobs = append(jobs, f.add(7))
			}
			// Another create has read the list that this one uses, too.
			if _, err := c.Create(limited(t), named("other"), false); err != nil {
				t.Fatal(err)
			}
			for _, id := range jobs[:len(jobs)-test.kept] {
				if test.at != never {
					time.AfterFunc(test.at, func() { _ = c.EnsureDeleted(limited(t), id, old) })
				}
			}
			<-time.After(test.create)
			synctest.Wait()
			start := time.Now()
			ctx, cancel := context.WithTimeout(t.Context(), cmp.Or(test.limit, timeout))
			defer cancel()
			created, err := c.Create(ctx, options, !test.noAdopt)
			if took := time.Since(start); test.took > 0 && took != test.took {
				t.Errorf("it took %s, want %s", took, test.took)
			}
			<-time.After(10 * time.Minute)
			got := outcome(created, err)
			if wait, ok := errors.AsType[*lifecycle.WaitError](err); ok && wait.Last != nil {
				got = fmt.Sprintf("wait for %d to be %s", wait.ID, wait.Goal)
			}
			if exists, ok := errors.AsType[*lifecycle.ExistsError](err); got != test.want || ok && !errors.Is(exists.DeleteErr, test.failed) {
				t.Errorf("got %q (%v), want %q", got, err, test.want)
			}
			if requests := f.changing(); strings.TrimSpace(strings.TrimPrefix(requests, "create")) != test.requests {
				t.Errorf("the requests were %q, want %q", requests, test.requests)
			}
		})
	}
}

// In a run that deletes, the end of any operation frees a slot for the delete that a create waits for. Terraform has some
// seconds to start it then.
func TestCreateWaitsForASlot(t *testing.T) {
	t.Parallel()
	bubble(t, func(t *testing.T, f *fake, c *lifecycle.Controller) {
		existing, deleted, stopped := f.add(8), f.addJob(modelarts.VisualizationJob{Name: "deleted"}, 8), f.addJob(modelarts.VisualizationJob{Name: "stopped", TrainURL: options.TrainURL}, 8)
		var others sync.WaitGroup
		others.Go(func() {
			_, _ = c.EnsureStopped(limited(t), stopped, old)
			<-time.After(4 * time.Second)
			_ = c.EnsureDeleted(limited(t), existing, old)
		})
		others.Go(func() { // The end of a create that has no time left doesn't shorten the waits of others.
			short, cancel := context.WithTimeout(t.Context(), 2*time.Second)
			defer cancel()
			if got := outcome(c.Create(short, named("stopped"), false)); !strings.HasPrefix(got, "exists 199") {
				t.Errorf("the create with a short timeout: got %q", got)
			}
		})
		<-time.After(time.Second)
		f.moves = time.Second
		others.Go(func() { _ = c.EnsureDeleted(limited(t), deleted, old) })
		if got := outcome(c.Create(limited(t), options, false)); got != "created 200 (1)" {
			t.Errorf("got %q after %q, want a new job", got, f.changing())
		}
		others.Wait()
	})
}

// A job has one owner in a run. A second create can't adopt a job that is adopted, and another resource doesn't delete it. A
// delete waits for the end of the adoption. A job whose adoption failed has no owner.
func TestAdoptionAndDelete(t *testing.T) {
	t.Parallel()
	for end, want := range map[string]struct{ err, requests string }{
		"complete":    {err: "visualization job 197 was adopted in the same run"},
		"failed":      {err: "gone", requests: "delete"},
		"interrupted": {err: "wait"},
	} {
		bubble(t, func(t *testing.T, f *fake, c *lifecycle.Controller) {
			id := f.add(8)
			adopt := func(want string) {
				if got := outcome(c.Create(limited(t), options, true)); got != want {
					t.Errorf("%s: got %q, want %q", end, got, want)
				}
			}
			adopt("adopted 197 (8)")
			c.EndAdoption(id, false)
			adopt("adopted 197 (8)")
			adopt("owned 197 (8)")
			ctx, cancel := context.WithCancel(limited(t))
			defer cancel()
			ended := make(chan error, 1)
			go func() { ended <- c.EnsureDeleted(ctx, id, old) }()
			<-time.After(30 * time.Second)
			synctest.Wait()
			if len(ended) > 0 || f.changing() != "" {
				t.Fatalf("the delete did not wait: requests %q", f.changing())
			}
			if end == "interrupted" {
				cancel()
			} else {
				c.EndAdoption(id, end == "complete")
			}
			if err := <-ended; result(nil, err) != want.err || f.changing() != want.requests {
				t.Errorf("%s: got %v after %q", end, err, f.changing())
			}
			if end == "complete" {
				adopt("owned 197 (8)")
				if err := lifecycle.New(t.Context(), f).EnsureDeleted(limited(t), id, old); err != nil || f.there() != 0 {
					t.Errorf("the next run: %v, jobs %v", err, f.there())
				}
			}
		})
	}
}

// renameAll sends the requests of Terraform for n renamed resources with so many slots, in one of the
// possible orders. It returns how many creates failed.
func renameAll(t *testing.T, f *fake, c *lifecycle.Controller, n, slots int, random *rand.Rand, adopt bool) int {
	t.Helper()
	var failed atomic.Int64
	queue := make(chan func(), 2*n)
	var operations []func()
	for i := range n {
		o := named("board" + strconv.Itoa(i))
		id := f.addJob(modelarts.VisualizationJob{Name: o.Name, TrainURL: o.TrainURL}, 8)
		operations = append(operations, func() {
			if err := c.EnsureDeleted(limited(t), id, old); err != nil && (!adopt || !is[*lifecycle.AdoptedError](err)) {
				t.Errorf("delete: %v", err)
			}
		}, func() {
			created, err := c.Create(limited(t), o, adopt)
			if err == nil {
				_, err = c.WaitStarted(limited(t), created.Job.ID, lifecycle.SettleOptions{Fresh: !created.Adopted})
				if created.Adopted {
					c.EndAdoption(created.Job.ID, true)
				}
			}
			if is[*lifecycle.ExistsError](err) {
				failed.Add(1)
			} else if err != nil {
				t.Errorf("create: %v", err)
			}
		})
	}
	for _, i := range random.Perm(len(operations)) {
		queue <- operations[i]
	}
	close(queue)
	var group sync.WaitGroup
	for range slots {
		group.Go(func() {
			for operation := range queue {
				operation()
			}
		})
	}
	group.Wait()
	return int(failed.Load())
}

// Creates that wait for deletes leave Terraform slots to start them, unless there are more
// creates than slots. Then they can have all slots, and one after the other gives up.
func TestRenamedResources(t *testing.T) {
	t.Parallel()
	const runs = 6
	for _, test := range []struct {
		n, slots  int
		adopt     bool
		maxFailed int           // creates of all runs
		longest   time.Duration // run
	}{
		{n: 1, slots: 10, longest: time.Minute},
		{n: 9, slots: 10, longest: 2 * time.Minute},
		{n: 9, slots: 10, adopt: true, longest: 2 * time.Minute},
		{n: 25, slots: 10, maxFailed: runs * 2, longest: 10 * time.Minute},
		{n: 25, slots: 10, adopt: true, longest: 3 * time.Minute},
		{n: 25, slots: 1, maxFailed: runs * 15, longest: 18 * time.Minute},
	} {
		failed, longest := 0, time.Duration(0)
		for seed := range uint64(runs) {
			bubble(t, func(t *testing.T, f *fake, c *lifecycle.Controller) {
				began := time.Now()
				failed += renameAll(t, f, c, test.n, test.slots, rand.New(rand.NewPCG(seed, 1)), test.adopt)
				longest = max(longest, time.Since(began))
			})
		}
		if failed > test.maxFailed || longest > test.longest {
			t.Errorf("%+v: %d of %d creates failed, and the longest run took %s", test, failed, runs*test.n, longest)
		}
	}
}
