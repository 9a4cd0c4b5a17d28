//go:build unix

package main

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/opentelekomcloud-community/terraform-provider-modelarts/internal/auth"
	"github.com/opentelekomcloud-community/terraform-provider-modelarts/internal/cli"
	"github.com/opentelekomcloud-community/terraform-provider-modelarts/internal/modelarts"
)

const (
	jobName = "board" // of the job in the configuration
)

// needed are the variables that the simulator has to name.
var needed = []string{"OS_AUTH_URL", "OS_REGION_NAME", "OS_USERNAME", "OS_PASSWORD", "OS_USER_DOMAIN_NAME", "OS_PROJECT_NAME"}

// stage is where the demo plays: a temporary folder with the provider, the
// simulator and a configuration.
type stage struct {
	folder    string
	program   *cli.CLI
	simulator *exec.Cmd
	api       *modelarts.Client // for what happens outside of Terraform
	headings  int
}

func newStage(ctx context.Context) (_ *stage, err error) {
	folder, err := os.MkdirTemp("", "modelarts-demo-")
	if err != nil {
		return nil, err
	}
	s := &stage{folder: folder}
	defer func() {
		if err != nil {
			err = errors.Join(err, s.close())
		}
	}()
	program, err := cli.Find()
	if err != nil {
		return nil, err
	}
	fmt.Printf("CLI:    %s\nFolder: %s (removed at the end)\n", program, folder)
	variables, err := s.startSimulator(ctx)
	if err != nil {
		return nil, err
	}
	s.program = cli.New(program, folder, variables)
	if err := s.installProvider(ctx); err != nil {
		return nil, err
	}
	s.api, err = connect(ctx, variables)
	return s, err
}

// installProvider builds the provider to where terraform init finds it.
func (s *stage) installProvider(ctx context.Context) error {
	built := filepath.Join(s.folder, cli.Provider)
	if err := build(ctx, ".", built); err != nil {
		return err
	}
	return s.program.Mirror(built)
}

func build(ctx context.Context, pkg, to string) error {
	fmt.Printf("Build:  %s\n", pkg)
	return cli.Build(ctx, pkg, to)
}

// startSimulator builds and starts the simulator, and returns the variables that
// it tells its users to set.
func (s *stage) startSimulator(ctx context.Context) (map[string]string, error) {
	program := filepath.Join(s.folder, "modelarts-simulator")
	if err := build(ctx, "./internal/cmd/modelarts-simulator", program); err != nil {
		return nil, err
	}
	// It is ended by close, after the last call of a CLI that is interrupted.
	simulator := exec.Command(program, "-transition", "3s", "-buckets", "training") //nolint:gosec,noctx // our own build, see above
	simulator.SysProcAttr = cli.OwnGroup()
	output, err := simulator.StdoutPipe()
	if err != nil {
		return nil, err
	}
	if err := simulator.Start(); err != nil {
		return nil, err
	}
	s.simulator = simulator
	variables := make(map[string]string)
	lines := bufio.NewScanner(output)
	missing := func(name string) bool { return variables[name] == "" }
	for slices.ContainsFunc(needed, missing) && lines.Scan() {
		name, value, ok := strings.Cut(strings.TrimPrefix(lines.Text(), "export "), "=")
		if !ok {
			return nil, fmt.Errorf("the simulator printed %q", lines.Text())
		}
		variables[name] = strings.Trim(value, "'")
	}
	return variables, lines.Err()
}

// connect returns a client of our own, for what happens outside of Terraform.
func connect(ctx context.Context, variables map[string]string) (*modelarts.Client, error) {
	session, err := auth.Open(ctx, auth.Options{
		AuthURL:     variables["OS_AUTH_URL"],
		Region:      variables["OS_REGION_NAME"],
		UserName:    variables["OS_USERNAME"],
		Password:    variables["OS_PASSWORD"],
		DomainName:  variables["OS_USER_DOMAIN_NAME"],
		ProjectName: variables["OS_PROJECT_NAME"],
		Transport:   http.DefaultTransport,
	})
	if err != nil {
		return nil, err
	}
	return modelarts.NewClient(session.Endpoint, session.ProjectID, session.Transport), nil
}

