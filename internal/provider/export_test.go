package provider

// WriteFile writes a file and the folder that it is in, and returns its path.
var WriteFile = write
