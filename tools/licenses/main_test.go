package main

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

func TestLicenses(t *testing.T) {
	apache := text(t, "../../LICENSE")
	for _, test := range []struct {
		name  string
		files map[string]string
		allow string
		names []string
		err   string
	}{
		{"allowed", map[string]string{"LICENSE": apache}, "Apache-2.0", []string{"Apache-2.0"}, ""},
		{"not allowed", map[string]string{"LICENSE": apache}, "MIT", []string{"Apache-2.0"}, "LICENSE: Apache-2.0 is not allowed"},
		{"one of two", map[string]string{"LICENSE": apache, "a/COPYING.txt": isc}, "Apache-2.0", []string{"Apache-2.0", "ISC"}, "COPYING.txt: ISC is not allowed"},
		{"two in one file", map[string]string{"LICENSE": apache + isc}, "Apache-2.0", []string{"Apache-2.0", "ISC"}, "LICENSE: ISC is not allowed"},
		{"words of their own", map[string]string{"LICENSE": "Only on Sundays."}, "Apache-2.0", nil, "only 0% of it is a licence that is known"},
		{"with many words of their own", map[string]string{"LICENSE": isc + strings.Repeat("Only on Sundays. ", 50)}, "ISC", []string{"ISC"}, "of it is a licence that is known"},
		{"none", map[string]string{"license.go": "package a"}, "Apache-2.0", nil, "it has no licence"},
	} {
		t.Run(test.name, func(t *testing.T) {
			m := module{Dir: t.TempDir(), folders: map[string]bool{}}
			for name, content := range test.files {
				file := filepath.Join(m.Dir, name)
				m.folders[filepath.Dir(file)] = true
				if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
					t.Fatal(err)
				}
				if err := os.WriteFile(file, []byte(content), 0o600); err != nil {
					t.Fatal(err)
				}
			}
			names, err := m.licenses([]string{test.allow})
			if !slices.Equal(names, test.names) {
				t.Errorf("the licences are %q, want %q", names, test.names)
			}
			if (err == nil) != (test.err == "") || err != nil && !strings.Contains(err.Error(), test.err) {
				t.Errorf("the error is %v, want %q", err, test.err)
			}
		})
	}
}

// What is linked is found, with the folders on the way to it.
func TestLinked(t *testing.T) {
	modules, err := linked([]string{"linux", "windows"}, []string{"."})
	if err != nil {
		t.Fatal(err)
	}
	var paths []string
	for _, m := range modules {
		paths = append(paths, m.Path)
	}
	if want := []string{"github.com/google/licensecheck", "github.com/opentelekomcloud-community/terraform-provider-modelarts/tools"}; !slices.Equal(paths, want) {
		t.Fatalf("the modules are %q, want %q", paths, want)
	}
	inner := filepath.Join(modules[0].Dir, "internal")
	if folders := modules[0].folders; !folders[modules[0].Dir] || !folders[inner] || !folders[filepath.Join(inner, "match")] {
		t.Errorf("the folders are %v", folders)
	}
}

func text(t *testing.T, file string) string {
	t.Helper()
	content, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	return string(content)
}

const isc = `
Permission to use, copy, modify, and/or distribute this software for any purpose with or without fee is hereby granted,
provided that the above copyright notice and this permission notice appear in all copies.

THE SOFTWARE IS PROVIDED "AS IS" AND THE AUTHOR DISCLAIMS ALL WARRANTIES WITH REGARD TO THIS SOFTWARE INCLUDING ALL
IMPLIED WARRANTIES OF MERCHANTABILITY AND FITNESS. IN NO EVENT SHALL THE AUTHOR BE LIABLE FOR ANY SPECIAL, DIRECT,
INDIRECT, OR CONSEQUENTIAL DAMAGES OR ANY DAMAGES WHATSOEVER RESULTING FROM LOSS OF USE, DATA OR PROFITS, WHETHER IN AN
ACTION OF CONTRACT, NEGLIGENCE OR OTHER TORTIOUS ACTION, ARISING OUT OF OR IN CONNECTION WITH THE USE OR PERFORMANCE OF
THIS SOFTWARE.
`
