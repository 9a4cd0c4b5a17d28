package acctest

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"time"
)

const (
	// ProviderSource is the address of the provider without a registry.
	ProviderSource = "opentelekomcloud-community/modelarts"
	// ProviderProgram is the file name of the provider.
	ProviderProgram = "terraform-provider-modelarts"
)

// registries are the hosts at which Terraform and OpenTofu search for a source that names none.
var registries = []string{"registry.terraform.io", "registry.opentofu.org"}

// Grace is how long a CLI may take to end when it is interrupted.
const Grace = 20 * time.Second

// configFile is the CLI's own configuration, in its folder.
const configFile = "cli.tfrc"

// errNoCLI is returned by [FindCLI] where there is no CLI.
var errNoCLI = errors.New("there is neither terraform nor tofu; make brings one")

// FindCLI searches for a CLI as scripts/find-cli does, but builds none, and returns its
// absolute path. One that TF_CLI names and that is not there is an error other than
// errNoCLI: a typo must not be taken for a machine without one.
func FindCLI() (string, error) {
	candidates := []string{"terraform", "tofu"}
	wanted := os.Getenv("TF_CLI")
	if wanted != "" {
		candidates = []string{wanted}
	}
	for _, candidate := range candidates {
		if path, err := exec.LookPath(candidate); err == nil {
			return filepath.Abs(path)
		}
	}
	if wanted != "" {
		return "", fmt.Errorf("TF_CLI=%s is no program", wanted)
	}
	return "", errNoCLI
}

// Build builds a package of this tree into a program with the options of make, so that Go compiles
// each package once. Unlike go build, go run keeps the linked program in its cache, and cp copies it from
// there. The error has the output of the compiler.
func Build(ctx context.Context, pkg, program string) error {
	cmd := exec.CommandContext(ctx, "go", "run", "-trimpath", "-ldflags", "-s -w -X main.version=dev", "-exec", "cp", pkg, program) //nolint:gosec // all of it is ours
	cmd.Env = append(os.Environ(), "CGO_ENABLED=0")
	output, err := cmd.CombinedOutput()
	if err != nil {
		return fmt.Errorf("build %s: %w\n%s", pkg, err, output)
	}
	return nil
}

// CLI is a CLI that runs in a folder, with an environment of its own.
type CLI struct {
	Program string
	Folder  string
	Env     []string // as in [exec.Cmd]
}

// Environ is the environment of this process without the variables of a CLI and of a provider.
func Environ() []string {
	return slices.DeleteFunc(os.Environ(), func(variable string) bool {
		return strings.HasPrefix(variable, "TF_") || strings.HasPrefix(variable, "OS_")
	})
}

// NewCLI returns the CLI for a folder. Its environment is [Environ] and the variables. It
// finds no providers but those of [CLI.Override] or [CLI.Mirror].
func NewCLI(program, folder string, variables map[string]string) *CLI {
	c := &CLI{Program: program, Folder: folder, Env: Environ()}
	c.Env = append(c.Env, "TF_CLI_CONFIG_FILE="+filepath.Join(folder, configFile), "TF_IN_AUTOMATION=1", "CHECKPOINT_DISABLE=1")
	for name, value := range variables {
		c.Env = append(c.Env, name+"="+value)
	}
	return c
}

// Override has the CLI start the providers in these folders, by their source, without
// init.
func (c *CLI) Override(folders map[string]string) error {
	var overrides strings.Builder
	for source, folder := range folders {
		fmt.Fprintf(&overrides, "    %q = %q\n", source, folder)
	}
	return c.configure("dev_overrides {\n" + overrides.String() + "  }")
}

// Mirror has init find the program as version 0.0.1 of this provider.
func (c *CLI) Mirror(program string) error {
	mirror := filepath.Join(c.Folder, "mirror")
	for _, registry := range registries {
		folder := filepath.Join(mirror, registry, filepath.FromSlash(ProviderSource), "0.0.1", runtime.GOOS+"_"+runtime.GOARCH)
		if err := os.MkdirAll(folder, 0o700); err != nil {
			return err
		}
		if err := os.Symlink(program, filepath.Join(folder, ProviderProgram+"_v0.0.1")); err != nil {
			return err
		}
	}
	return c.configure(fmt.Sprintf("filesystem_mirror {\n    path = %q\n  }", mirror))
}

// configure writes where the CLI finds providers.
func (c *CLI) configure(installation string) error {
	return c.Write(configFile, "provider_installation {\n  "+installation+"\n}\n")
}

// Write writes a file into the folder.
func (c *CLI) Write(name, content string) error {
	return os.WriteFile(filepath.Join(c.Folder, name), []byte(content), 0o600)
}

// Command returns a run of the CLI that has not begun. When ctx ends it is interrupted,
// as by Ctrl-C, and after [Grace] killed.
func (c *CLI) Command(ctx context.Context, args ...string) *exec.Cmd {
	cmd := exec.CommandContext(ctx, c.Program, args...) //nolint:gosec // the CLI that the user chose
	cmd.Dir, cmd.Env = c.Folder, c.Env
	cmd.Cancel = func() error { return cmd.Process.Signal(os.Interrupt) }
	cmd.WaitDelay = Grace
	return cmd
}

// ExitCode returns the exit code of a command of which Run or the like returned err. It
// is an error if the command did not begin, or did not end by itself while ctx lasted.
func ExitCode(ctx context.Context, cmd *exec.Cmd, err error) (int, error) {
	if _, ended := errors.AsType[*exec.ExitError](err); err != nil && (!ended || ctx.Err() != nil) {
		return 0, cmp.Or(ctx.Err(), err)
	}
	return cmd.ProcessState.ExitCode(), nil
}
