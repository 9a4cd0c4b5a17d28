//go:build unix

package main

import (
	"encoding/json"
	"maps"
	"reflect"
	"strings"
	"testing"
)

func newTestFleet(jobs int) *fleet { return newFleet(jobs, settings{seed: 7}.random(1)) }

// snapshot copies the jobs, as a configuration has them.
func snapshot(t *testing.T, f *fleet) map[string]*wanted {
	t.Helper()
	content, err := f.content()
	if err != nil {
		t.Fatal(err)
	}
	var jobs map[string]*wanted
	if err := json.Unmarshal([]byte(content), &jobs); err != nil {
		t.Fatal(err)
	}
	return jobs
}

// All kinds of jobs are there, and all that the provider takes as it is.
func TestFleet(t *testing.T) {
	t.Parallel()
	f := newTestFleet(200)
	kinds := map[string]int{}
	places := map[[2]string]bool{}
	for range 20 {
		f.change()
		for key, job := range f.jobs {
			kind := "nothing"
			switch {
			case job.Running != nil && *job.Running:
				kind = "running"
			case job.Running != nil:
				kind = "stopped"
			}
			if job.Hours != nil {
				kind += " scheduled"
			}
			kinds[kind]++
			if job.Hours != nil && (*job.Hours < 0 || *job.Hours > 24) {
				t.Errorf("%s has a schedule of %d hours", key, *job.Hours)
			}
			if len(job.Name) > 20 || job.Block < 0 || job.Block >= blocks(200) {
				t.Errorf("%s: %+v", key, job)
			}
		}
		clear(places)
		for key, job := range f.jobs {
			if place := [2]string{job.Name, job.TrainURL}; places[place] {
				t.Errorf("%s has the name and path of another", key)
			} else {
				places[place] = true
			}
		}
	}
	for _, kind := range []string{"nothing", "running", "stopped", "nothing scheduled", "stopped scheduled"} {
		if kinds[kind] == 0 {
			t.Errorf("there is none of the kind %q: %v", kind, kinds)
		}
	}
	if kinds["running scheduled"] > 0 {
		t.Error("there is one that is started over and over")
	}
}

// A round has changes of every kind, and the next plan differs by all of them.
func TestFleetChanges(t *testing.T) {
	t.Parallel()
	const jobs, share = 200, 4
	f := newTestFleet(jobs)
	before := snapshot(t, f)
	if changes, want := f.change(), 5*share; changes != want {
		t.Errorf("there are %d changes, want %d", changes, want)
	}
	if len(f.jobs) != jobs {
		t.Errorf("there are %d jobs, want %d", len(f.jobs), jobs)
	}
	got := map[string]int{}
	for key, job := range f.jobs {
		old := before[key]
		switch {
		case old == nil:
			got["added"]++
		case !reflect.DeepEqual(job.Description, old.Description):
			got["described"]++
		case !reflect.DeepEqual(job.Running, old.Running):
			got["toggled"]++
		case job.TrainURL != old.TrainURL || !reflect.DeepEqual(job.Hours, old.Hours):
			got["replaced"]++
		case !reflect.DeepEqual(job, old):
			t.Errorf("%s has changed in another way: %+v, %+v", key, job, old)
		}
	}
	for key := range before {
		if f.jobs[key] == nil {
			got["removed"]++
		}
	}
	want := map[string]int{"added": share, "described": share, "toggled": share, "replaced": share, "removed": share}
	if !maps.Equal(got, want) {
		t.Errorf("%v, want %v", got, want)
	}
}

func TestFleetOfASeed(t *testing.T) {
	t.Parallel()
	one, other := newTestFleet(50), newTestFleet(50)
	for range 5 {
		one.change()
		other.change()
	}
	if !reflect.DeepEqual(one.jobs, other.jobs) {
		t.Error("they are not the same")
	}
}

func TestConfig(t *testing.T) {
	t.Parallel()
	for jobs, want := range map[int]int{1: 1, perBlock: 1, perBlock + 1: 2, 1000: 10} {
		if got := strings.Count(config(blocks(jobs)), "\nresource "); got != want {
			t.Errorf("%d jobs are in %d blocks, want %d", jobs, got, want)
		}
	}
}
