//go:build unix

package main

import (
	"net/http"
	"strings"

	"github.com/opentelekomcloud-community/terraform-provider-modelarts/internal/simulator"
)

// calls counts what a simulator was asked, refused calls included.
type calls struct {
	iam       int
	lists     int // pages of lists
	gets      int // of single jobs
	changes   int // creates, updates, stops, restarts and deletes
	throttled int // of the three above, those that got 429
}

// reads returns the ModelArts calls that change nothing.
func (c calls) reads() int { return c.lists + c.gets }

func countCalls(made []simulator.Call) calls {
	var c calls
	for _, call := range made {
		switch {
		case !strings.HasPrefix(call.Path, "/v1/"):
			c.iam++
			continue
		case call.Method != http.MethodGet:
			c.changes++
		case strings.HasSuffix(call.Path, "/visualization-jobs"):
			c.lists++
		default:
			c.gets++
		}
		if call.Status == http.StatusTooManyRequests {
			c.throttled++
		}
	}
	return c
}