// close ends the simulator and removes the folder.
func (s *stage) close() error {
	var err error
	if s.simulator != nil {
		err = s.endSimulator()
	}
	return errors.Join(err, os.RemoveAll(s.folder))
}

func (s *stage) endSimulator() error {
	if err := s.simulator.Process.Signal(os.Interrupt); err != nil && !errors.Is(err, os.ErrProcessDone) {
		return err
	}
	timer := time.AfterFunc(cli.Grace, func() { _ = s.simulator.Process.Kill() })
	defer timer.Stop()
	if err := s.simulator.Wait(); err != nil {
		return fmt.Errorf("the simulator did not end cleanly: %w", err)
	}
	return nil
}

func (s *stage) heading(title string) {
	s.headings++
	fmt.Printf("\n━━━ %d. %s\n", s.headings, title)
}

// write writes the configuration of the job with more lines in it, and shows them.
func (s *stage) write(lines ...string) error {
	resource := "resource \"modelarts_visualization_job\" \"board\" {\n" +
		"  name        = \"" + jobName + "\"\n  train_url   = \"/training/run-7/\"\n  " + strings.Join(lines, "\n  ") + "\n}\n"
	fmt.Printf("\n%s", indent(resource))
	return s.program.Write("main.tf", "terraform {\n  required_providers {\n    modelarts = {\n"+
		"      source = \"opentelekomcloud-community/modelarts\"\n    }\n  }\n}\n\n"+resource)
}

// show writes a file and shows it.
func (s *stage) show(name, content string) error {
	fmt.Printf("\n%s", indent(content))
	return s.program.Write(name, content)
}

func (s *stage) removeFile(name string) error {
	return os.Remove(filepath.Join(s.folder, name))
}

// cli runs the CLI, shows and returns what it printed, and checks its exit code.
func (s *stage) cli(ctx context.Context, wantCode int, args ...string) (string, error) {
	fmt.Printf("\n  $ %s %s\n", filepath.Base(s.program.Program), strings.Join(args, " "))
	if args[0] != "state" {
		args = append([]string{args[0], "-no-color"}, args[1:]...)
	}
	cmd := s.program.Command(ctx, args...)
	var output bytes.Buffer
	cmd.Stdout = io.MultiWriter(&output, &indenter{to: os.Stdout})
	cmd.Stderr = cmd.Stdout
	code, err := cli.Run(ctx, cmd)
	if err == nil && code != wantCode {
		err = fmt.Errorf("exit code %d, want %d", code, wantCode)
	}
	return output.String(), err
}

// hasQuery reports whether the CLI has terraform query, and so actions as well.
func (s *stage) hasQuery(ctx context.Context) bool {
	return s.program.Command(ctx, "query", "-help").Run() == nil
}

// job asks the API for the job of the configuration.
func (s *stage) job(ctx context.Context) (*modelarts.VisualizationJob, error) {
	list, err := s.api.ListVisualizationJobs(ctx, modelarts.ListOptions{SearchContent: jobName})
	if err != nil {
		return nil, err
	}
	if len(list.Jobs) != 1 {
		return nil, fmt.Errorf("there are %d jobs %s, want one", len(list.Jobs), jobName)
	}
	return &list.Jobs[0], nil
}

// expect checks the status of the job by asking the API, not Terraform.
func (s *stage) expect(ctx context.Context, want modelarts.Status) error {
	job, err := s.job(ctx)
	if err != nil {
		return err
	}
	if job.Status != want {
		return fmt.Errorf("the API says %s, want %s", job.Status, want)
	}
	fmt.Printf("  The API itself says: job %d is %s.\n", job.ID, job.Status)
	return nil
}

// stopOutside stops the job as a colleague would, past Terraform.
func (s *stage) stopOutside(ctx context.Context) error {
	job, err := s.job(ctx)
	if err != nil {
		return err
	}
	fmt.Printf("\n  Past Terraform: POST /visualization-jobs/%d/stop\n", job.ID)
	if err := s.api.StopVisualizationJob(ctx, job.ID); err != nil {
		return err
	}
	for job.Status != modelarts.StatusKilled {
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(200 * time.Millisecond):
		}
		if job, err = s.job(ctx); err != nil {
			return err
		}
	}
	return s.expect(ctx, modelarts.StatusKilled)
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
