//go:build unix

package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"time"

	"github.com/opentelekomcloud-community/terraform-provider-modelarts/internal/cli"
	"github.com/opentelekomcloud-community/terraform-provider-modelarts/internal/simulator"
)

const (
	// mostTurns is how many turns of plan and apply a round may take.
	mostTurns = 12
	// ownEach is every how many rounds the CLI starts the provider itself, and firstOwn the
	// first of them.
	ownEach, firstOwn = 5, 2

	planFile = "soak.tfplan"
	logFile  = "cli.log"
)

// soak is a run.
type soak struct {
	settings

	out       io.Writer
	began     time.Time
	folder    string // of everything; removed in the end, unless something went wrong
	gateway   *gateway
	process   *process
	ordinary  *cli.CLI // starts the provider
	attached  *cli.CLI // finds the one that is there
	log       *os.File // what the CLI printed
	fleet     *fleet
	world     *rand.Rand
	ids       []int64 // of the jobs, in the order of their keys
	strangers map[int64]simulator.Job
	samples   []sample
}

// newSoak finds the CLI, builds the provider, and starts it and the simulator. The caller
// has to close it.
func newSoak(ctx context.Context, s settings, out io.Writer) (*soak, error) {
	program, err := cli.Find()
	if err != nil {
		return nil, err
	}
	release, err := cli.ReleaseOf(ctx, program)
	if err != nil {
		return nil, err
	}
	folder, err := os.MkdirTemp("", "modelarts-soak-")
	if err != nil {
		return nil, err
	}
	k := &soak{settings: s, out: out, folder: folder, fleet: newFleet(s.jobs, s.random(1)), world: s.random(2)}
	if err := k.prepare(ctx, program); err != nil {
		return nil, errors.Join(err, k.close(false))
	}
	return k, k.print(fmt.Sprintf("%s, %d jobs, %.1f %% faults, for %s, an hour of a schedule is %s: -seed %d\n",
		release, s.jobs, 100*s.faults, s.length, hour, s.seed))
}

// prepare makes all that is used, for the CLI of this path.
func (k *soak) prepare(ctx context.Context, program string) (err error) {
	if k.log, err = os.Create(filepath.Join(k.folder, logFile)); err != nil {
		return err
	}
	providers := filepath.Join(k.folder, "providers")
	if err := cli.Build(ctx, ".", filepath.Join(providers, cli.Provider)); err != nil {
		return err
	}
	if k.gateway, err = startGateway(ctx, k.jobs, k.random(3)); err != nil {
		return err
	}
	k.strangers = k.gateway.addStrangers()
	if k.process, err = startProcess(ctx, k.folder, k.gateway.EnvAt(k.gateway.url)); err != nil {
		return err
	}
	k.ordinary = cli.New(program, k.folder, k.gateway.EnvAt(k.gateway.url))
	k.attached = cli.New(program, k.folder, map[string]string{"TF_REATTACH_PROVIDERS": strings.TrimSpace(k.process.reattach)})
	return errors.Join(k.ordinary.Override(map[string]string{cli.Source: providers}),
		k.ordinary.Write("main.tf", config(blocks(k.jobs))))
}

// close ends what runs. What was printed stays when it tells why something went wrong.
func (k *soak) close(keep bool) error {
	var err error
	if k.process != nil {
		err = k.process.close()
	}
	if k.gateway != nil {
		err = errors.Join(err, k.gateway.server.Close())
	}
	if k.log != nil {
		err = errors.Join(err, k.log.Close())
	}
	if keep {
		_, said := fmt.Fprintf(k.out, "\nWhat there was, %s above all, is in %s.\n", logFile, k.folder)
		return errors.Join(err, said)
	}
	return errors.Join(err, os.RemoveAll(k.folder)) //nolint:gosec // made by MkdirTemp
}

