//go:build unix

package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"time"

	"github.com/hashicorp/go-hclog"
	"github.com/hashicorp/go-plugin"
	"google.golang.org/protobuf/types/known/emptypb"

	"github.com/opentelekomcloud-community/terraform-provider-modelarts/internal/cli"
)

// start is how a contestant starts.
type start struct {
	contestant string
	size       int64 // of the program, in bytes
	times      []time.Duration
}

func (s *start) time() time.Duration { return median(s.times) }

// startOf returns what was measured, or nil.
func (r *results) startOf(contestant string) *start {
	for i := range r.starts {
		if one := &r.starts[i]; one.contestant == contestant {
			return one
		}
	}
	return nil
}

// starts measures how long it takes until a provider has served its schema.
func (b *bench) starts(ctx context.Context, r *results) error {
	r.starts = []start{{contestant: scaffolding}, {contestant: doNothing}, {contestant: ours}}
	for i := range r.starts {
		info, err := os.Stat(b.programs[r.starts[i].contestant])
		if err != nil {
			return err
		}
		r.starts[i].size = info.Size()
	}
	progress("start each provider %d times", b.startRuns)
	for run := range b.startRuns + 1 {
		for i := range r.starts {
			one := &r.starts[i]
			took, err := timeStart(ctx, b.programs[one.contestant], kindOf(one.contestant).resource)
			if err != nil {
				return fmt.Errorf("start %s: %w", one.contestant, err)
			}
			if run > 0 { // the first one reads the program from the disk
				one.times = append(one.times, took)
			}
		}
	}
	return nil
}

// getSchema is the call that every CLI makes first.
const getSchema = "/tfplugin6.Provider/GetProviderSchema"

// timeStart starts a provider as a CLI does, and returns how long it took from there
// until the schema was here. The key that the client makes for the connection is in it,
// for all contestants alike.
func timeStart(ctx context.Context, program, resource string) (time.Duration, error) {
	cmd := exec.CommandContext(ctx, program)
	cmd.Env = cli.Environ()
	client := plugin.NewClient(&plugin.ClientConfig{
		HandshakeConfig: plugin.HandshakeConfig{
			MagicCookieKey:   "TF_PLUGIN_MAGIC_COOKIE",
			MagicCookieValue: "d602bf8f470bc67ca7faa0386276bbdd4330efaf76d1a219cb4d6991ca9872b2",
		},
		VersionedPlugins: map[int]plugin.PluginSet{6: {}},
		AllowedProtocols: []plugin.Protocol{plugin.ProtocolGRPC},
		Cmd:              cmd,
		SkipHostEnv:      true,
		AutoMTLS:         true,
		Logger:           hclog.NewNullLogger(),
	})
	defer client.Kill()

	began := time.Now()
	protocol, err := client.Client()
	if err != nil {
		return 0, err
	}
	connection, ok := protocol.(*plugin.GRPCClient)
	if !ok {
		return 0, fmt.Errorf("the provider speaks through a %T", protocol)
	}
	// The schema is kept undecoded, as what is not known of an empty message.
	var answer emptypb.Empty
	if err := connection.Conn.Invoke(ctx, getSchema, &emptypb.Empty{}, &answer); err != nil {
		return 0, err
	}
	took := time.Since(began)
	if !bytes.Contains(answer.ProtoReflect().GetUnknown(), []byte(resource)) {
		return 0, errors.New("the provider serves another schema")
	}
	return took, nil
}

func startTable(r *results) *table {
	t := &table{
		title: "Start: from the start of the process to the schema",
		head:  []string{"provider", "starts", "time ms", "times scaffolding", "size MB", "times scaffolding"},
	}
	bare := r.startOf(scaffolding)
	for i := range r.starts {
		one := &r.starts[i]
		t.add(one.contestant, len(one.times), fmt.Sprintf("%.1f", float64(one.time().Microseconds())/1000),
			formatRatio(ratio(one.time(), bare.time())), megabytes(one.size), formatRatio(ratio(one.size, bare.size)))
	}
	return t
}
