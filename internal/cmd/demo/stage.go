//go:build unix

package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/opentelekomcloud-community/terraform-provider-modelarts/internal/acctest"
	"github.com/opentelekomcloud-community/terraform-provider-modelarts/internal/modelarts"
	"github.com/opentelekomcloud-community/terraform-provider-modelarts/internal/simulator"
)

// jobName is the name of the job that the steps follow.
const jobName = "board"

// stage is a temporary folder with the provider and a configuration, and the simulator.
type stage struct {
	out     *screen
	program *acctest.CLI
	server  *simulator.Server
}

func newStage(ctx context.Context, out *screen) (*stage, error) {
	program, err := acctest.FindCLI()
	if err != nil {
		return nil, err
	}
	server, err := simulator.Start(simulator.Options{Transition: 2 * time.Second, Buckets: []string{"training"}}) //nolint:contextcheck // close ends it
	if err != nil {
		return nil, err
	}
	folder, err := os.MkdirTemp("", "modelarts-demo-")
	s := &stage{out, acctest.NewCLI(program, folder, server.Env()), server}
	if err == nil {
		version, _ := s.program.Command(ctx, "version").Output() // the first command of the demo fails as well
		name, _, _ := strings.Cut(string(version), "\n")
		out.print(plain, "%s runs this provider. A simulator on this machine stands in for the cloud.\n", name)
		built := filepath.Join(folder, acctest.ProviderProgram)
		err = errors.Join(acctest.Build(ctx, ".", built), s.program.Override(map[string]string{acctest.ProviderSource: folder}))
	}
	if err != nil {
		s.close()
		return nil, err
	}
	return s, nil
}

// close ends the simulator and removes the folder.
func (s *stage) close() {
	s.server.Close()
	_ = os.RemoveAll(s.program.Folder) // a temporary folder
}

// hasQuery reports whether the CLI has terraform query, and so actions as well.
func (s *stage) hasQuery(ctx context.Context) bool {
	return s.program.Command(ctx, "query", "-help").Run() == nil
}

// job returns the job that the steps follow as the simulator has it.
func (s *stage) job() (simulator.Job, error) {
	jobs := slices.DeleteFunc(s.server.Jobs(), func(job simulator.Job) bool { return job.Name != jobName })
	if len(jobs) != 1 {
		return simulator.Job{}, fmt.Errorf("there are %d jobs %s, want one", len(jobs), jobName)
	}
	return jobs[0], nil
}

// action is one thing that the demo does, shows and checks.
type action func(context.Context, *stage) error

// write writes a file and shows it.
func write(name, content string) action {
	return func(_ context.Context, s *stage) error {
		s.out.file(content)
		return s.program.Write(name, content)
	}
}

// writeJob writes the configuration of the job.
func writeJob(running string) action {
	return func(ctx context.Context, s *stage) error {
		if err := s.program.Write("terraform.tf", "terraform {\n  required_providers {\n    modelarts = {\n"+
			"      source = \""+acctest.ProviderSource+"\"\n    }\n  }\n}\n"); err != nil {
			return err
		}
		return write("main.tf", "resource \"modelarts_visualization_job\" \"board\" {\n  name      = \""+jobName+
			"\"\n  train_url = \"/training/run-7/\"\n  running   = "+running+"\n}\n")(ctx, s)
	}
}

// show shows the first block of a file that the CLI has written, without comments and unset arguments.
func show(name string) action {
	return func(_ context.Context, s *stage) error {
		content, err := os.ReadFile(filepath.Join(s.program.Folder, name)) //nolint:gosec // a folder of the demo
		if !s.out.verbose {
			content, _, _ = bytes.Cut(bytes.TrimSpace(noise.ReplaceAll(content, nil)), []byte("\n\n"))
			content = fmt.Appendf(nil, "%s\n…\n", content)
		}
		s.out.file(string(content))
		return err
	}
}

// noise matches comments and unset arguments of generated configuration.
var noise = regexp.MustCompile(`(?m)^#.*\n|^.* = null\n`)

func remove(name string) action {
	return func(_ context.Context, s *stage) error { return os.Remove(filepath.Join(s.program.Folder, name)) }
}

// cli runs the CLI, shows its output, and checks its exit code and that the output has a text.
func cli(wantCode int, wantText string, args ...string) action {
	return func(ctx context.Context, s *stage) error {
		s.out.print(command, "\n  $ %s %s\n", filepath.Base(s.program.Program), strings.Join(args, " "))
		if args[0] == "apply" || args[0] == "destroy" {
			args = append(slices.Clone(args), "-auto-approve")
		}
		cmd := s.program.Command(ctx, args...)
		var all bytes.Buffer
		cmd.Stdout = io.MultiWriter(&all, &output{screen: s.out})
		cmd.Stderr = cmd.Stdout
		code, err := acctest.RunInGroup(ctx, cmd)
		text := sgr.ReplaceAllString(all.String(), "")
		switch {
		case err != nil:
			return err
		case code != wantCode:
			return fmt.Errorf("exit code %d, want %d:\n%s", code, wantCode, text)
		case !strings.Contains(text, wantText):
			return fmt.Errorf("the output does not have %q:\n%s", wantText, text)
		}
		return nil
	}
}

// wait waits, so that a step can be read.
func wait(pause time.Duration) action {
	return func(ctx context.Context, _ *stage) error {
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(pause):
			return nil
		}
	}
}

// expect checks the status of the job in the simulator.
func expect(status int) action {
	return func(_ context.Context, s *stage) error {
		job, err := s.job()
		if err == nil && job.Status != status {
			err = fmt.Errorf("job %d is %s, want %s", job.ID, modelarts.Status(job.Status), modelarts.Status(status))
		}
		if err == nil {
			s.out.print(good, "  ✓ In the simulator, job %d is %s.\n", job.ID, modelarts.Status(job.Status))
		}
		return err
	}
}

func expectNone(_ context.Context, s *stage) error {
	if jobs := s.server.Jobs(); len(jobs) > 0 {
		return fmt.Errorf("%d jobs are left", len(jobs))
	}
	s.out.print(good, "  ✓ In the simulator, no job is left.\n")
	return nil
}

// stopOutside stops the job without Terraform.
func stopOutside(_ context.Context, s *stage) error {
	job, err := s.job()
	if err != nil {
		return err
	}
	s.server.SetStatus(job.ID, simulator.StatusKilled)
	s.out.print(event, "\n  Outside Terraform, job %d is stopped.\n", job.ID)
	return nil
}

// createOutside creates a job without Terraform.
func createOutside(_ context.Context, s *stage) error {
	id := s.server.AddJob(simulator.Job{Name: "found", TrainURL: "/training/run-8/", Status: simulator.StatusRunning})
	s.out.print(event, "\n  Outside Terraform, job %d is created.\n", id)
	return nil
}
