//go:build unix

package main

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestTable(t *testing.T) {
	t.Parallel()
	table := &table{title: "Title", notes: []string{"A note."}, head: []string{"what", "jobs", ""}}
	table.add("a plan", 7, "met")
	table.add("µ", 1000, "NOT met")
	var got strings.Builder
	if err := table.write(&got); err != nil {
		t.Fatal(err)
	}
	want := `## Title

A note.

| what   | jobs |         |
| ------ | ---: | ------- |
| a plan |    7 | met     |
| µ      | 1000 | NOT met |

`
	if diff := cmp.Diff(want, got.String()); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}
