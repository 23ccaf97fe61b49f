package sim_test

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/klauspost/compress/zstd"
	"github.com/stretchr/testify/require"

	"github.com/simrun/simrun/channel"
	"github.com/simrun/simrun/codec"
	"github.com/simrun/simrun/container"
	"github.com/simrun/simrun/internal/trace"
	"github.com/simrun/simrun/rpc"
	"github.com/simrun/simrun/sim"
)

// traceFile has a run write a trace, and returns the file.
func traceFile(t testing.TB, run func(sim.Tracer) error) (path string, err error) {
	path = filepath.Join(t.TempDir(), "trace.zst")
	w, err := trace.Create(path, trace.About{Scenario: "test"})
	require.NoError(t, err)
	err = run(w)
	require.NoError(t, w.Close(trace.End{Complete: err == nil}))
	return path, err
}

// traceBytes is what is in a trace, but for how it is compressed, which follows from when it
// was flushed.
func traceBytes(t testing.TB, path string) []byte {
	file, err := os.Open(path)
	require.NoError(t, err)
	defer file.Close()
	z, err := zstd.NewReader(file)
	require.NoError(t, err)
	defer z.Close()
	all, err := io.ReadAll(z)
	require.NoError(t, err)
	return all
}

// traceLines is a trace as JSON lines.
func traceLines(t testing.TB, path string) []string {
	r, err := trace.Open(path)
	require.NoError(t, err)
	defer r.Close()
	var text strings.Builder
	require.NoError(t, (&trace.Filter{To: sim.Never}).Each(r, trace.NewJSON(&text, r.Header).Item))
	return strings.Split(text.String(), "\n")
}

// requireSameTrace checks that two traces are the same, byte by byte, and that they are
// for those who look for a difference.
func requireSameTrace(t testing.TB, want, got string, what ...any) {
	t.Helper()
	if !bytes.Equal(traceBytes(t, want), traceBytes(t, got)) {
		require.Equal(t, traceLines(t, want), traceLines(t, got), what...)
		require.Fail(t, "the traces differ in something that is not in JSON", what...)
	}
	d, ended, err := trace.Compare(want, got)
	require.NoError(t, err)
	require.Nil(t, d)
	require.Nil(t, ended)
}

func (b bazaar) tracedTogether(t testing.TB) (path string, err error) {
	return traceFile(t, func(to sim.Tracer) error {
		b.trace = to
		_, _, err := b.together(t)
		return err
	})
}

func (b bazaar) tracedScattered(t testing.TB, conns map[string]*rpc.Conn) (path string, err error) {
	return traceFile(t, func(to sim.Tracer) error {
		b.trace = to
		_, _, err := b.scattered(t, conns)
		return err
	})
}

// The trace of a run is the same wherever its agents live.
func TestTraceIsTheSameWhereverAgentsLive(t *testing.T) {
	codecs := []codec.Codec{codec.JSON, codec.MsgPack}
	var all []string
	for seed := range uint64(3) {
		b := bazaar{seed: seed, dealers: 30}
		if seed == 2 {
			b.network = sim.Params{"delay": 100 * time.Millisecond, "jitter": "400ms", "loss": "0.5%"}
		}
		want, err := b.tracedTogether(t)
		require.NoError(t, err)
		for n := range 4 {
			cfg := rpc.Config{Config: channel.Config{Codec: codecs[n%2]}}
			got, err := b.tracedScattered(t, hosts(t, n, inMemory, cfg, dealers()...))
			require.NoError(t, err)
			requireSameTrace(t, want, got, "seed %d, %d containers", seed, n)
		}
		lines := traceLines(t, want)
		require.Equal(t, seed == 2, strings.Contains(strings.Join(lines, "\n"), `"fate":"lost"`))
		all = append(all, lines...)
	}
	for _, must := range []string{`"behaviour":"OnInput"`, `/junior-0","behaviour":"deal"`, "has left", `["\ud800",`, "9223372036854775807,"} {
		require.True(t, slices.ContainsFunc(all, func(line string) bool { return strings.Contains(line, must) }), must)
	}
}

