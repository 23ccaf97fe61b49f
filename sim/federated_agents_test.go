package sim_test

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"math"
	"math/rand/v2"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/simrun/simrun/channel"
	"github.com/simrun/simrun/codec"
	"github.com/simrun/simrun/container"
	"github.com/simrun/simrun/internal/testcert"
	"github.com/simrun/simrun/rpc"
	"github.com/simrun/simrun/scheduler"
	"github.com/simrun/simrun/sim"
	"github.com/simrun/simrun/sim/random"
)

// dealer is an agent that deals with others at random, now and later, in answer to
// inputs and on its own. It spawns others, who deal for a while.
type dealer struct {
	container.Agent
	Others []string      `param:"others" doc:"with whom it deals"`
	Pause  time.Duration `param:"pause" default:"1500ms" doc:"between two deals of its own"`
	Fail   float64       `param:"fail" default:"0" doc:"probability that a deal fails the run"`
	Stock  float64       `param:"stock" unit:"kWh" default:"2 kWh" doc:"at the start"`

	Demand sim.Input  `attr:"demand" unit:"kW" doc:"what it is asked for"`
	Mood   sim.Input  `attr:"mood,quiet" doc:"anything"`
	Price  sim.Output `attr:"price" unit:"1/kWh" doc:"of its last deal"`
	Note   sim.Output `attr:"note" doc:"anything"`
	Deals  sim.Output `attr:"deals,event" doc:"how many"`

	env    *sim.Env
	random *random.Stream
	deals  int
}

func (d *dealer) Init(env *sim.Env, id string) error {
	d.env, d.random = env, env.Random(id)
	if id == "unwelcome" {
		return errors.New("not welcome")
	}
	return nil
}

func (d *dealer) Start(ctx context.Context) error {
	d.Expose("offer", d.offer)
	d.Expose("gossip", func(_ context.Context, what any, hops int) error {
		d.Note.SetValue(sim.ValueOf(what))
		if hops == 0 {
			return nil
		}
		return d.Send(d.other(), "gossip", what, hops-1)
	})
	return d.Every(ctx, d.Pause, d.deal)
}

func (d *dealer) other() string {
	name := d.Others[d.random.IntN(len(d.Others))]
	for d.random.IntN(4) == 0 {
		name += "/" + junior(d.random.IntN(2))
	}
	return name
}

func junior(i int) string { return fmt.Sprint("junior-", i) }

// expand spawns another dealer, if there is room for one.
func (d *dealer) expand() error {
	name := junior(d.random.IntN(2))
	child := &dealer{Others: append(d.Others[:len(d.Others):len(d.Others)], d.Name()), Pause: d.Pause * 3 / 2, Fail: d.Fail, Stock: d.Stock / 2}
	if err := child.Init(d.env, d.Name()+"/"+name); err != nil {
		return err
	}
	if err := d.Spawn(name, child); err != nil {
		d.Note.SetValue(sim.Text(err.Error()))
		return nil
	}
	return d.Send(child.Name(), "gossip", d.rumour(), 1)
}

func (d *dealer) offer(ctx context.Context, price float64, depth int) (any, error) {
	d.deals++
	d.Deals.SetValue(sim.Int(int64(d.deals)))
	if d.random.Float64() < d.Fail {
		return nil, d.ruin(ctx)
	}
	switch d.random.IntN(10) {
	case 0:
		return nil, fmt.Errorf("%s wants none at %v", d.Name(), price)
	case 1:
		if err := d.Sleep(ctx, time.Duration(d.random.IntN(3))*time.Second/2); err != nil {
			return nil, err
		}
	case 2, 3, 4:
		if depth > 0 {
			r, err := container.As[float64](d.Call(ctx, d.other(), "offer", price*0.9, depth-1))
			if err == nil {
				price = r
			}
		}
	}
	return price + d.Stock*d.random.Float64() + d.Demand.Float()/1000, nil
}

