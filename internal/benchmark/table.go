//go:build unix

package main

import (
	"fmt"
	"io"
	"strings"
	"unicode/utf8"
)

// table is a table in Markdown that can be read as it is.
type table struct {
	title string
	notes []string // lines between the title and the table
	head  []string
	rows  [][]string
}

// add appends a row; values that are no strings are written as fmt does.
func (t *table) add(cells ...any) {
	row := make([]string, len(cells))
	for i, cell := range cells {
		row[i] = fmt.Sprint(cell)
	}
	t.rows = append(t.rows, row)
}

// write writes the table, the columns aligned: to the left where a column has words,
// to the right where it has figures.
func (t *table) write(out io.Writer) error {
	var b strings.Builder
	fmt.Fprintf(&b, "## %s\n\n", t.title)
	for _, note := range t.notes {
		b.WriteString(note + "\n")
	}
	if len(t.notes) > 0 {
		b.WriteString("\n")
	}
	width := make([]int, len(t.head))
	words := make([]bool, len(t.head))
	for i, name := range t.head {
		width[i] = max(3, utf8.RuneCountInString(name))
		for _, row := range t.rows {
			width[i] = max(width[i], utf8.RuneCountInString(row[i]))
			words[i] = words[i] || strings.ContainsAny(row[i], "abcdefghijklmnopqrstuvwxyz")
		}
	}
	line := func(cells []string) {
		for i, cell := range cells {
			space := strings.Repeat(" ", width[i]-utf8.RuneCountInString(cell))
			if words[i] {
				b.WriteString("| " + cell + space + " ")
			} else {
				b.WriteString("| " + space + cell + " ")
			}
		}
		b.WriteString("|\n")
	}
	rule := make([]string, len(t.head))
	for i := range rule {
		rule[i] = strings.Repeat("-", width[i])
		if !words[i] {
			rule[i] = rule[i][1:] + ":"
		}
	}
	line(t.head)
	line(rule)
	for _, row := range t.rows {
		line(row)
	}
	b.WriteString("\n")
	_, err := io.WriteString(out, b.String())
	return err
}