// So is the trace of a run in which agents fail: it ends where one container would have.
func TestTraceOfFailingAgentsIsTheSame(t *testing.T) {
	conns := hosts(t, 3, inMemory, rpc.Config{}, dealers()...)
	for seed := range uint64(12) {
		b := bazaar{seed: seed, dealers: 20, fail: 0.01}
		want, wantErr := b.tracedTogether(t)
		require.Error(t, wantErr)
		got, err := b.tracedScattered(t, conns)
		require.EqualError(t, err, wantErr.Error())
		requireSameTrace(t, want, got, "seed %d", seed)
	}
}

// relay asks its friend at each input, and passes the input on.
type relay struct {
	container.Agent
	Friend string     `param:"friend" default:"" doc:"whom it asks; none: nobody"`
	In     sim.Input  `attr:"in" doc:"anything"`
	Out    sim.Output `attr:"out,event" doc:"the same"`
}

func (r *relay) Init(*sim.Env, string) error {
	r.Expose("ask", func(context.Context) error { return nil })
	return nil
}

func (r *relay) OnInput(ctx context.Context) error {
	if r.Friend != "" {
		if _, err := r.Call(ctx, r.Friend, "ask"); err != nil {
			return err
		}
	}
	r.Out.SetValue(r.In.Value())
	return nil
}

// In a loop at one time rounds go on where they were, also for those whose container had
// nothing to do before.
func TestTraceOfAgentsInALoopIsTheSame(t *testing.T) {
	relays := []sim.AgentType{sim.AgentOf[relay]("Relay", "passes on")}
	run := func(to sim.Tracer, conns map[string]*rpc.Conn, where ...string) error {
		ctx := context.Background()
		w := sim.NewWorld(sim.Config{Trace: to})
		defer func() { require.NoError(t, w.Close()) }()
		group := w.NewGroup("loop")
		in, err := w.Add(ctx, "relays", sim.NewFederatedAgents(conns, relays...), sim.AddOptions{Group: group})
		require.NoError(t, err)
		es := make(map[string]*sim.Entity)
		for i, name := range []string{"first", "friend", "last"} {
			p := sim.Params{"name": name, "container": where[i]}
			if name != "friend" {
				p["friend"] = "friend"
			}
			made, err := in.Create(ctx, "Relay", 1, p)
			require.NoError(t, err)
			es[name] = made[0]
		}
		back := &fake{typ: sim.Hybrid, step: func(_ context.Context, f *fake, s *sim.Step) (sim.Time, error) {
			if f.in[0].Fresh() {
				f.event[1].SetValue(f.in[0].Value())
				return sim.Never, nil
			}
			f.event[0].Set(seconds(s))
			return s.Time() + second, nil
		}}
		other, err := w.Add(ctx, "back", back, sim.AddOptions{Group: group})
		require.NoError(t, err)
		made, err := other.Create(ctx, "M", 2, nil)
		require.NoError(t, err)
		require.NoError(t, w.Connect(made[0], "event", es["first"], "in", sim.ConnectOptions{}))
		require.NoError(t, w.Connect(es["first"], "out", made[0], "in", sim.ConnectOptions{Weak: true}))
		require.NoError(t, w.Connect(made[1], "event", es["last"], "in", sim.ConnectOptions{}))
		_, err = w.Run(ctx, sim.RunOptions{Until: 3 * second})
		return err
	}
	want, err := traceFile(t, func(to sim.Tracer) error { return run(to, nil, "", "", "") })
	require.NoError(t, err)
	require.Contains(t, strings.Join(traceLines(t, want), "\n"), `"agent":"last","behaviour":"OnInput"`)
	for _, where := range [][]string{{"", "", "c0"}, {"c0", "c0", ""}, {"c0", "c1", "c2"}, {"", "c0", "c1"}} {
		conns := hosts(t, 3, inMemory, rpc.Config{}, relays...)
		got, err := traceFile(t, func(to sim.Tracer) error { return run(to, conns, where...) })
		require.NoError(t, err)
		requireSameTrace(t, want, got, where)
	}
}

