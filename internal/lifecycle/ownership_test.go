package lifecycle_test

import (
	"context"
	"errors"
	"math/rand/v2"
	"net/http"
	"strconv"
	"strings"
	"sync"
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
	denied := refused(http.StatusForbidden, "ModelArts.0108")
	const never = time.Hour
	for name, test := range map[string]struct {
		status   modelarts.Status // of the job in the way; RUNNING by default
		beside   int              // how many more jobs are in the way
		deletes  int              // how many of them this run doesn't delete
		at       time.Duration    // when the delete starts
		create   time.Duration    // when the create starts
		fault    []fault          // of the delete
		stale    time.Duration
		limit    time.Duration // of the create
		adopt    bool
		calls    string // of both
		exists   int    // how many jobs an ExistsError has
		failed   error  // why the delete failed, according to that
		isWait   bool   // the error is of a wait
		isAdopts bool
		took     time.Duration // by the create; 0 if that doesn't matter
	}{
		"deleting already":              {create: time.Second, calls: "delete create"},
		"deleting already, adopts":      {create: time.Second, adopt: true, calls: "delete create"},
		"deletes a moment later":        {at: 4900 * time.Millisecond, calls: "delete create"},
		"deleted before":                {create: 25 * time.Second, calls: "delete create"},
		"refused first":                 {create: time.Second, fault: []fault{{err: conflict()}}, calls: "delete stop delete delete create"},
		"starting":                      {status: 7, create: time.Second, calls: "delete create"},
		"stale":                         {create: time.Second, stale: 50 * time.Second, calls: "delete create"},
		"never deletes":                 {at: never, exists: 1, took: 5 * time.Second},
		"never deletes, and adopts":     {at: never, adopt: true, isAdopts: true},
		"deletes too late":              {at: 6 * time.Second, exists: 1, took: 5 * time.Second, calls: "delete"},
		"delete fails":                  {create: time.Second, fault: []fault{{err: conflict()}, {err: conflict()}, {err: denied}}, adopt: true, calls: "delete stop delete delete", exists: 1, failed: denied},
		"delete failed before":          {create: time.Second, fault: []fault{{err: denied}}, adopt: true, calls: "delete", exists: 1, failed: denied},
		"no time for the delete":        {create: time.Second, limit: 5 * time.Second, calls: "delete", isWait: true, took: 5 * time.Second},
		"no time for a moment":          {at: never, limit: time.Second, exists: 1, took: time.Second},
		"deletes both":                  {beside: 1, create: time.Second, calls: "delete delete create"},
		"deletes both, adopts":          {beside: 1, create: time.Second, adopt: true, calls: "delete delete create"},
		"deletes one of them":           {beside: 1, deletes: -1, create: time.Second, calls: "delete", exists: 1},
		"deletes one, adopts the other": {beside: 1, deletes: -1, create: time.Second, adopt: true, calls: "delete", isAdopts: true},
		"deletes one a moment later":    {beside: 1, deletes: -1, at: time.Second, adopt: true, calls: "delete", isAdopts: true},
	} {
		inBubble(t, name, func(t *testing.T, f *fake, c *lifecycle.Controller) {
			f.stale = test.stale
			f.fail("delete", test.fault...)
			var jobs []int64
			for range 1 + test.beside {
				jobs = append(jobs, f.add(max(test.status, 7)))
			}
			if test.status == 0 {
				f.set(f.jobs[jobs[0]], 8)
			}
			// Another create has read the list that this one uses, too.
			if _, err := c.Create(limited(t), modelarts.CreateOptions{Name: "other", TrainURL: "/bucket/logs/"}, false); err != nil {
				t.Fatal(err)
			}
			ctx, cancel := context.WithCancel(limited(t))
			var group sync.WaitGroup
			for _, id := range jobs[:len(jobs)+test.deletes] {
				group.Go(func() {
					select {
					case <-ctx.Done():
					case <-time.After(test.at):
						_ = c.EnsureDeleted(ctx, id, old)
					}
				})
			}
			<-time.After(test.create)
			synctest.Wait()
			limit := test.limit
			if limit == 0 {
				limit = timeout / 2
			}
			began := time.Now()
			limited, end := context.WithTimeout(ctx, limit)
			created, err := c.Create(limited, options, test.adopt)
			took := time.Since(began)
			end()
			if test.at != never {
				<-time.After(timeout / 4)
			}
			cancel()
			group.Wait()

			exists, _ := errors.AsType[*lifecycle.ExistsError](err)
			switch {
			case test.exists > 0:
				if exists == nil || len(exists.Jobs) != test.exists || !errors.Is(exists.DeleteErr, test.failed) {
					t.Errorf("got %+v (%v), want an ExistsError of %d jobs and the failed delete: %v", exists, err, test.exists, test.failed)
				}
			case test.isWait:
				if wait, ok := errors.AsType[*lifecycle.WaitError](err); !ok || wait.Goal != "deleted" || wait.ID != jobs[0] || wait.Last == nil {
					t.Errorf("got %v, want a WaitError", err)
				}
			case err != nil || created.Adopted != test.isAdopts:
				t.Errorf("got %+v and %v", created, err)
			}
			if calls := f.changing(); strings.TrimSpace(strings.TrimPrefix(calls, "create")) != test.calls {
				t.Errorf("the calls were %q, want %q", calls, test.calls)
			}
			if test.took > 0 && took != test.took {
				t.Errorf("it took %s, want %s", took, test.took)
			}
		})
	}
}

