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
	"path/filepath"
	"runtime"
	"runtime/pprof"
	"strings"

	"github.com/hashicorp/go-hclog"
	"github.com/hashicorp/go-plugin"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6/tf6server"

	"github.com/opentelekomcloud-community/terraform-provider-modelarts/internal/cli"
	"github.com/opentelekomcloud-community/terraform-provider-modelarts/internal/provider"
)

const (
	// serveArgument makes of the soak a provider that does not end with the CLI.
	serveArgument = "serve"

	// What it does when a line says so. It answers each with a line.
	sampleCommand  = "sample"
	profileCommand = "profile " // and the folder

	// The profiles, in their folder.
	goroutineProfile, heapProfile = "goroutines.txt", "heap.pprof"
)

// serve serves the provider until in ends. The first line on out is for the environment of
// a CLI.
func serve(in io.Reader, out io.Writer) error {
	provider.PrepareProcess()
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	attach, ended := make(chan *plugin.ReattachConfig, 1), make(chan struct{})
	served := provider.NewServer("soak")
	failed := make(chan error, 1)
	go func() {
		failed <- tf6server.Serve(provider.Address, func() tfprotov6.ProviderServer { return served },
			tf6server.WithDebug(ctx, attach, ended), tf6server.WithGoPluginLogger(hclog.NewNullLogger()))
	}()
	select {
	case config := <-attach:
		if err := json.NewEncoder(out).Encode(reattach(config)); err != nil {
			return err
		}
	case err := <-failed:
		return fmt.Errorf("the provider was not served: %w", err)
	}
	for lines := bufio.NewScanner(in); lines.Scan(); {
		if err := obey(ctx, served, lines.Text(), out); err != nil {
			return err
		}
	}
	return nil
}

// reattach returns what TF_REATTACH_PROVIDERS has to be. Terraform and OpenTofu look for
// the provider in registries of different names.
func reattach(config *plugin.ReattachConfig) map[string]any {
	one := map[string]any{
		"Protocol": config.Protocol, "ProtocolVersion": config.ProtocolVersion, "Pid": config.Pid, "Test": config.Test,
		"Addr": map[string]string{"Network": config.Addr.Network(), "String": config.Addr.String()},
	}
	return map[string]any{"registry.terraform.io/" + cli.Source: one, "registry.opentofu.org/" + cli.Source: one}
}

func obey(ctx context.Context, served tfprotov6.ProviderServer, command string, out io.Writer) error {
	if folder, ok := strings.CutPrefix(command, profileCommand); ok {
		if err := writeProfiles(folder); err != nil {
			return err
		}
		_, err := fmt.Fprintln(out, "done")
		return err
	}
	if command != sampleCommand {
		return fmt.Errorf("unknown command %q", command)
	}
	s := sample{Goroutines: runtime.NumGoroutine()}
	descriptors, err := os.ReadDir("/dev/fd")
	if err != nil {
		return err
	}
	s.Descriptors = len(descriptors)
	// The framework keeps something of every call until it is told to stop, which a CLI
	// does not tell a provider that it did not start. That would be all that is seen to grow.
	if _, err := served.StopProvider(ctx, &tfprotov6.StopProviderRequest{}); err != nil {
		return err
	}
	runtime.GC()
	runtime.GC() // what had a finalizer
	var memory runtime.MemStats
	runtime.ReadMemStats(&memory)
	s.Heap = int64(memory.HeapAlloc) //nolint:gosec // fits
	return json.NewEncoder(out).Encode(s)
}

// writeProfiles writes what there is of goroutines and memory.
func writeProfiles(folder string) error {
	for name, profile := range map[string]struct {
		name  string
		debug int
	}{goroutineProfile: {"goroutine", 1}, heapProfile: {"heap", 0}} {
		file, err := os.Create(filepath.Join(folder, name)) //nolint:gosec // a folder of the soak
		if err != nil {
			return err
		}
		if err := errors.Join(pprof.Lookup(profile.name).WriteTo(file, profile.debug), file.Close()); err != nil {
			return err
		}
	}
	return nil
}
