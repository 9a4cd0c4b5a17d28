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
	"slices"
	"strings"
	"time"

	"github.com/opentelekomcloud-community/terraform-provider-modelarts/internal/acctest"
	"github.com/opentelekomcloud-community/terraform-provider-modelarts/internal/modelarts"
	"github.com/opentelekomcloud-community/terraform-provider-modelarts/internal/simulator"
)

const (
	address = "modelarts_visualization_job.board"
	jobName = "board" // of the job at the address
	jobID   = "JOB"   // stands for the ID of the job in the arguments of cli
)

// stage is a temporary folder with the provider and a configuration, and the simulator.
type stage struct {
	program *acctest.CLI
	server  *simulator.Server
}

func newStage(ctx context.Context) (*stage, error) {
	program, err := acctest.FindCLI()
	if err != nil {
		return nil, err
	}
	server, err := simulator.Start(simulator.Options{Transition: 3 * time.Second, Buckets: []string{"training"}}) //nolint:contextcheck // close ends it
	if err != nil {
		return nil, err
	}
	folder, err := os.MkdirTemp("", "modelarts-demo-")
	s := &stage{acctest.NewCLI(program, folder, server.Env()), server}
	if err == nil {
		fmt.Printf("CLI:    %s\nFolder: %s (removed at the end)\nBuild:  the provider\n", program, folder)
		built := filepath.Join(folder, acctest.ProviderProgram)
		err = errors.Join(acctest.Build(ctx, ".", built), s.program.Mirror(built))
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

// job returns the job at the address as the simulator has it.
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
		fmt.Printf("\n%s", indent(content))
		return s.program.Write(name, content)
	}
}

// writeJob writes the configuration of the job with one more line.
func writeJob(line string) action {
	return func(ctx context.Context, s *stage) error {
		if err := s.program.Write("terraform.tf", "terraform {\n  required_providers {\n    modelarts = {\n"+
			"      source = \""+acctest.ProviderSource+"\"\n    }\n  }\n}\n"); err != nil {
			return err
		}
		return write("main.tf", "resource \"modelarts_visualization_job\" \"board\" {\n  name        = \""+jobName+
			"\"\n  train_url   = \"/training/run-7/\"\n  description = \"training run 7\"\n"+line+"}\n")(ctx, s)
	}
}

// show shows a file that the CLI has written.
func show(name string) action {
	return func(_ context.Context, s *stage) error {
		content, err := os.ReadFile(filepath.Join(s.program.Folder, name)) //nolint:gosec // a folder of the demo
		fmt.Printf("\n%s", indent(string(content)))
		return err
	}
}

func remove(name string) action {
	return func(_ context.Context, s *stage) error { return os.Remove(filepath.Join(s.program.Folder, name)) }
}

// cli runs the CLI, shows its output, and checks its exit code and that the output has a text.
func cli(wantCode int, wantText string, args ...string) action {
	return func(ctx context.Context, s *stage) error {
		args := slices.Clone(args)
		if last := len(args) - 1; args[last] == jobID {
			job, err := s.job()
			if err != nil {
				return err
			}
			args[last] = fmt.Sprint(job.ID)
		}
		fmt.Printf("\n  $ %s %s\n", filepath.Base(s.program.Program), strings.Join(args, " "))
		if args[0] != "state" {
			args = slices.Insert(args, 1, "-no-color")
		}
		cmd := s.program.Command(ctx, args...)
		var output bytes.Buffer
		cmd.Stdout = io.MultiWriter(&output, &indenter{to: os.Stdout})
		cmd.Stderr = cmd.Stdout
		code, err := acctest.RunInGroup(ctx, cmd)
		switch {
		case err != nil:
			return err
		case code != wantCode:
			return fmt.Errorf("exit code %d, want %d", code, wantCode)
		case !strings.Contains(output.String(), wantText):
			return fmt.Errorf("the output does not have %q", wantText)
		}
		return nil
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
			fmt.Printf("  The simulator says: job %d is %s.\n", job.ID, modelarts.Status(job.Status))
		}
		return err
	}
}

func expectNone(_ context.Context, s *stage) error {
	if jobs := s.server.Jobs(); len(jobs) > 0 {
		return fmt.Errorf("%d jobs are left", len(jobs))
	}
	fmt.Println("  The simulator says: no job is left.")
	return nil
}

// stopOutside stops the job without Terraform.
func stopOutside(ctx context.Context, s *stage) error {
	job, err := s.job()
	if err != nil {
		return err
	}
	fmt.Printf("\n  Without Terraform: job %d is stopped.\n", job.ID)
	s.server.SetStatus(job.ID, simulator.StatusKilled)
	return expect(simulator.StatusKilled)(ctx, s)
}

// createOutside creates a job without Terraform.
func createOutside(_ context.Context, s *stage) error {
	id := s.server.AddJob(simulator.Job{Name: "found", TrainURL: "/training/run-8/", Status: simulator.StatusRunning})
	fmt.Printf("\n  Without Terraform: job %d is created.\n", id)
	return nil
}

func indent(text string) string {
	return "  │ " + strings.ReplaceAll(strings.TrimRight(text, "\n"), "\n", "\n  │ ") + "\n"
}

// indenter writes lines with a bar before them, and leaves out empty ones.
type indenter struct {
	to   io.Writer
	line []byte
}

// Write implements io.Writer.
func (i *indenter) Write(p []byte) (int, error) {
	i.line = append(i.line, p...)
	for {
		line, rest, found := bytes.Cut(i.line, []byte("\n"))
		if !found {
			return len(p), nil
		}
		i.line = rest
		if len(bytes.TrimSpace(line)) == 0 {
			continue
		}
		if _, err := fmt.Fprintf(i.to, "  │ %s\n", line); err != nil {
			return 0, err
		}
	}
}