// renameAll does what Terraform does for n renamed resources with so many slots, in one of the
// possible orders. It returns how many creates failed.
func renameAll(t *testing.T, f *fake, c *lifecycle.Controller, n, slots int, random *rand.Rand, adopt bool) (failed int) {
	t.Helper()
	var mu sync.Mutex
	var operations []func()
	for i := range n {
		o := modelarts.CreateOptions{Name: "board" + strconv.Itoa(i), TrainURL: "/bucket/logs/"}
		id := f.addJob(modelarts.VisualizationJob{Name: o.Name, TrainURL: o.TrainURL}, 8)
		operations = append(operations, func() {
			err := c.EnsureDeleted(limited(t), id, old)
			if err != nil && (!adopt || !is[*lifecycle.AdoptedError](err)) {
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
			if err == nil {
				return
			}
			if !is[*lifecycle.ExistsError](err) {
				t.Errorf("create: %v", err)
			}
			mu.Lock()
			defer mu.Unlock()
			failed++
		})
	}
	random.Shuffle(len(operations), func(i, j int) { operations[i], operations[j] = operations[j], operations[i] })
	queue := make(chan func(), len(operations))
	for _, operation := range operations {
		queue <- operation
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
	return failed
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
		{n: 25, slots: 10, maxFailed: runs * 5, longest: 10 * time.Minute},
		{n: 25, slots: 10, adopt: true, longest: 3 * time.Minute},
		{n: 25, slots: 1, maxFailed: runs * 15, longest: 18 * time.Minute},
	} {
		failed, failedRuns, longest := 0, 0, time.Duration(0)
		for seed := range uint64(runs) {
			bubble(t, func(t *testing.T, f *fake, c *lifecycle.Controller) {
				began := time.Now()
				n := renameAll(t, f, c, test.n, test.slots, rand.New(rand.NewPCG(seed, 1)), test.adopt)
				longest = max(longest, time.Since(began))
				if failed += n; n > 0 {
					failedRuns++
				}
			})
		}
		t.Logf("%d renamed resources, %d slots, adopt_existing = %t: %d of %d creates in %d of %d runs failed; the longest run took %s",
			test.n, test.slots, test.adopt, failed, runs*test.n, failedRuns, runs, longest.Round(time.Second))
		if failed > test.maxFailed || longest > test.longest {
			t.Errorf("want at most %d failed creates, and %s", test.maxFailed, test.longest)
		}
	}
}
