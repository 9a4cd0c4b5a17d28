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
// can still exist when its successor is created. In a run that deletes, the end of any operation frees a slot for the delete
// that a create waits for. Terraform has some seconds to start it then.
func TestCreateWaitsForDelete(t *testing.T) {
	t.Parallel()
	denied := rejected(http.StatusForbidden, "ModelArts.0108")
	const never = time.Hour
	for name, test := range map[string]struct {
		beside   int           // how many more jobs exist
		kept     int           // how many of them this run doesn't delete
		frees    bool          // another delete of this run ends after 20 seconds
		waits    time.Duration // how long another operation waits for its job
		at       time.Duration // when the deletes start
		create   time.Duration // when the create starts
		fault    []fault       // of the delete
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
		"deletes in the next slot":      {noAdopt: true, frees: true, at: 24 * time.Second, requests: "delete delete create", want: "created 199 (1)"},
		"stale":                         {create: time.Second, stale: 50 * time.Second, requests: "delete create", want: "created 199 (1)"},
		"never deletes":                 {noAdopt: true, at: never, want: "exists 197 (8)", took: 5 * time.Second},
		"never deletes, but one waits":  {noAdopt: true, at: never, waits: 3 * time.Second, want: "exists 197 (8)", took: 5 * time.Second},
		"never deletes, one waits on":   {noAdopt: true, at: never, waits: 7 * time.Second, want: "exists 197 (8)", took: 5 * time.Second},
		"never deletes, adopts":         {at: never, want: "adopted 197 (8)"},
		"deletes too late":              {noAdopt: true, at: 6 * time.Second, want: "exists 197 (8)", took: 5 * time.Second, requests: "delete"},
		"delete fails":                  {create: time.Second, fault: []fault{{err: conflict()}, {err: conflict()}, {err: denied}}, requests: "delete stop delete delete", want: "owned 197 (9)", failed: denied},
		"delete failed before":          {create: time.Second, fault: []fault{{err: denied}}, requests: "delete", want: "owned 197 (8)", failed: denied},
		"no time for the delete":        {create: time.Second, limit: 5 * time.Second, requests: "delete", want: "wait for 197 to be deleted", took: 5 * time.Second},
		"no time for a moment":          {noAdopt: true, at: never, limit: time.Second, want: "exists 197 (8)", took: time.Second},
		"deletes both":                  {beside: 1, create: time.Second, noAdopt: true, requests: "delete delete create", want: "created 200 (1)"},
		"deletes one of them":           {beside: 1, kept: 1, create: time.Second, noAdopt: true, requests: "delete", want: "exists 198 (8)"},
		"deletes one, adopts the other": {beside: 1, kept: 1, create: time.Second, requests: "delete", want: "adopted 198 (8)"},
	} {
		inBubble(t, name, func(t *testing.T, f *fake, c *lifecycle.Controller) {
			f.stale = test.stale
			f.fail("delete", test.fault...)
			jobs := []int64{f.add(8)}
			for range test.beside {
				jobs = append(jobs, f.add(7))
			}
			// Another create has read the list that this one uses, too.
			other, err := c.Create(limited(t), named("other"), false)
			if err != nil {
				t.Fatal(err)
			}
			if test.frees {
				go func() { _ = c.EnsureDeleted(limited(t), other.Job.ID, old) }()
			}
			if test.waits > 0 {
				waiting, cancel := context.WithTimeout(t.Context(), test.waits)
				defer cancel()
				go func() { _, _ = c.WaitStarted(waiting, other.Job.ID, lifecycle.SettleOptions{Fresh: true}) }()
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

// A job has one owner in a run. A second create can't adopt a job that is adopted, and another resource doesn't delete it. A
// delete waits for the end of the adoption. A job whose adoption failed has no owner.
func TestAdoptionAndDelete(t *testing.T) {
	t.Parallel()
	for end, want := range map[string]struct{ err, requests string }{
		"complete":    {err: lifecycle.ErrAdopted.Error()},
		"failed":      {err: "gone", requests: "delete"},
		"interrupted": {err: "wait"},
	} {
		inBubble(t, end, func(t *testing.T, f *fake, c *lifecycle.Controller) {
			id := f.add(8)
			adopt := func(want string) {
				if got := outcome(c.Create(limited(t), options, true)); got != want {
					t.Errorf("got %q, want %q", got, want)
				}
			}
			adopt("adopted 197 (8)")
			c.EndAdoption(id, false)
			adopt("adopted 197 (8)")
			adopt("owned 197 (8)")
			ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
			defer cancel()
			if end != "interrupted" {
				time.AfterFunc(30*time.Second, func() { c.EndAdoption(id, end == "complete") })
			}
			start := time.Now()
			err := c.EnsureDeleted(ctx, id, old)
			if took := time.Since(start); result(nil, err) != want.err || f.changing() != want.requests || took < 30*time.Second {
				t.Errorf("the delete: %v after %q and %s", err, f.changing(), took)
			}
			if end == "complete" {
				adopt("owned 197 (8)")
				if err := lifecycle.New(t.Context(), f).EnsureDeleted(limited(t), id, old); err != nil || f.there() != 0 {
					t.Errorf("the next run: %v, %d jobs", err, f.there())
				}
			}
		})
	}
}

// rename is how Terraform renames n resources with so many slots.
type rename struct {
	n, slots     int
	adopt        bool
	createsFirst bool          // which is the worst order; any order if it is false
	pause        time.Duration // until a free slot starts the next operation
	maxFailed    int           // creates of all runs
	longest      time.Duration // run
}

// run sends the requests, and returns how many creates failed.
func (r rename) run(t *testing.T, f *fake, c *lifecycle.Controller, random *rand.Rand) int {
	t.Helper()
	var failed atomic.Int64
	operations := make([]func(), 2*r.n) // creates, then deletes
	for i := range r.n {
		o := named("board" + strconv.Itoa(i))
		id := f.addJob(modelarts.VisualizationJob{Name: o.Name, TrainURL: o.TrainURL}, 8)
		operations[r.n+i] = func() {
			if err := c.EnsureDeleted(limited(t), id, old); err != nil && (!r.adopt || !errors.Is(err, lifecycle.ErrAdopted)) {
				t.Errorf("delete: %v", err)
			}
		}
		operations[i] = func() {
			created, err := c.Create(limited(t), o, r.adopt)
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
		}
	}
	if !r.createsFirst {
		random.Shuffle(len(operations), func(i, j int) { operations[i], operations[j] = operations[j], operations[i] })
	}
	var group sync.WaitGroup
	var next atomic.Int64
	for range r.slots {
		group.Go(func() {
			for i := next.Add(1); i <= int64(len(operations)); i = next.Add(1) {
				operations[i-1]()
				<-time.After(r.pause)
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
	for _, test := range []rename{
		{n: 1, slots: 10, longest: time.Minute},
		{n: 9, slots: 10, longest: 2 * time.Minute},
		{n: 9, slots: 10, adopt: true, longest: 2 * time.Minute},
		{n: 10, slots: 10, createsFirst: true, pause: 300 * time.Millisecond, maxFailed: runs, longest: 3 * time.Minute},
		{n: 25, slots: 10, maxFailed: runs * 2, longest: 10 * time.Minute},
		{n: 25, slots: 10, adopt: true, longest: 3 * time.Minute},
		{n: 25, slots: 1, maxFailed: runs * 15, longest: 18 * time.Minute},
	} {
		failed, longest := 0, time.Duration(0)
		for seed := range uint64(runs) {
			bubble(t, func(t *testing.T, f *fake, c *lifecycle.Controller) {
				began := time.Now()
				failed += test.run(t, f, c, rand.New(rand.NewPCG(seed, 1)))
				longest = max(longest, time.Since(began))
			})
		}
		if failed > test.maxFailed || longest > test.longest {
			t.Errorf("%+v: %d of %d creates failed, and the longest run took %s", test, failed, runs*test.n, longest)
		}
	}
}