// ruin ends the run in one way or another.
func (d *dealer) ruin(ctx context.Context) error {
	return d.Go(ctx, func(ctx context.Context) error {
		switch d.random.IntN(3) {
		case 0:
			panic("ruined")
		case 1:
			return errors.New("ruined")
		}
		for {
			if err := d.Sleep(ctx, 0); err != nil {
				return err
			}
		}
	})
}

func (d *dealer) OnInput(ctx context.Context) error {
	var all []string
	for src, v := range d.Demand.Sources() {
		all = append(all, fmt.Sprintf("%s=%v", src, v))
	}
	d.Note.SetValue(sim.Text(fmt.Sprint(all, d.UTC(), d.Address(), d.Demand.Connected(), d.Demand.Fresh(), d.Mood.Fresh(), d.Mood.Value())))
	return d.deal(ctx)
}

func (d *dealer) deal(ctx context.Context) error {
	calls := make([]container.Call, 1+d.random.IntN(3))
	for i := range calls {
		calls[i] = container.Call{Agent: d.other(), Method: "offer", Args: []any{d.random.Float64(), 3}}
	}
	replies, err := d.Gather(ctx, calls...)
	if err != nil {
		return err
	}
	for _, r := range replies {
		if price, err := container.As[float64](r.Value, r.Err); err == nil {
			d.Price.Set(price)
		} else {
			d.Note.SetValue(sim.Text(err.Error()))
		}
	}
	if err := d.Send(d.other(), "gossip", d.rumour(), 2); err != nil {
		return err
	}
	switch n := d.random.IntN(60); {
	case n == 0 && d.Fail == 0:
		return d.Leave()
	case n < 6:
		return d.expand()
	}
	return nil
}

// rumour is a value of any kind.
func (d *dealer) rumour() any {
	switch d.random.IntN(8) {
	case 0:
		return math.Float64frombits(0xfff8_0000_0000_0001)
	case 1:
		return []any{int64(math.MaxInt64), 1.0, nil, true}
	case 2:
		return "\xed\xa0\x80"
	case 3:
		return math.Inf(1)
	case 4:
		v, _ := d.Mood.Value().Any()
		return v
	case 5:
		d.Price.Set(math.Float64frombits(0x7ff8_0000_0000_0123)) // a NaN that keeps its bits
	case 6:
		return d.Name()
	}
	return d.deals
}

// guard is an agent that does nothing but react to its input.
type guard struct {
	container.Agent
	Level sim.Input  `attr:"level" doc:"anything"`
	Alarm sim.Output `attr:"alarm" doc:"what it was told, and when"`
}

func (g *guard) OnInput(context.Context) error {
	g.Alarm.SetValue(sim.Text(fmt.Sprint(g.Level.Value(), g.Now())))
	return nil
}

// moods is an event-based source of values of all kinds.
func moods() *fake {
	raw := []string{`{"z": 1.50, "a": [1, 1.0, NaN, 123456789012345678901234567890]}`, `"\ud800"`, `null`, `-0.0`}
	return &fake{typ: sim.Hybrid, step: every(second, func(f *fake, s *sim.Step) {
		n := int(s.Time() / second)
		values := []sim.Value{sim.RawValue(codec.Raw(raw[n%len(raw)])), sim.Bool(n%2 == 0), sim.Int(int64(n)), sim.Text("été\x00"),
			sim.Float(math.Copysign(0, -1)), sim.Null, sim.ValueOf(map[string]any{"b": []int{1}, "a": 2.0}), sim.Text("\xed\xa0\x80")}
		f.out[0].SetValue(values[n%len(values)])
		if n%3 == 0 {
			f.event[0].SetValue(sim.Float(float64(n)))
		}
	})}
}

// bazaar is a world of dealers, and of as many guards.
type bazaar struct {
	seed    uint64
	dealers int
	fail    float64
	network sim.Params // how messages travel
	trace   sim.Tracer
}

// homes says where the dealers live, by number, and then the guards; "" is the process of the run.
type homes func(i int) string

