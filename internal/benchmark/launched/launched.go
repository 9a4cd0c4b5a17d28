//go:build unix

// Package launched is what the benchmark and its launcher tell each other.
package launched

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"runtime"
	"syscall"
	"time"
)

// What the launcher is told, as environment variables, which a CLI hands on to its
// providers.
const (
	ProgramVariable = "BENCHMARK_PROVIDER" // the program to start
	UsageVariable   = "BENCHMARK_USAGE"    // the file to append a Usage to
)

// Usage is what a process used that has ended.
type Usage struct {
	CPU    time.Duration // user and system
	Memory int64         // the most that was resident, in bytes
}

// UsageOf returns what the process used.
func UsageOf(ended *os.ProcessState) (Usage, error) {
	kernel, ok := ended.SysUsage().(*syscall.Rusage)
	if !ok {
		return Usage{}, fmt.Errorf("what a process used is %T", ended.SysUsage())
	}
	memory := kernel.Maxrss
	if runtime.GOOS != "darwin" {
		memory *= 1024 // all others count in KiB
	}
	return Usage{CPU: ended.UserTime() + ended.SystemTime(), Memory: memory}, nil
}

// Append appends what the process used to the file.
func Append(file string, ended *os.ProcessState) error {
	usage, err := UsageOf(ended)
	if err != nil {
		return err
	}
	line, err := json.Marshal(usage)
	if err != nil {
		return err
	}
	f, err := os.OpenFile(file, os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o600) //nolint:gosec // the benchmark's own
	if err != nil {
		return err
	}
	_, err = f.Write(append(line, '\n')) // at once: a CLI may have several providers
	return errors.Join(err, f.Close())
}

// Take returns what was appended to the file since the last time.
func Take(file string) ([]Usage, error) {
	f, err := os.Open(file) //nolint:gosec // the benchmark's own
	if errors.Is(err, os.ErrNotExist) {
		return nil, nil // no provider was started
	}
	if err != nil {
		return nil, err
	}
	var all []Usage
	for decoder := json.NewDecoder(f); ; {
		var one Usage
		err = decoder.Decode(&one)
		if err != nil {
			break
		}
		all = append(all, one)
	}
	if errors.Is(err, io.EOF) {
		err = nil
	}
	return all, errors.Join(err, f.Close(), os.Remove(file))
}