// gossip is an agent that tells another much at one time.
type gossip struct {
	container.Agent
	To    string `param:"to" default:"" doc:"whom; none: nobody"`
	Times int    `param:"times" default:"0" doc:"how often"`
	Size  int    `param:"size" default:"1" doc:"of what it tells"`
}

func (g *gossip) Start(context.Context) error {
	g.Expose("hear", func(context.Context, string) error { return nil })
	for range g.Times {
		if err := g.Send(g.To, "hear", strings.Repeat("x", g.Size)); err != nil {
			return err
		}
	}
	return nil
}

func gossips() sim.AgentType { return sim.AgentOf[gossip]("Gossip", "tells") }

// gossipWorld has one agent of a container tell another one there something, at time 0.
func gossipWorld(t testing.TB, to sim.Tracer, conns map[string]*rpc.Conn, where string, times, size int) error {
	ctx := context.Background()
	w := sim.NewWorld(sim.Config{Trace: to})
	defer func() { require.NoError(t, w.Close()) }()
	in, err := w.Add(ctx, "agents", sim.NewFederatedAgents(conns, gossips()), sim.AddOptions{})
	require.NoError(t, err)
	for _, p := range []sim.Params{{"name": "a", "to": "b", "times": times, "size": size}, {"name": "b"}} {
		p["container"] = where
		_, err := in.Create(ctx, "Gossip", 1, p)
		require.NoError(t, err)
	}
	_, err = w.Run(ctx, sim.RunOptions{Until: second})
	return err
}

// Many events, and large ones, come in several replies.
func TestTraceOfMuchAtOneTime(t *testing.T) {
	for _, test := range []struct{ times, size int }{{20_000, 1}, {40, 10_000}, {3, 1 << 20}} {
		want, err := traceFile(t, func(to sim.Tracer) error { return gossipWorld(t, to, nil, "", test.times, test.size) })
		require.NoError(t, err)
		h := newHost(t, inMemory(0), rpc.Config{}, gossips())
		got, err := traceFile(t, func(to sim.Tracer) error {
			return gossipWorld(t, to, map[string]*rpc.Conn{"c0": h.conn}, "c0", test.times, test.size)
		})
		require.NoError(t, err)
		requireSameTrace(t, want, got, test)
		require.Greater(t, h.conn.Channel().Traffic().Received, int64(10), "several replies")
	}
}

// Who does not trace is sent no events.
func TestNoEventsWithoutTrace(t *testing.T) {
	received := func(to sim.Tracer) int64 {
		h := newHost(t, inMemory(0), rpc.Config{}, gossips())
		require.NoError(t, gossipWorld(t, to, map[string]*rpc.Conn{"c0": h.conn}, "c0", 1000, 100))
		return h.conn.Channel().Traffic().BytesReceived
	}
	without := received(nil)
	require.Less(t, without, int64(2000))
	require.Greater(t, received(&traceMemory{}), without+100_000)
}

// There is a limit on what is taken from a container.
func TestTooManyEvents(t *testing.T) {
	defer sim.LimitEvents(1 << 20)()
	h := newHost(t, inMemory(0), rpc.Config{}, gossips())
	err := gossipWorld(t, &traceMemory{}, map[string]*rpc.Conn{"c0": h.conn}, "c0", 200, 10_000)
	require.ErrorContains(t, err, `t=0s: simulator "agents": step: container "c0" at `)
	require.ErrorContains(t, err, "was asked for more events of round 1 of t=0s: its reply cannot be read: it has more than 1 MB of events for one step, which is the limit; run without a trace, or have less happen at one time")
}