// run runs it, with the dealers being entities of a simulator.
func (b bazaar) run(t testing.TB, agents sim.Simulator, home homes, order []int) (rows []string, digest string, err error) {
	t.Helper()
	ctx := context.Background()
	w := sim.NewWorld(sim.Config{Seed: b.seed, Start: time.Date(2024, 2, 29, 12, 0, 0, 0, time.UTC), Trace: b.trace})
	defer func() { require.NoError(t, w.Close()) }()
	params := sim.Params{"max_rounds": 200}
	maps.Copy(params, b.network)
	in, err := w.Add(ctx, "market", agents, sim.AddOptions{Params: params})
	require.NoError(t, err)
	names := make([]string, b.dealers)
	for i := range names {
		names[i] = fmt.Sprintf("dealer-%d", i)
	}
	es := make([]*sim.Entity, b.dealers)
	for _, i := range order {
		p := sim.Params{"name": names[i], "others": append([]string{"nobody"}, names...), "fail": b.fail, "stock": fmt.Sprint(i, " Wh")}
		if i%3 == 0 {
			p["pause"] = time.Duration(700+i) * time.Millisecond
		}
		if h := home(i); h != "" {
			p["container"] = h
		}
		made, err := in.Create(ctx, "Dealer", 1, p)
		require.NoError(t, err)
		es[i] = made[0]
	}
	guards := make([]*sim.Entity, b.dealers)
	for i := range guards {
		p := sim.Params{"name": fmt.Sprint("guard-", i)}
		if h := home(b.dealers + i); h != "" {
			p["container"] = h
		}
		made, err := in.Create(ctx, "Guard", 1, p)
		require.NoError(t, err)
		guards[i] = made[0]
	}
	demand := []*sim.Entity{create(t, w, "fast", ramp(time.Second), "Ramp", sim.Params{"from": 1.0}), create(t, w, "slow", ramp(2500*time.Millisecond), "Ramp", sim.Params{"from": 3.0})}
	mood := create(t, w, "mood", moods(), "M", nil)
	reader := &fake{typ: sim.EventBased, step: onTrigger(nil)}
	read := create(t, w, "reader", reader, "M", nil)
	for i, e := range es {
		if i%2 == 0 {
			require.NoError(t, w.Connect(demand[0], "out", e, "demand", sim.ConnectOptions{}))
		}
		if i%4 == 0 {
			require.NoError(t, w.Connect(demand[1], "out", e, "demand", sim.ConnectOptions{}))
			require.NoError(t, w.Connect(mood, "event", e, "demand", sim.ConnectOptions{}))
		}
		if i%3 == 0 {
			require.NoError(t, w.Connect(mood, "out", e, "mood", sim.ConnectOptions{}))
		}
		require.NoError(t, w.Connect(e, "deals", read, "in", sim.ConnectOptions{}))
		require.NoError(t, w.Connect(e, "note", read, "quiet", sim.ConnectOptions{}))
	}
	var m sim.Memory
	var refs []sim.Ref
	for i, e := range guards {
		require.NoError(t, w.Connect(demand[i%2], "out", e, "level", sim.ConnectOptions{}))
		refs = append(refs, sim.Ref{Entity: e, Attr: "alarm"})
	}
	for _, e := range es {
		for _, attr := range []string{"price", "note", "deals"} {
			refs = append(refs, sim.Ref{Entity: e, Attr: attr})
		}
	}
	require.NoError(t, w.Record(&m, 0, refs...))
	sum, err := w.Run(ctx, sim.RunOptions{Until: 12 * scheduler.Second})
	for _, row := range m.Rows {
		bits := ""
		if f, err := row.Value.Float64(); err == nil {
			bits = fmt.Sprintf(" %x", math.Float64bits(f))
		}
		rows = append(rows, fmt.Sprintf("%v %s.%s %v %v%s", row.Time, m.Series[row.Series].Entity, m.Series[row.Series].Attr, row.Value.Kind(), row.Value, bits))
	}
	return append(rows, reader.log...), sum.Digest, err
}

