package provider

var (
	// WriteFile writes a file and the folder that it is in, and returns its path.
	WriteFile = write
	// WantEqual checks that two values are equal.
	WantEqual = wantEqual
)