// Replies with events that cannot be are errors that say so.
func TestEventsThatCannotBe(t *testing.T) {
	const more = `was asked for more events of round 0 of t=0s: its reply cannot be read: `
	for _, test := range []struct {
		tracer        sim.Tracer
		events, later string // without the brackets
		want          string
	}{
		{nil, `[1, 0, "", 0], 0`, ``, "was asked for round 0 of t=0s: its reply cannot be read: it has events, but the run is not traced"},
		{nil, `[], 1`, ``, "it has events, but the run is not traced"},
		{&traceMemory{}, `{}, 0`, ``, "cannot be read: json:"},
		{&traceMemory{}, `[], 2`, ``, "the number 2 is not in 0 to 1"},
		{&traceMemory{}, `[1, 0, ""], 0`, ``, "an array is too short"},
		{&traceMemory{}, `[1, 0, 5, 0], 0`, ``, "json:"},
		{&traceMemory{}, `[1, 2, "", 0], 0`, ``, "the number 2 is not in 0 to 1"},
		{&traceMemory{}, `[1, null, "", 0], 0`, ``, "json:"},
		{&traceMemory{}, `[1, 0, "", 7, "a", "b", "m", 1, "[]", ""], 0`, ``, "the number 7 is not in 0 to 6"},
		{&traceMemory{}, `[1, 0, "", 1, "a", "b", "m", 1, "[1", ""], 0`, ``, "json:"},
		{&traceMemory{}, `[1, 0, "", 1, "a", "b", "m", 1, "1, 2", ""], 0`, ``, "json:"},
		{&traceMemory{}, `[1, 0, "", 1, "a", "b", "m", 1, "{\"a\": 1}}", ""], 0`, ``, "json:"},
		{&traceMemory{}, `[], 1`, `[], 1`, more + "there are none"},
		{&traceMemory{}, `[], 1`, `[1, 0, "", 0], 0, 0`, more + "an array is too long"},
		{&traceMemory{}, `[], 1`, `[1], 1`, more + "an array is too short"},
	} {
		h := newHost(t, inMemory(0), rpc.Config{}, gossips())
		for function, reply := range map[string]string{"round": `[1, null, null, [], [], ` + test.events + `]`, "events": `[` + test.later + `]`} {
			h.Service().Remove(function)
			h.Service().Handle(function, func(context.Context, *rpc.Invocation) (any, error) { return codec.Raw(reply), nil })
		}
		err := gossipWorld(t, test.tracer, map[string]*rpc.Conn{"c0": h.conn}, "c0", 1, 1)
		require.ErrorContains(t, err, `t=0s: simulator "agents": step: container "c0" at `, test.events)
		require.ErrorContains(t, err, test.want, test.events)
	}
}

// mutterer sends something while it is made and while it is unwound, when nothing happens.
type mutterer struct{ container.Agent }

func (l *mutterer) Init(*sim.Env, string) error { return l.Send("nobody", "hear") }

func (l *mutterer) Start(ctx context.Context) error {
	defer func() { _ = l.Send("nobody", "hear") }() // nobody is left to be told
	return l.Sleep(ctx, time.Hour)
}

// What is lost outside of steps is not traced, wherever it is.
func TestTraceOfWhatIsLostOutsideOfSteps(t *testing.T) {
	mutterers := sim.AgentOf[mutterer]("Mutterer", "")
	for _, where := range []string{"", "c0"} {
		ctx := context.Background()
		var m traceMemory
		h := newHost(t, inMemory(0), rpc.Config{}, mutterers)
		w := sim.NewWorld(sim.Config{Trace: &m})
		in, err := w.Add(ctx, "agents", sim.NewFederatedAgents(map[string]*rpc.Conn{"c0": h.conn}, mutterers), sim.AddOptions{Params: sim.Params{"loss": 1.0}})
		require.NoError(t, err)
		_, err = in.Create(ctx, "Mutterer", 1, sim.Params{"name": "a", "container": where})
		require.NoError(t, err)
		_, err = w.Run(ctx, sim.RunOptions{Until: second})
		require.NoError(t, err)
		require.NoError(t, w.Close())
		require.Len(t, m.steps, 1)
		require.Len(t, m.steps[0].Agents, 1)
		require.Equal(t, "Start", m.steps[0].Agents[0].Behaviour, fmt.Sprint(m.steps[0].Agents))
	}
}