func dealers() []sim.AgentType {
	return []sim.AgentType{sim.AgentOf[dealer]("Dealer", "deals with others"), sim.AgentOf[guard]("Guard", "tells what it is told")}
}

// host is an AgentHost that is listened for.
type host struct {
	*sim.AgentHost
	conn     *rpc.Conn // of the run
	listener *rpc.Listener
}

// newHost serves agents at an address.
func newHost(t testing.TB, listen string, cfg rpc.Config, types ...sim.AgentType) *host {
	h := &host{AgentHost: sim.NewAgentHost(types...)}
	serving := cfg
	serving.Service = new(rpc.Router)
	serving.Service.Mount("federation", h.Service())
	var err error
	h.listener, err = rpc.Listen(listen, serving)
	require.NoError(t, err)
	ctx, stop := context.WithCancel(context.Background())
	served := make(chan error, 1)
	go func() { served <- h.listener.Serve(ctx, nil) }()
	h.conn, err = rpc.Dial(ctx, h.listener.Addr(), cfg)
	require.NoError(t, err)
	t.Cleanup(func() {
		require.NoError(t, h.conn.Close())
		stop()
		<-served
		require.NoError(t, h.listener.Close())
		require.NoError(t, h.Close())
	})
	return h
}

// hosts are n of them, called c0, c1, ...
func hosts(t testing.TB, n int, listen func(i int) string, cfg rpc.Config, types ...sim.AgentType) map[string]*rpc.Conn {
	conns := make(map[string]*rpc.Conn)
	for i := range n {
		conns[fmt.Sprint("c", i)] = newHost(t, listen(i), cfg, types...).conn
	}
	return conns
}

// inMemory is an address in this process that nobody has.
func inMemory(int) string { return fmt.Sprintf("local://host-%d", addresses.Add(1)) }

var addresses atomic.Int64

// scattered places all in n containers and the process of the run at random, in a
// random order of creation. In the last container there are guards only.
func (b bazaar) scattered(t testing.TB, conns map[string]*rpc.Conn) (rows []string, digest string, err error) {
	r := rand.New(rand.NewPCG(b.seed, uint64(len(conns))))
	where := make([]string, 2*b.dealers)
	for i := range where {
		homes := len(conns) + 1
		if i < b.dealers {
			homes = max(1, len(conns))
		}
		if n := r.IntN(homes); n > 0 {
			where[i] = fmt.Sprint("c", n-1)
		}
	}
	return b.run(t, sim.NewFederatedAgents(conns, dealers()...), func(i int) string { return where[i] }, r.Perm(b.dealers))
}

func (b bazaar) together(t testing.TB) (rows []string, digest string, err error) {
	order := make([]int, b.dealers)
	for i := range order {
		order[i] = i
	}
	return b.run(t, sim.NewAgents(dealers()...), func(int) string { return "" }, order)
}

// Agents give the same digest and the same recorded values wherever they live.
func TestFederatedAgentsAreLikeAgents(t *testing.T) {
	var all strings.Builder
	for seed := range uint64(3) {
		b := bazaar{seed: seed, dealers: 30}
		if seed == 2 {
			b.network = sim.Params{"delay": 100 * time.Millisecond, "jitter": "400ms", "loss": "0.5%"}
		}
		rows, digest, err := b.together(t)
		require.NoError(t, err)
		all.WriteString(strings.Join(rows, "\n"))
		for n := range 4 {
			got, same, err := b.scattered(t, hosts(t, n, inMemory, rpc.Config{}, dealers()...))
			require.NoError(t, err)
			require.Equal(t, rows, got, "seed %d, %d containers", seed, n)
			require.Equal(t, digest, same)
		}
	}
	for _, must := range []string{`/junior-0"`, `no agent \"dealer-`, `the name \"dealer-`, "wants none", "removed before", "has left", `no agent \"nobody\"`, "7ff8000000000123", "NaN",
		"[9223372036854775807, 1.0", "fast.Ramp-0=", "mood.m0=", `\ud800`} {
		require.Contains(t, all.String(), must)
	}
}

