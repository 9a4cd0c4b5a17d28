// Command licenses prints the licences of all modules that are linked into programs, and fails
// when one is not allowed, or when a module has a text that it does not know, or none.
package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"log"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"github.com/google/licensecheck"
)

func main() {
	log.SetFlags(0)
	allowed := flag.String("allow", "", "`names` of the licences that are allowed, with commas between them")
	systems := flag.String("for", "", "operating `systems` that the programs are built for, with commas between them")
	flag.Parse()
	modules, err := linked(strings.Split(*systems, ","), flag.Args())
	if err != nil {
		log.Fatal(err)
	}
	ok := true
	for _, m := range modules {
		names, err := m.licenses(strings.Split(*allowed, ","))
		fmt.Printf("%s: %s\n", strings.TrimSpace(m.Path+" "+m.Version), strings.Join(names, ", "))
		if err != nil {
			log.Printf("%s: %v", m.Path, err)
			ok = false
		}
	}
	if !ok {
		os.Exit(1)
	}
}

// module is a module with those of its folders that are linked.
type module struct {
	Path, Version, Dir string

	folders map[string]bool
}

// linked returns the modules of what packages are built from, but for the standard library.
func linked(systems, packages []string) ([]*module, error) {
	modules := map[string]*module{}
	for _, system := range systems {
		list := exec.Command("go", append([]string{"list", "-deps", "-json=Dir,Module"}, packages...)...)
		list.Env = append(os.Environ(), "GOOS="+system, "CGO_ENABLED=0")
		list.Stderr = os.Stderr
		output, err := list.Output()
		if err != nil {
			return nil, fmt.Errorf("go list: %w", err)
		}
		for decoder := json.NewDecoder(bytes.NewReader(output)); ; {
			var p struct {
				Dir    string
				Module *module
			}
			if err := decoder.Decode(&p); errors.Is(err, io.EOF) {
				break
			} else if err != nil {
				return nil, err
			}
			if p.Module == nil {
				continue
			}
			m, known := modules[p.Module.Path]
			if !known {
				m = p.Module
				m.folders = map[string]bool{m.Dir: true}
				modules[m.Path] = m
			}
			// What a module took over from elsewhere lies in a folder with a licence of its own.
			for folder := p.Dir; folder != m.Dir; folder = filepath.Dir(folder) {
				m.folders[folder] = true
			}
		}
	}
	if len(modules) == 0 {
		return nil, errors.New("there are no modules: nothing was checked")
	}
	return slices.SortedFunc(maps.Values(modules), func(a, b *module) int { return strings.Compare(a.Path, b.Path) }), nil
}

var licenseFile = regexp.MustCompile(`(?i)^(un)?(licen[cs]e|copying)([-_.].*)?$`)

// licenses returns the names of the module's licences, and what is wrong with them.
func (m *module) licenses(allowed []string) (names []string, err error) {
	var wrong []error
	for folder := range m.folders {
		entries, err := os.ReadDir(folder)
		if err != nil {
			return nil, err
		}
		for _, entry := range entries {
			if entry.IsDir() || !licenseFile.MatchString(entry.Name()) || filepath.Ext(entry.Name()) == ".go" {
				continue
			}
			text, err := os.ReadFile(filepath.Join(folder, entry.Name()))
			if err != nil {
				return nil, err
			}
			found, err := read(text, allowed)
			names = append(names, found...)
			if err != nil {
				wrong = append(wrong, fmt.Errorf("%s: %w", entry.Name(), err))
			}
		}
	}
	if len(names) == 0 && len(wrong) == 0 {
		wrong = append(wrong, errors.New("it has no licence"))
	}
	slices.Sort(names)
	return slices.Compact(names), errors.Join(wrong...)
}

// read returns the names of the licences in a text. One that is not allowed is an error, and so is
// a text that is something else for the most part: pkg.go.dev draws the line at the same place.
func read(text []byte, allowed []string) (names []string, err error) {
	coverage := licensecheck.Scan(text)
	for _, match := range coverage.Match {
		names = append(names, match.ID)
		if !slices.Contains(allowed, match.ID) {
			err = errors.Join(err, fmt.Errorf("%s is not allowed", match.ID))
		}
	}
	if coverage.Percent < 75 {
		err = errors.Join(err, fmt.Errorf("only %.0f%% of it is a licence that is known", coverage.Percent))
	}
	return names, err
}
