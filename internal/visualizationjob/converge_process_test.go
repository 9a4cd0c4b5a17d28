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

// grace is how long an operation may take to end once its time is over, or once
// it is interrupted.
const grace = time.Second

// bareProvider is the provider with a client for it, and without a configuration.
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

// ending is how a run ends before its time.
type ending string

const (
	endsByItself ending = ""
	// endStop is one Ctrl-C: Terraform asks the provider to stop, begins nothing
	// more, and takes the answers to what is under way.
	endStop ending = "stop"
	// endCancel is endStop by the context of the RPCs.
	endCancel ending = "cancel"
	// endKill is SIGKILL, of the provider or of Terraform: nobody takes the
	// answers to what is under way.
	endKill ending = "kill"
)

// process is a provider as Terraform starts one for each walk of its graph.
type process struct {
	*network
	*protocol

	world    *world
	ctx      context.Context // of all RPCs, as of a gRPC connection
	cancel   context.CancelFunc
	stopping sync.Once

	mu    sync.Mutex
	ended time.Time // when it was interrupted or killed; zero when it was not
}

// start starts a provider whose client repeats requests so often.
func (w *world) start(retries int) *process {
	p := &process{world: w, network: newNetwork(w.t, w.sim, w.token, w.panicked)}
	p.ctx, p.cancel = context.WithCancel(w.t.Context())
	client := modelarts.NewClient(endpointInMemory, simulator.DefaultProjectID, p.network, modelarts.WithMaxRetries(retries))
	served := *w.protocol
	p.protocol = &served
	p.t = reporter{w.t, w, p.ctx}
	p.provider = providerserver.NewProtocol6(newBareProvider(&visualizationjob.ProviderData{
		Controller: lifecycle.New(w.t.Context(), client), ProjectID: simulator.DefaultProjectID,
	}))()
	config := p.encode(tftypes.Object{}, attrs{})
	p.wantNone(send(p.protocol, p.provider.ConfigureProvider, &tfprotov6.ConfigureProviderRequest{Config: config}).Diagnostics)
	return p
}

// reporter is the test of a process: it reports to the world, and its context ends with the process.
type reporter struct {
	testing.TB

	world *world
	ctx   context.Context
}

func (r reporter) Errorf(format string, args ...any) { r.world.failf(format, args...) }
func (r reporter) Fatal(args ...any)                 { panic(fmt.Sprint(args...)) }
func (r reporter) Context() context.Context          { return r.ctx }

func (w *world) panicked(v any) { w.failf("the simulator panicked: %v\n%s", v, debug.Stack()) }

// end interrupts or kills the process, once.
func (p *process) end(how ending) {
	p.stopping.Do(func() {
		p.mu.Lock()
		p.ended = time.Now()
		p.mu.Unlock()
		p.world.notef("%s", how)
		switch how {
		case endStop:
			// The framework does not cancel a call that arrives after this one.
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

// isEnding tells whether nothing more is to begin.
func (p *process) isEnding() bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return !p.ended.IsZero()
}

// rpc is one call of the provider.
type rpc struct {
	name  string
	diags []*tfprotov6.Diagnostic

	existed map[int64]bool // the jobs before a create
}

// call makes a call, and says whether its answer arrived. It checks what goes for
// all of them: how long they take and what they may say.
func (p *process) call(c *rpc, do func()) (arrived bool) {
	w, begun := p.world, time.Now()
	defer func() {
		if v := recover(); v != nil {
			w.failf("%s panicked: %v\n%s", c.name, v, debug.Stack())
			arrived = false
		}
	}()
	w.notef("%s begins", c.name)
	do()
	p.mu.Lock()
	ended := p.ended
	p.mu.Unlock()
	if ended.Before(begun) {
		ended = begun
	}
	if late := time.Since(ended); p.isEnding() && late > grace {
		w.failf("%s returned %s after the interrupt", c.name, late)
	}
	if p.isKilled() {
		w.notef("%s gives no answer", c.name)
		return false
	}
	w.notef("%s ends%s", c.name, brief(c.diags))
	for _, d := range c.diags {
		p.world.check(c.name, d)
	}
	return true
}

// failed reports whether there is an error among the diagnostics.
func (c *rpc) failed() bool { return slices.ContainsFunc(c.diags, isError) }

// says tells whether a diagnostic has the text.
func (c *rpc) says(text string) bool {
	for _, d := range c.diags {
		if strings.Contains(d.Detail, text) {
			return true
		}
	}
	return false
}

// brief is diagnostics on one line each.
func brief(diags []*tfprotov6.Diagnostic) string {
	var b strings.Builder
	for _, d := range diags {
		fmt.Fprintf(&b, "\n\t%s: %s: %s", d.Severity, d.Summary, strings.ReplaceAll(d.Detail, "\n", " "))
	}
	return b.String()
}
