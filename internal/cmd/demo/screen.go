//go:build unix

package main

import (
	"bytes"
	"fmt"
	"io"
	"os"
	"regexp"
	"strings"
)

// style is the SGR sequence of the terminal that begins a kind of text.
type style string

const (
	plain   style = ""
	title   style = "\x1b[1;36m"
	command style = "\x1b[1m"
	good    style = "\x1b[32m"
	event   style = "\x1b[33m"
	quiet   style = "\x1b[2m"
	reset         = "\x1b[0m"
)

// sgr matches a sequence that changes the color or weight of text.
var sgr = regexp.MustCompile(`\x1b\[[0-9;]*m`)

// relevant matches the lines of a CLI's output that are shown: the change of a resource, its
// result, the progress of an action, and what a query finds.
var relevant = regexp.MustCompile(`^  # \S+ (will|must) be|^ +~ running |^(Apply|Destroy) complete!|^\S+: (Creation|Modifications|Destruction) complete |` +
	`Visualization job|^list\.`)

// screen prints the demo, in color if the terminal has any.
type screen struct {
	to      io.Writer
	color   bool
	verbose bool // shows all lines of a CLI
}

// hasColor reports whether the file is a terminal that shows color, and the user wants it.
func hasColor(file *os.File) bool {
	info, err := file.Stat()
	return err == nil && info.Mode()&os.ModeCharDevice != 0 && os.Getenv("NO_COLOR") == "" && os.Getenv("TERM") != "dumb"
}

// print prints text in a style.
func (s *screen) print(st style, format string, args ...any) {
	text := fmt.Sprintf(format, args...)
	if s.color && st != plain {
		text = string(st) + text + reset
	}
	_, _ = io.WriteString(s.to, text) // A failed write to the terminal has no other place to be reported.
}

// file prints the content of a file.
func (s *screen) file(content string) {
	s.print(plain, "\n")
	for line := range strings.Lines(content) {
		s.print(quiet, "  %s\n", strings.TrimSuffix(line, "\n"))
	}
}

// output prints the output of a CLI as it comes, line by line.
type output struct {
	screen *screen
	line   []byte // has no end yet
	framed string // the first line of a frame, until the second says whether it is an error
	failed bool   // in the frame of an error
}

// Write implements io.Writer.
func (o *output) Write(p []byte) (int, error) {
	o.line = append(o.line, p...)
	for {
		line, rest, found := bytes.Cut(o.line, []byte("\n"))
		if !found {
			return len(p), nil
		}
		o.line = rest
		o.show(string(line))
	}
}

// show prints a line if it is relevant or part of the frame around an error.
func (o *output) show(line string) {
	text := sgr.ReplaceAllString(line, "")
	if o.screen.color {
		line += reset
	} else {
		line = text
	}
	switch begins := strings.HasPrefix(text, "╷"); {
	case o.screen.verbose, o.failed, relevant.MatchString(text):
		o.screen.print(plain, "  %s\n", line)
	case begins:
		o.framed = line
	case o.framed != "" && strings.HasPrefix(text, "│ Error: "):
		o.failed = true
		o.screen.print(plain, "  %s\n  %s\n", o.framed, line)
	default:
		o.framed = ""
	}
	if strings.HasPrefix(text, "╵") {
		o.failed = false
	}
}
