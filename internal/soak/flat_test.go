//go:build unix

package main

import (
	"testing"
	"time"
)

// repeat returns so many samples of which each is what make says.
func repeat(n int, one func(i int) sample) []sample {
	samples := make([]sample, n)
	for i := range samples {
		samples[i] = one(i)
		samples[i].at = time.Duration(i) * time.Minute
	}
	return samples
}

// Each sample is of a round, that is of several runs of the CLI.
func TestJudge(t *testing.T) {
	t.Parallel()
	rest := sample{Goroutines: 30, Heap: 3 << 20, Descriptors: 20}
	for name, test := range map[string]struct {
		samples []sample
		grows   string // what; "" is nothing
	}{
		"as it was": {repeat(20, func(int) sample { return rest }), ""},
		"the first rounds make what stays": {repeat(20, func(i int) sample {
			s := rest
			s.Heap, s.Goroutines = s.Heap+int64(min(i, 3))<<20, s.Goroutines+10*min(i, 3)
			return s
		}), ""},
		"up and down": {repeat(20, func(i int) sample {
			s := rest
			s.Goroutines, s.Descriptors, s.Heap = 30+i%3, 20+i%4, s.Heap+int64(i%5)<<16
			return s
		}), ""},
		"one that is odd": {repeat(20, func(i int) sample {
			s := rest
			if i == 19 {
				s.Goroutines = 1000
			}
			return s
		}), ""},
		"connections of clients that were there just now": {repeat(20, func(i int) sample {
			s := rest
			s.connections, s.idle = 2*i, 89*time.Second
			s.Goroutines, s.Descriptors = s.Goroutines+perConnection*s.connections, s.Descriptors+s.connections
			return s
		}), ""},
		"a connection is never closed": {repeat(20, func(i int) sample {
			s := rest
			s.connections, s.idle = 1, time.Duration(i)*10*time.Second
			s.Goroutines, s.Descriptors = s.Goroutines+perConnection, s.Descriptors+1
			return s
		}), "seconds that a connection was idle"},
		"a goroutine for each round": {repeat(20, func(i int) sample {
			s := rest
			s.Goroutines += i
			return s
		}), "goroutines but for connections"},
		"a file for each round": {repeat(20, func(i int) sample {
			s := rest
			s.Descriptors += i
			return s
		}), "file descriptors but for connections"},
		"some memory for each round": {repeat(20, func(i int) sample {
			s := rest
			s.Heap += int64(i) << 18
			return s
		}), "bytes of heap"},
		"the fewest samples": {repeat(fewestSamples, func(i int) sample {
			s := rest
			s.Goroutines += i
			return s
		}), "goroutines but for connections"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			judgements := judge(test.samples)
			if len(judgements) == 0 {
				t.Fatal("there is no judgement")
			}
			for _, j := range judgements {
				if j.flat() != (j.what != test.grows) {
					t.Error(j)
				}
			}
		})
	}
	short := repeat(100, func(i int) sample { return sample{Heap: int64(i) << 30} })
	for i := range short {
		short[i].at = time.Duration(i) * time.Second
	}
	for _, j := range judge(short) {
		if j.what == heapOfProcess {
			t.Error("the memory is judged of a soak that was too short")
		}
	}
	if judgements := judge(repeat(fewestSamples-1, func(int) sample { return rest })); judgements != nil {
		t.Errorf("of too few samples: %v", judgements)
	}
}
