package visualizationjob_test

import (
	"context"
	"fmt"
	"runtime/debug"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	frameworkprovider "github.com/hashicorp/terraform-plugin-framework/provider"
	"github.com/hashicorp/terraform-plugin-framework/providerserver"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/opentelekomcloud-community/terraform-provider-modelarts/internal/lifecycle"
	"github.com/opentelekomcloud-community/terraform-provider-modelarts/internal/modelarts"
	"github.com/opentelekomcloud-community/terraform-provider-modelarts/internal/provider"
	"github.com/opentelekomcloud-community/terraform-provider-modelarts/internal/simulator"
	"github.com/opentelekomcloud-community/terraform-provider-modelarts/internal/visualizationjob"
)

// grace is the time in which an interrupted operation has to return.
const grace = time.Second

// bareProvider is the provider with a client instead of a configuration.
type bareProvider struct {
	*provider.Provider
	data *visualizationjob.ProviderData
}

func newBareProvider(data *visualizationjob.ProviderData) *bareProvider {
	return &bareProvider{provider.New("test")().(*provider.Provider), data}
}

// Schema implements provider.Provider.
func (*bareProvider) Schema(context.Context, frameworkprovider.SchemaRequest, *frameworkprovider.SchemaResponse) {
}

// Configure implements provider.Provider.
func (p *bareProvider) Configure(_ context.Context, _ frameworkprovider.ConfigureRequest, resp *frameworkprovider.ConfigureResponse) {
	resp.ResourceData, resp.DataSourceData, resp.ListResourceData, resp.ActionData = p.data, p.data, p.data, p.data
}

// ending is how a run is interrupted.
type ending string

const (
	endsByItself ending = ""
	// endStop is one Ctrl-C: Terraform asks the provider to stop, and waits for the responses.
	endStop ending = "stop"
	// endCancel cancels the context of the RPCs instead.
	endCancel ending = "cancel"
	// endKill is SIGKILL of the provider or of Terraform, which receives no response then.
	endKill ending = "kill"
)

// process is a provider as Terraform starts one for each walk of its graph.
type process struct {
	*network
	*protocol

	scenario *scenario
	ctx      context.Context // of all RPCs, as of a gRPC connection
	cancel   context.CancelFunc
	stopping sync.Once

	mu    sync.Mutex
	ended time.Time // when it was interrupted or killed; zero when it was not
}

// start starts a provider with max_retries.
func (sc *scenario) start(retries int) *process {
	p := &process{scenario: sc, network: newNetwork(sc.t, sc.sim, sc.token, sc.panicked)}
	p.ctx, p.cancel = context.WithCancel(sc.t.Context())
	client := modelarts.NewClient(endpointInMemory, simulator.DefaultProjectID, p.network, modelarts.Options{MaxRetries: retries})
	served := *sc.protocol
	p.protocol = &served
	p.t = reporter{sc.t, sc, p.ctx}
	p.provider = providerserver.NewProtocol6(newBareProvider(&visualizationjob.ProviderData{
		Controller: lifecycle.New(sc.t.Context(), client), ProjectID: simulator.DefaultProjectID,
	}))()
	config := p.encode(tftypes.Object{}, attrs{})
	p.wantNone(send(p.protocol, p.provider.ConfigureProvider, &tfprotov6.ConfigureProviderRequest{Config: config}).Diagnostics)
	return p
}

// reporter is the test of a process: it reports to the scenario, and its context ends with the process.
type reporter struct {
	testing.TB

	scenario *scenario
	ctx      context.Context
}

func (r reporter) Errorf(format string, args ...any) { r.scenario.failf(format, args...) }
func (r reporter) Fatal(args ...any)                 { panic(fmt.Sprint(args...)) }
func (r reporter) Context() context.Context          { return r.ctx }

func (sc *scenario) panicked(v any) { sc.failf("the simulator panicked: %v\n%s", v, debug.Stack()) }

// end interrupts or kills the process, once.
func (p *process) end(how ending) {
	p.stopping.Do(func() {
		p.mu.Lock()
		p.ended = time.Now()
		p.mu.Unlock()
		p.scenario.notef("%s", how)
		switch how {
		case endStop:
			// The framework doesn't cancel an RPC that arrives after the stop.
			<-time.After(time.Millisecond)
			p.stop()
		case endKill:
			p.kill()
			p.cancel()
		default:
			p.cancel()
		}
	})
}

// isEnding reports whether the process was interrupted or killed.
func (p *process) isEnding() bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return !p.ended.IsZero()
}

// rpc is one request to the provider.
type rpc struct {
	name  string
	diags []*tfprotov6.Diagnostic

	existed map[int64]bool // the jobs before a create
}

// call sends a request to the provider and reports whether Terraform received the response. It checks the time that an
// interrupted request takes, and each diagnostic.
func (p *process) call(c *rpc, do func()) (arrived bool) {
	sc, begun := p.scenario, time.Now()
	defer func() {
		if v := recover(); v != nil {
			sc.failf("%s panicked: %v\n%s", c.name, v, debug.Stack())
			arrived = false
		}
	}()
	sc.notef("%s begins", c.name)
	do()
	p.mu.Lock()
	ended := p.ended
	p.mu.Unlock()
	if !ended.IsZero() && ended.Before(begun) {
		ended = begun
	}
	if late := time.Since(ended); !ended.IsZero() && late > grace {
		sc.failf("%s returned %s after the interrupt", c.name, late)
	}
	if p.isKilled() {
		sc.notef("%s got no response", c.name)
		return false
	}
	sc.notef("%s ends%s", c.name, brief(c.diags))
	for _, d := range c.diags {
		p.scenario.check(c.name, d)
	}
	return true
}

// failed reports whether there is an error among the diagnostics.
func (c *rpc) failed() bool { return slices.ContainsFunc(c.diags, isError) }

// contains reports whether a diagnostic has the text.
func (c *rpc) contains(text string) bool {
	for _, d := range c.diags {
		if strings.Contains(d.Detail, text) {
			return true
		}
	}
	return false
}

// brief returns the diagnostics on one line each.
func brief(diags []*tfprotov6.Diagnostic) string {
	var b strings.Builder
	for _, d := range diags {
		fmt.Fprintf(&b, "\n\t%s: %s: %s", d.Severity, d.Summary, strings.ReplaceAll(d.Detail, "\n", " "))
	}
	return b.String()
}
