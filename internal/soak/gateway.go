//go:build unix

package main

import (
	"context"
	"errors"
	"math/rand/v2"
	"net"
	"net/http"
	"slices"
	"sync"
	"time"

	"github.com/opentelekomcloud-community/terraform-provider-modelarts/internal/simulator"
)

const (
	transition    = time.Second
	slowAnswer    = time.Second
	hugeAnswer    = 64 << 20        // bytes: more than anybody reads
	hang          = 2 * time.Second // then the connection is cut
	tokenLifetime = 12 * hour       // ends in the middle of some applies

	// definite is the share of the faults that no client gets over by asking again. Where a
	// slow machine has each of a thousand jobs read by itself, hardly a plan would succeed
	// with more.
	definite = 0.1

	// lie is the one kind that does not happen: it is the service's own word that a job is
	// not there, which nobody can but believe, and then a job that is there is made anew.
	lie = "not-found"
)

// gateway is a simulator some of whose calls go wrong. It closes no connection because
// that is idle: whether the clients do is part of the question.
type gateway struct {
	*simulator.Simulator

	url    string
	server *http.Server
	again  []simulator.Fault // the kinds of which isOver
	stay   []simulator.Fault // the others: refusals, and answers that are too large

	mu       sync.Mutex
	random   *rand.Rand
	share    float64 // of the calls that go wrong; 0 is none
	calls    int
	happened map[string]int         // faults, by kind
	used     map[net.Conn]time.Time // the connections, and when they became idle; zero is busy
}

// startGateway starts a simulator for so many jobs. The caller has to close it.
func startGateway(ctx context.Context, jobs int, random *rand.Rand) (*gateway, error) {
	g := &gateway{
		Simulator: simulator.New(simulator.Options{
			Transition: transition, Hour: hour, TokenLifetime: tokenLifetime, JobLimit: 2*jobs + 100, ForgetCalls: true,
		}),
		random: random, happened: map[string]int{}, used: map[net.Conn]time.Time{},
	}
	for _, kind := range simulator.FaultKinds() {
		if kind.Name == lie {
			continue
		}
		fault := kind.Fault
		fault.Kind, fault.Path = kind.Name, "/.*"
		fault.Slow, fault.Size = min(fault.Slow, slowAnswer), min(fault.Size, hugeAnswer)
		if isOver(fault) {
			g.again = append(g.again, fault)
		} else {
			g.stay = append(g.stay, fault)
		}
	}
	var lc net.ListenConfig
	listener, err := lc.Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	g.url = "http://" + listener.Addr().String()
	g.server = &http.Server{Handler: g, ReadHeaderTimeout: time.Hour, ConnState: g.connection}
	go func() {
		if err := g.server.Serve(listener); !errors.Is(err, http.ErrServerClosed) {
			panic(err) // a listener on loopback does not end by itself
		}
	}()
	return g, nil
}

// isOver says whether a fault is of a kind that is over when a client asks again: the
// connection breaks, the response can't be read, the service fails, or wants to be asked
// later or with another token.
func isOver(f simulator.Fault) bool {
	unusable := f.Status == http.StatusOK && f.Code == "" && f.Size == 0
	return unusable || f.Drop || f.Hang || f.Truncate || f.Slow > 0 || f.Kind == "token-invalid" ||
		f.Status >= http.StatusInternalServerError || f.Status == http.StatusTooManyRequests || f.Status == http.StatusUnauthorized
}

// ServeHTTP has some calls go wrong: a fault that is queued as one arrives happens to it,
// or to another that arrives at the same time.
func (g *gateway) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	g.mu.Lock()
	g.calls++
	if g.share > 0 && g.random.Float64() < g.share {
		kinds := g.again
		if g.random.Float64() < definite {
			kinds = g.stay
		}
		fault := kinds[g.random.IntN(len(kinds))]
		g.happened[fault.Kind]++
		g.Inject(fault)
	}
	g.mu.Unlock()
	ctx, cancel := context.WithTimeout(r.Context(), hang) // nothing but a hang waits for so long
	defer cancel()
	g.Simulator.ServeHTTP(w, r.WithContext(ctx))
}

// disturb has this share of the calls go wrong from now on. What was queued and did not
// happen does not any more.
func (g *gateway) disturb(share float64) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.share = share
	for _, fault := range g.Faults() {
		g.happened[fault.Kind]--
	}
	g.ClearFaults()
}

// count returns how many calls there were, and how many of them went wrong.
func (g *gateway) count() (calls, faults int) {
	g.mu.Lock()
	defer g.mu.Unlock()
	for _, n := range g.happened {
		faults += n
	}
	return g.calls, faults
}

// connection keeps account of the connections.
func (g *gateway) connection(c net.Conn, state http.ConnState) {
	g.mu.Lock()
	defer g.mu.Unlock()
	switch state {
	case http.StateNew, http.StateActive:
		g.used[c] = time.Time{}
	case http.StateIdle:
		g.used[c] = time.Now()
	default:
		delete(g.used, c)
	}
}

// connections returns how many there are, and for how long the oldest was not used.
func (g *gateway) connections() (open int, idle time.Duration) {
	g.mu.Lock()
	defer g.mu.Unlock()
	for _, since := range g.used {
		if !since.IsZero() {
			idle = max(idle, time.Since(since))
		}
	}
	return len(g.used), idle
}

// addStrangers makes jobs that are nobody's business, some of the name or the path of one
// that is, and returns them.
func (g *gateway) addStrangers() map[int64]simulator.Job {
	strangers := map[int64]simulator.Job{}
	for _, job := range []simulator.Job{
		{Name: "stranger", TrainURL: "/soak/run-1/", Status: simulator.StatusRunning},
		{Name: "job-1", TrainURL: "/soak/stranger/", Status: simulator.StatusRunning},
		{Name: "job-1", TrainURL: "/soak/stranger/", Status: simulator.StatusKilled},
	} {
		strangers[g.AddJob(job)] = simulator.Job{}
	}
	for id := range strangers {
		strangers[id], _ = g.Job(id)
	}
	return strangers
}

// meddle does to some of the jobs what users and the service do, and returns to how many.
func (g *gateway) meddle(ids []int64, random *rand.Rand) (changes int) {
	ids = slices.Clone(ids)
	random.Shuffle(len(ids), func(i, j int) { ids[i], ids[j] = ids[j], ids[i] })
	share := max(1, len(ids)/50)
	for i, id := range ids {
		var done bool
		switch i / share {
		case 0:
			done = g.StopJob(id)
		case 1:
			done = g.SetStatus(id, simulator.StatusFailed)
		case 2:
			done = g.RemoveJob(id)
		default:
			return changes
		}
		if done {
			changes++
		}
	}
	return changes
}
