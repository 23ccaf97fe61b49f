package mosaik_test

import (
	"context"
	"flag"
	"fmt"
	"hash/crc32"
	"math/rand/v2"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/simrun/simrun/container"
	"github.com/simrun/simrun/internal/worldtest"
	"github.com/simrun/simrun/rpc"
	"github.com/simrun/simrun/sim"
	"github.com/simrun/simrun/sim/mosaik"
)

var (
	determinismWorlds = flag.Int("determinism.worlds", 12, "random worlds to run in many arrangements")
	determinismFirst  = flag.Uint64("determinism.seed", 1, "seed of the first of them")
)

// arrangement is how a world is run, which must not matter.
type arrangement struct {
	processors int
	sockets    bool   // each simulator, and every other agent, is behind a socket
	paced      bool   // by the clock, which is quick
	delays     uint64 // seed of random delays in every step; 0: none
	shuffle    uint64 // seed of the order of declarations; 0: that of the world
}

// TestDeterminism runs random worlds, in which simulators ask others in their steps, and
// every other one with agents that negotiate, in all arrangements: on one processor and two, with simulators in this process and over
// sockets, with random delays in their steps, by the clock or not, and declared in another order. There is
// one digest. (An input lists its sources in the order in which they were declared, so
// that a sum of floating-point numbers may depend on that; what these simulators do does not.) (Simulators in Python are compared step by step in TestConformance.)
func TestDeterminism(t *testing.T) {
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(0))
	digests := map[string]bool{}
	for i := range *determinismWorlds {
		seed := *determinismFirst + uint64(i)
		w := worldtest.New(seed, worldtest.Options{Mosaik: true, Twins: true, Shift: 4, Asks: true})
		agents := seed%2 == 0
		want := arrangement{processors: 1}.run(t, w, agents)
		require.Len(t, want, 64)
		digests[want] = true
		for n := range 10 {
			a := arrangement{processors: 1 + n%2, sockets: n/2%2 == 1, paced: n >= 8, shuffle: seed<<8 + uint64(n) + 1}
			if n >= 4 {
				a.delays = a.shuffle
			}
			require.Equal(t, want, a.run(t, w, agents), "-determinism.seed=%d -determinism.worlds=1: %+v\n%s", seed, a, w)
		}
	}
	require.Greater(t, len(digests), *determinismWorlds*3/4, "they are different worlds")
}

// delayed takes its time at random.
type delayed struct {
	sim.Simulator
	random *rand.Rand
}

func (d *delayed) Step(ctx context.Context, s *sim.Step) (sim.Time, error) {
	for range d.random.IntN(3) {
		runtime.Gosched()
	}
	if d.random.IntN(4) == 0 {
		time.Sleep(time.Duration(d.random.IntN(300)) * time.Microsecond)
	}
	return d.Simulator.Step(ctx, s)
}

// run returns the digest.
func (a arrangement) run(t *testing.T, spec *worldtest.World, agents bool) string {
	runtime.GOMAXPROCS(a.processors)
	order := rand.New(rand.NewPCG(a.shuffle, 1))
	shuffled := func(n int) []int {
		if a.shuffle > 0 {
			return order.Perm(n)
		}
		all := make([]int, n)
		for i := range all {
			all[i] = i
		}
		return all
	}
	w := sim.NewWorld(sim.Config{Seed: spec.Seed})
	var ended []func() error
	end := func() {
		require.NoError(t, w.Close())
		for _, e := range ended {
			require.NoError(t, e())
		}
	}
	defer end()

	groups := make([]*sim.Group, len(spec.Groups))
	for i, parent := range spec.Groups {
		if parent < 0 {
			groups[i] = w.NewGroup(fmt.Sprint(i))
		} else {
			groups[i] = groups[parent].NewGroup(fmt.Sprint(i))
		}
	}
	entities := make([][]*sim.Entity, len(spec.Sims))
	var traders []*sim.Entity
	for _, i := range shuffled(len(spec.Sims) + 1) {
		if i == len(spec.Sims) {
			if agents {
				traders = a.traders(t, w, shuffled)
			}
			continue
		}
		s := &spec.Sims[i]
		var simulator sim.Simulator = &generic{world: spec, index: i, reacts: true}
		if a.delays > 0 {
			simulator = &delayed{simulator, rand.New(rand.NewPCG(a.delays, uint64(i)))}
		}
		if a.sockets {
			address, served := serveListening(t, simulator)
			ended = append(ended, served)
			simulator = mosaik.New(mosaik.Config{Connect: address})
		}
		var opts sim.AddOptions
		if s.Group >= 0 {
			opts.Group = groups[s.Group]
		}
		in, err := w.Add(t.Context(), s.Name, simulator, opts)
		require.NoError(t, err)
		if s.Initial >= 0 {
			in.SetInitialEvent(seconds(int(s.Initial)))
		}
		entities[i] = create(t, in, "M", s.Entities, nil)
	}

	var connections []func() error
	for _, l := range spec.Links {
		opts := sim.ConnectOptions{Shift: time.Duration(l.Shift) * time.Second, Weak: l.Weak, HasInitial: l.Initial != nil}
		if opts.HasInitial {
			opts.Initial = sim.Int(*l.Initial)
		}
		connections = append(connections, func() error {
			return w.Connect(entities[l.Src][l.SrcEntity], l.Output, entities[l.Dst][l.DstEntity], l.Input, opts)
		})
	}
	for i, trader := range traders {
		from := i % len(spec.Sims)
		connections = append(connections, func() error {
			return w.Connect(entities[from][0], spec.Sims[from].Outputs[0], trader, "demand", sim.ConnectOptions{})
		})
		to := (i + 1) % len(spec.Sims)
		input := spec.Sims[to].Inputs[0]
		connections = append(connections, func() error {
			opts := sim.ConnectOptions{Shift: time.Second}
			if input == "quiet" {
				opts.Initial, opts.HasInitial = sim.Int(0), true
			}
			return w.Connect(trader, "price", entities[to][0], input, opts)
		})
	}
	for _, i := range shuffled(len(connections)) {
		require.NoError(t, connections[i]())
	}
	for _, l := range spec.Asks {
		w.ConnectAsync(entities[l.Src][0], entities[l.Dst][0])
	}

	// All outputs are asked for, also of simulators over sockets.
	var refs []sim.Ref
	for i, s := range spec.Sims {
		for _, e := range entities[i] {
			for _, attr := range s.Outputs {
				refs = append(refs, sim.Ref{Entity: e, Attr: attr})
			}
		}
	}
	var m sim.Memory
	require.NoError(t, w.Record(&m, 0, refs...))
	opts := sim.RunOptions{Until: seconds(int(spec.Until))}
	if a.paced {
		opts.Pace = 10_000
	}
	sum, err := w.Run(t.Context(), opts)
	require.NoError(t, err, "%+v\n%s", a, spec)
	return sum.Digest
}

