package lifecycle

// PollInterval is the rule that every wait goes by.
var PollInterval = pollInterval
