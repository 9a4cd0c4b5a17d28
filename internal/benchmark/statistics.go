//go:build unix

package main

import (
	"cmp"
	"fmt"
	"slices"
	"time"
)

// median returns the middle value, and of an even number the higher of the two. It is
// zero when there is none.
func median[T cmp.Ordered](values []T) T {
	if len(values) == 0 {
		var none T
		return none
	}
	return slices.Sorted(slices.Values(values))[len(values)/2]
}

// medianOf returns the median of what f says of the values.
func medianOf[V any, T cmp.Ordered](values []V, f func(V) T) T {
	all := make([]T, len(values))
	for i, value := range values {
		all[i] = f(value)
	}
	return median(all)
}

// ratio returns a/b, and false when that means nothing.
func ratio[T ~int | ~int64](a, b T) (float64, bool) {
	if a <= 0 || b <= 0 {
		return 0, false
	}
	return float64(a) / float64(b), true
}

// unknown is what a table has in the place of what was not measured.
const unknown = "-"

func formatRatio(r float64, known bool) string {
	if !known {
		return unknown
	}
	return fmt.Sprintf("%.2f", r)
}

func seconds(d time.Duration) string { return fmt.Sprintf("%.2f", d.Seconds()) }

func mebibytes(bytes int64) string { return fmt.Sprintf("%.1f", float64(bytes)/(1<<20)) }

func megabytes(bytes int64) string { return fmt.Sprintf("%.1f", float64(bytes)/1e6) }

func percent(share float64) string { return fmt.Sprintf("%.0f %%", 100*share) }