// trader is an agent that asks the next one whenever a demand comes, which asks
// on, and puts out what comes of it.
type trader struct {
	container.Agent
	Next   string     `param:"next" doc:"whom it asks"`
	Demand sim.Input  `attr:"demand" doc:"anything"`
	Price  sim.Output `attr:"price" doc:"of the last deal"`
	deals  int64
}

func (a *trader) Start(context.Context) error {
	a.Expose("ask", a.ask)
	return nil
}

func (a *trader) ask(ctx context.Context, sum int64, further int) (int64, error) {
	a.deals++
	sum = sum*31%1_000_003 + a.deals
	if further == 0 {
		return sum, nil
	}
	return container.As[int64](a.Call(ctx, a.Next, "ask", sum, further-1))
}

func (a *trader) OnInput(ctx context.Context) error {
	var text strings.Builder
	for source, v := range a.Demand.Sources() {
		fmt.Fprint(&text, source, v)
	}
	price, err := container.As[int64](a.Call(ctx, a.Next, "ask", int64(crc32.ChecksumIEEE([]byte(text.String()))), 5))
	a.Price.SetValue(sim.Int(price))
	return err
}

const traders = 4

// traders adds agents; over sockets every other one lives in a container there.
func (a arrangement) traders(t *testing.T, w *sim.World, shuffled func(n int) []int) []*sim.Entity {
	types := []sim.AgentType{sim.AgentOf[trader]("Trader", "asks others")}
	agents := sim.NewAgents(types...)
	if a.sockets {
		agents = sim.NewFederatedAgents(map[string]*rpc.Conn{"far": agentHost(t, types...)}, types...)
	}
	in, err := w.Add(t.Context(), "agents", agents, sim.AddOptions{})
	require.NoError(t, err)
	es := make([]*sim.Entity, traders)
	for _, i := range shuffled(traders) {
		params := sim.Params{"name": fmt.Sprint("trader-", i), "next": fmt.Sprint("trader-", (i+1)%traders)}
		if a.sockets && i%2 == 1 {
			params["container"] = "far"
		}
		es[i] = create(t, in, "Trader", 1, params)[0]
	}
	return es
}

// agentHost hosts agents behind a socket, and returns the connection of the run.
func agentHost(t *testing.T, types ...sim.AgentType) *rpc.Conn {
	host := sim.NewAgentHost(types...)
	router := new(rpc.Router)
	router.Mount("federation", host.Service())
	l, err := rpc.Listen("tcp://127.0.0.1:0", rpc.Config{Service: router})
	require.NoError(t, err)
	ctx, stop := context.WithCancel(context.Background())
	served := make(chan error, 1)
	go func() { served <- l.Serve(ctx, nil) }()
	conn, err := rpc.Dial(ctx, l.Addr(), rpc.Config{})
	require.NoError(t, err)
	t.Cleanup(func() {
		require.NoError(t, conn.Close())
		stop()
		<-served
		require.NoError(t, l.Close())
		require.NoError(t, host.Close())
	})
	return conn
}