// The same holds for every transport and codec, and when the containers are used
// for one run after the other.
func TestFederatedAgentsOverTheWire(t *testing.T) {
	files := testcert.New(t).Issue("localhost", true)
	secure, err := channel.LoadTLS(files.CA, files.Cert, files.Key)
	require.NoError(t, err)
	dir := t.TempDir()
	b := bazaar{seed: 11, dealers: 12}
	rows, digest, err := b.together(t)
	require.NoError(t, err)
	for transport, listen := range map[string]func(i int) string{
		"tcp":   func(int) string { return "tcp://127.0.0.1:0" },
		"tls":   func(int) string { return "tls://127.0.0.1:0" },
		"ipc":   func(i int) string { return "ipc://" + filepath.Join(dir, fmt.Sprint(i)) },
		"local": inMemory,
	} {
		for _, c := range []codec.Codec{codec.JSON, codec.MsgPack} {
			t.Run(transport+"/"+c.Name(), func(t *testing.T) {
				cfg := rpc.Config{Config: channel.Config{Codec: c, Extended: true, KeepAlive: time.Minute}}
				if transport == "tls" {
					cfg.TLS = secure
				}
				conns := hosts(t, 2, listen, cfg, dealers()...)
				for range 2 {
					got, same, err := b.scattered(t, conns)
					require.NoError(t, err)
					require.Equal(t, rows, got)
					require.Equal(t, digest, same)
				}
			})
		}
	}
}

// Runs end with the same failure, wherever the agents live, and leave the
// containers ready for others.
func TestFederatedAgentsFailLikeAgents(t *testing.T) {
	conns := hosts(t, 3, inMemory, rpc.Config{}, dealers()...)
	kinds := make(map[string]bool)
	for seed := range uint64(12) {
		b := bazaar{seed: seed, dealers: 20, fail: 0.01}
		rows, _, want := b.together(t)
		require.Error(t, want)
		for _, kind := range []string{"panic: ruined", "round", ": ruined", "no end after 200 rounds"} {
			kinds[kind] = kinds[kind] || strings.Contains(want.Error(), kind)
		}
		got, _, err := b.scattered(t, conns)
		require.EqualError(t, err, want.Error())
		require.Equal(t, rows, got, "what was recorded before")
		if p := (*scheduler.PanicError)(nil); errors.As(want, &p) {
			require.ErrorAs(t, err, &p)
			require.Contains(t, string(p.Stack), "ruin")
		}
	}
	for kind, seen := range kinds {
		require.True(t, seen, kind)
	}
}

// A container in which nothing but an input is due at the first step runs it.
func TestFederatedAgentsThatOnlyReact(t *testing.T) {
	ctx := t.Context()
	for _, home := range []string{"", "c0"} {
		w := sim.NewWorld(sim.Config{})
		in, err := w.Add(ctx, "guards", sim.NewFederatedAgents(hosts(t, 1, inMemory, rpc.Config{}, dealers()...), dealers()...), sim.AddOptions{})
		require.NoError(t, err)
		made, err := in.Create(ctx, "Guard", 1, sim.Params{"container": home})
		require.NoError(t, err)
		source := create(t, w, "source", ramp(time.Hour), "Ramp", sim.Params{"from": 2.0})
		require.NoError(t, w.Connect(source, "out", made[0], "level", sim.ConnectOptions{}))
		var m sim.Memory
		require.NoError(t, w.Record(&m, 0, sim.Ref{Entity: made[0], Attr: "alarm"}))
		_, err = w.Run(ctx, sim.RunOptions{Until: scheduler.Second})
		require.NoError(t, err)
		require.NoError(t, w.Close())
		require.Len(t, m.Rows, 1, "container %q", home)
		require.Zero(t, m.Rows[0].Time)
		require.Equal(t, `"2.0 0s"`, m.Rows[0].Value.String())
	}
}
