package lifecycle

import "context"

// PollInterval is the interval of every wait.
var PollInterval = pollInterval

// NewLister returns a Controller that lists jobs even to read a single one.
func NewLister(ctx context.Context, api API) *Controller {
	c := New(ctx, api)
	c.reader.maxSingleReads = 0
	return c
}
