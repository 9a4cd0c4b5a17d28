package lifecycle

// PollInterval is the interval of every wait.
var PollInterval = pollInterval
