package lifecycle

import "context"

// PollInterval is the rule that every wait goes by.
var PollInterval = pollInterval

// NewLister returns a Controller that lists also where a look at one job would do.
func NewLister(ctx context.Context, api API) *Controller {
	c := New(ctx, api)
	c.observer.few = 0
	return c
}
