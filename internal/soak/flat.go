//go:build unix

package main

import (
	"cmp"
	"fmt"
	"slices"
	"time"
)

// sample is what the process of the provider has when it has nothing to do.
type sample struct {
	Goroutines  int   `json:"goroutines"`
	Heap        int64 `json:"heap"` // bytes that are left after a collection of garbage
	Descriptors int   `json:"descriptors"`

	// Its connections to the simulator, and for how long the oldest was not used. Those of a
	// client that is no more are closed by its transport when they were idle for a while:
	// how many there are depends on how many runs there were lately, so they are counted apart.
	connections int
	idle        time.Duration

	at time.Duration // since the beginning
}

// heapOfProcess is judged in a long soak alone.
const heapOfProcess = "bytes of heap"

// perConnection is how many goroutines net/http has for a connection, to read and to write.
const perConnection = 2

// own are the goroutines that are for no connection.
func (s sample) own() int { return s.Goroutines - perConnection*s.connections }

// files are the descriptors that are for no connection.
func (s sample) files() int { return s.Descriptors - s.connections }

// What is allowed: less than one more in each run of the CLI would make.
const (
	fewestSamples   = 10 // one after each run
	moreGoroutines  = 4
	moreDescriptors = 4
	moreHeap        = 1 << 20 // bytes, and
	moreHeapShare   = 0.1     // of what there was
	longestIdle     = 2 * time.Minute
)

// judgement is whether something stayed as it was.
type judgement struct {
	what        string
	early, late int64 // medians of the second and the last fifth
	most        int64 // that late may be
}

func (j judgement) flat() bool { return j.late <= j.most }

// String tells the figures and the verdict.
func (j judgement) String() string {
	word := "flat"
	if !j.flat() {
		word = "GROWS"
	}
	return fmt.Sprintf("%s: %d early, %d late, at most %d: %s", j.what, j.early, j.late, j.most, word)
}

// judge compares the second fifth of the samples with the last one. The first has what is
// made once. It returns nothing when there are too few samples to tell, and nothing of the
// memory when the soak was too short.
func judge(samples []sample) []judgement {
	if len(samples) < fewestSamples {
		return nil
	}
	fifth := len(samples) / 5
	early, late := samples[fifth:2*fifth], samples[len(samples)-fifth:]
	of := func(what string, more func(int64) int64, value func(sample) int64) judgement {
		j := judgement{what: what, early: medianOf(early, value), late: medianOf(late, value)}
		j.most = j.early + more(j.early)
		return j
	}
	constant := func(more int64) func(int64) int64 { return func(int64) int64 { return more } }
	oldest := slices.MaxFunc(samples, func(a, b sample) int { return cmp.Compare(a.idle, b.idle) })
	judgements := []judgement{
		of("goroutines but for connections", constant(moreGoroutines), func(s sample) int64 { return int64(s.own()) }),
		of("file descriptors but for connections", constant(moreDescriptors), func(s sample) int64 { return int64(s.files()) }),
		{what: "seconds that a connection was idle", late: int64(oldest.idle.Seconds()), most: int64(longestIdle.Seconds())},
	}
	// Connections take memory: there have to be as many early as there ever are.
	if early[0].at >= longestIdle {
		judgements = append(judgements, of(heapOfProcess,
			func(early int64) int64 { return moreHeap + int64(moreHeapShare*float64(early)) },
			func(s sample) int64 { return s.Heap }))
	}
	return judgements
}

// medianOf returns the middle one of what value says of the samples.
func medianOf(samples []sample, value func(sample) int64) int64 {
	values := make([]int64, len(samples))
	for i, s := range samples {
		values[i] = value(s)
	}
	slices.Sort(values)
	return values[len(values)/2]
}
