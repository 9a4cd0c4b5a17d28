//go:build unix

package main

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"

	"github.com/opentelekomcloud-community/terraform-provider-modelarts/internal/cli"
)

// process is a provider that does not end with the CLI.
type process struct {
	reattach string // TF_REATTACH_PROVIDERS

	cmd    *exec.Cmd
	in     io.WriteCloser
	out    *bufio.Reader
	errors *os.File
}

// startProcess starts a provider that sees the variables, and ends with ctx at the
// latest. What it prints on its standard error, such as why it crashed, is in the folder.
func startProcess(ctx context.Context, folder string, variables map[string]string) (*process, error) {
	self, err := os.Executable()
	if err != nil {
		return nil, err
	}
	p := &process{cmd: exec.CommandContext(ctx, self, serveArgument)} //nolint:gosec // ourselves
	p.cmd.Cancel, p.cmd.WaitDelay = func() error { return p.in.Close() }, cli.Grace
	p.cmd.Env = cli.Environ()
	for name, value := range variables {
		p.cmd.Env = append(p.cmd.Env, name+"="+value)
	}
	p.cmd.SysProcAttr = cli.OwnGroup()
	if p.errors, err = os.Create(filepath.Join(folder, "provider.log")); err != nil { //nolint:gosec // a folder of the soak
		return nil, err
	}
	p.cmd.Stderr = p.errors
	in, inErr := p.cmd.StdinPipe()
	out, outErr := p.cmd.StdoutPipe()
	if err := errors.Join(inErr, outErr); err != nil {
		return nil, err
	}
	p.in, p.out = in, bufio.NewReader(out)
	if err := p.cmd.Start(); err != nil {
		return nil, err
	}
	if p.reattach, err = p.out.ReadString('\n'); err != nil {
		return nil, errors.Join(fmt.Errorf("the provider did not start, see %s: %w", p.errors.Name(), err), p.close())
	}
	return p, nil
}

// ask has the process do something, and returns what it answered.
func (p *process) ask(command string) (string, error) {
	_, err := fmt.Fprintln(p.in, command)
	var answer string
	if err == nil {
		answer, err = p.out.ReadString('\n')
	}
	if err != nil {
		return "", fmt.Errorf("the provider's process has ended, see %s: %w", p.errors.Name(), err)
	}
	return answer, nil
}

// sample looks at the process.
func (p *process) sample() (s sample, err error) {
	answer, err := p.ask(sampleCommand)
	if err != nil {
		return s, err
	}
	return s, json.Unmarshal([]byte(answer), &s)
}

// profile writes profiles of the process into the folder.
func (p *process) profile(folder string) error {
	_, err := p.ask(profileCommand + folder)
	return err
}

func (p *process) close() error {
	_ = p.in.Close() // it may be closed, as the end of a context does it as well
	return errors.Join(p.cmd.Wait(), p.errors.Close())
}
