package acctest

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"
)

// commandTimeout bounds one run of the CLI, so that one that hangs fails its own
// test and not all of them.
const commandTimeout = 5 * time.Minute

// Workspace is a folder with a configuration and a CLI that uses a provider built
// from this tree, as a user has it: as a process of its own.
type Workspace struct {
	CLI

	t         testing.TB
	built     string            // the provider
	providers map[string]string // their folders, by source
}

// NewWorkspace returns an empty workspace whose CLI and provider see the
// variables, and none of the user's that are about providers.
func NewWorkspace(tb testing.TB, variables map[string]string) *Workspace {
	tb.Helper()
	program := NeedCLI(tb)
	built, err := buildProvider()
	if err != nil {
		tb.Fatal(err)
	}
	w := &Workspace{CLI: *NewCLI(program, tb.TempDir(), variables), t: tb, built: built, providers: map[string]string{}}
	w.UseProvider(filepath.Dir(built))
	return w
}

// UseProvider has the CLI start the terraform-provider-modelarts in folder, which
// may be a script around the built one. It returns the path of the built one.
func (w *Workspace) UseProvider(folder string) (built string) {
	w.t.Helper()
	w.use(ProviderSource, folder)
	return w.built
}

// UseStandIns has the CLI start stand-ins for other providers, given by their sources, such as mastercard/restapi. They
// send no requests.
func (w *Workspace) UseStandIns(sources ...string) {
	w.t.Helper()
	built, err := buildStandIns()
	if err != nil {
		w.t.Fatal(err)
	}
	for _, source := range sources {
		program := filepath.Join(filepath.Dir(built), "terraform-provider-"+filepath.Base(source))
		if err := os.Link(built, program); err != nil && !errors.Is(err, fs.ErrExist) {
			w.t.Fatal(err)
		}
		w.use(source, filepath.Dir(built))
	}
}

// use has the CLI start the provider in the folder, beside those that it starts already.
// OpenTofu searches its own registry for the providers of a configuration, and Terraform's
// registry for those of some states.
func (w *Workspace) use(source, folder string) {
	w.t.Helper()
	for _, registry := range registries {
		w.providers[registry+"/"+source] = folder
	}
	if err := w.Override(w.providers); err != nil {
		w.t.Fatal(err)
	}
}

// MirrorProvider has init find the built provider, instead of the CLI starting it
// without one.
func (w *Workspace) MirrorProvider() {
	w.t.Helper()
	if err := w.Mirror(w.built); err != nil {
		w.t.Fatal(err)
	}
}

// Write writes a file into the workspace.
func (w *Workspace) Write(name, content string) {
	w.t.Helper()
	if err := w.CLI.Write(name, content); err != nil {
		w.t.Fatal(err)
	}
}

// Run runs the CLI and returns its output and its exit code.
func (w *Workspace) Run(args ...string) (output string, code int) {
	w.t.Helper()
	ctx, cancel := context.WithTimeout(w.t.Context(), commandTimeout)
	defer cancel()
	cmd := w.Command(ctx, args...)
	printed, err := cmd.CombinedOutput()
	code, err = ExitCode(ctx, cmd, err)
	if err != nil {
		w.t.Fatalf("%s: %v\n%s", strings.Join(args, " "), err, printed)
	}
	return string(printed), code
}

// MustRun is Run for a command that has to end with the exit code.
func (w *Workspace) MustRun(code int, args ...string) (output string) {
	w.t.Helper()
	output, got := w.Run(args...)
	if got != code {
		w.t.Fatalf("%s: exit code %d, want %d\n%s", strings.Join(args, " "), got, code, output)
	}
	return output
}

// AtEnd has f done when all tests of the package are, before [Main] ends.
func AtEnd(f func() error) { cleanup = append(cleanup, f) }

const module = "github.com/opentelekomcloud-community/terraform-provider-modelarts"

// buildProvider builds the provider, once for all tests of a package.
var buildProvider = sync.OnceValues(func() (string, error) { return build(module, ProviderProgram) })

// buildStandIns builds the stand-ins, one program for all.
var buildStandIns = sync.OnceValues(func() (string, error) { return build(module+"/internal/acctest/standins", "standins") })

// build builds a program into a folder of its own that is removed in the end.
func build(source, name string) (string, error) {
	folder, err := os.MkdirTemp("", "modelarts-acctest-")
	if err != nil {
		return "", err
	}
	AtEnd(func() error { return os.RemoveAll(folder) })
	program := filepath.Join(folder, name)
	return program, Build(context.Background(), source, program)
}