// rounds goes on until the time is over, and then destroys everything.
func (k *soak) rounds(ctx context.Context) error {
	k.began = time.Now()
	if err := k.print(rowHead); err != nil {
		return err
	}
	for number := 1; number == 1 || time.Since(k.began) < k.length; number++ {
		if err := k.round(ctx, number); err != nil {
			return fmt.Errorf("round %d: %w", number, err)
		}
	}
	if err := k.destroy(ctx); err != nil {
		return fmt.Errorf("destroy: %w", err)
	}
	return nil
}

// round changes the configuration and the world, has the CLI bring both together while
// calls go wrong, and looks whether that is how it is.
func (k *soak) round(ctx context.Context, number int) error {
	r := row{round: fmt.Sprint(number), changes: k.jobs, provider: "attached"}
	c := k.attached
	if number%ownEach == firstOwn {
		r.provider, c = "started", k.ordinary
	}
	if number > 1 {
		r.changes = k.gateway.meddle(k.ids, k.world) + k.fleet.change()
	}
	jobs, err := k.fleet.content()
	if err != nil {
		return err
	}
	if err := c.Write(jobsFile, jobs); err != nil {
		return err
	}
	share := k.faults
	if number == 1 && k.short {
		share = 0
	}
	if err := k.measure(&r, share, func() error { return k.converge(ctx, c, &r) }); err != nil {
		return err
	}
	if err := k.run(ctx, c, "plan", "-detailed-exitcode", "-input=false", "-no-color"); err != nil {
		return fmt.Errorf("after it converged there is something left to do, or to complain about: %w", err)
	}
	if err := k.compare(); err != nil {
		return err
	}
	if c == k.attached {
		r.sample = k.samples[len(k.samples)-1]
	}
	return k.print(r.String())
}

// measure does something while this share of the calls goes wrong.
func (k *soak) measure(r *row, share float64, something func() error) error {
	calls, faults := k.gateway.count()
	began := time.Now()
	k.gateway.disturb(share)
	err := something()
	k.gateway.disturb(0)
	r.took = time.Since(began)
	r.hours = time.Since(k.began).Hours() * float64(time.Hour/hour)
	after, happened := k.gateway.count()
	r.calls, r.faults = after-calls, happened-faults
	return err
}

// converge plans and applies in turn, until an apply succeeds.
func (k *soak) converge(ctx context.Context, c *cli.CLI, r *row) error {
	for range mostTurns {
		var failed *failure
		r.plans++
		err := k.run(ctx, c, "plan", "-out="+planFile, "-input=false", "-no-color", parallelism)
		if err == nil {
			r.applies++
			err = k.run(ctx, c, "apply", "-input=false", "-no-color", parallelism, planFile)
		}
		if !errors.As(err, &failed) || failed.crashed {
			return err
		}
	}
	return fmt.Errorf("it did not converge in %d turns of plan and apply", mostTurns)
}

// parallelism is how many jobs the CLI works on at once: enough for a thousand of them to
// be created in minutes.
const parallelism = "-parallelism=100"

// destroy destroys everything, while calls go wrong, and looks whether that is so.
func (k *soak) destroy(ctx context.Context) error {
	r := row{round: "end", changes: len(k.fleet.jobs), provider: "attached"}
	clear(k.fleet.jobs)
	if err := k.measure(&r, k.faults, func() error {
		for range mostTurns {
			var failed *failure
			r.applies++
			err := k.run(ctx, k.attached, "destroy", "-auto-approve", "-input=false", "-no-color", parallelism)
			if !errors.As(err, &failed) || failed.crashed {
				return err
			}
		}
		return fmt.Errorf("it took more than %d runs", mostTurns)
	}); err != nil {
		return err
	}
	r.sample = k.samples[len(k.samples)-1]
	return errors.Join(k.print(r.String()), k.compare())
}

// failure is a run of the CLI that had another exit code than 0.
type failure struct {
	args    []string
	code    int
	crashed bool
	output  string
}

