//go:build unix

package main

import (
	"testing"
	"time"
)

func TestMedian(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		values []int
		want   int
	}{{nil, 0}, {[]int{7}, 7}, {[]int{9, 1, 5}, 5}, {[]int{4, 1, 3, 2}, 3}} {
		given := append([]int(nil), test.values...)
		if got := median(given); got != test.want {
			t.Errorf("median of %v is %d, want %d", test.values, got, test.want)
		}
		for i := range given {
			if given[i] != test.values[i] {
				t.Errorf("the values are in another order: %v, want %v", given, test.values)
				break
			}
		}
	}
}

// Nothing is in proportion to what was not measured.
func TestRatio(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		a, b time.Duration
		want string
	}{{3 * time.Second, 2 * time.Second, "1.50"}, {time.Second, 0, unknown}, {0, time.Second, unknown}} {
		if got := formatRatio(ratio(test.a, test.b)); got != test.want {
			t.Errorf("%s in proportion to %s is %s, want %s", test.a, test.b, got, test.want)
		}
	}
}