// Error tells how the run ended, and the last that it printed.
func (f *failure) Error() string {
	const most = 4000
	told := strings.TrimSpace(f.output)
	if len(told) > most {
		told = "[...]\n" + strings.ToValidUTF8(told[len(told)-most:], "")
	}
	return fmt.Sprintf("%s: exit code %d\n%s", strings.Join(f.args, " "), f.code, told)
}

// crashes are words that no output may have, whatever goes wrong.
var crashes = regexp.MustCompile(`(?i)panic:|plugin.*crashed|stack trace|this is a bug|inconsistent result|unexpected new value|` +
	`goroutine \d|plugin did not respond|provider produced|invalid plan`)

// run runs the CLI, and looks at the provider's process when it has done its part.
func (k *soak) run(ctx context.Context, c *cli.CLI, args ...string) error {
	cmd := c.Command(ctx, args...)
	var output bytes.Buffer
	cmd.Stdout, cmd.Stderr = &output, &output
	began := time.Now()
	code, err := cli.Run(ctx, cmd)
	if err != nil {
		return fmt.Errorf("%s: %w", strings.Join(args, " "), err)
	}
	if _, err := fmt.Fprintf(k.log, "\n$ %s\n%s(exit code %d after %s)\n", strings.Join(args, " "), &output, code, time.Since(began)); err != nil {
		return err
	}
	if c == k.attached {
		s, err := k.idle(ctx)
		if err != nil {
			return err
		}
		s.at = time.Since(k.began)
		k.samples = append(k.samples, s)
	}
	f := &failure{args: args, code: code, output: output.String()}
	if f.crashed = crashes.MatchString(f.output); f.crashed || code != 0 {
		return f
	}
	return nil
}

// compare looks whether everything is as configured.
func (k *soak) compare() error {
	content, err := os.ReadFile(filepath.Join(k.folder, stateFile)) //nolint:gosec // made by MkdirTemp
	if err != nil {
		return err
	}
	state, err := readState(content)
	if err != nil {
		return err
	}
	if wrong := compare(k.fleet.jobs, state, k.gateway.Jobs(), k.strangers); len(wrong) > 0 {
		return fmt.Errorf("%d things are wrong:\n%s", len(wrong), strings.Join(wrong, "\n"))
	}
	k.ids = idsOf(state)
	return nil
}

// idle returns what the provider's process has when it has come to rest after a run.
func (k *soak) idle(ctx context.Context) (s sample, err error) {
	const looks, pause = 30, 200 * time.Millisecond
	for look := range looks {
		before := s
		if s, err = k.process.sample(); err != nil {
			return s, err
		}
		s.connections, s.idle = k.gateway.connections()
		if look > 0 && s.own() >= before.own() {
			break
		}
		timer := time.NewTimer(pause)
		select {
		case <-ctx.Done():
			return s, ctx.Err()
		case <-timer.C:
		}
	}
	return s, nil
}

// verdict tells whether the provider's process stayed as it was.
func (k *soak) verdict() error {
	if err := k.print(k.gateway.summary()); err != nil {
		return err
	}
	judgements := judge(k.samples)
	grows, long := false, false
	for _, j := range judgements {
		grows, long = grows || !j.flat(), long || j.what == heapOfProcess
		if err := k.print(j.String()); err != nil {
			return err
		}
	}
	if grows {
		return errors.Join(k.process.profile(k.folder),
			fmt.Errorf("the provider grows: see %s and %s in %s", goroutineProfile, heapProfile, k.folder))
	}
	switch {
	case long:
		return k.print("Nothing was lost, and nothing grows.")
	case len(judgements) > 0:
		return k.print("Nothing was lost. The soak was too short to tell whether the memory grows.")
	default:
		return k.print("Nothing was lost. The soak was too short to tell whether anything grows.")
	}
}

func (k *soak) print(line string) error {
	_, err := fmt.Fprintln(k.out, line)
	return err
}
