package mosaik_test

import (
	"context"
	"errors"
	"net"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/simrun/simrun/channel"
	"github.com/simrun/simrun/codec"
	"github.com/simrun/simrun/internal/worldtest"
	"github.com/simrun/simrun/sim"
	"github.com/simrun/simrun/sim/mosaik"
)

// served serves a simulator, and returns the other end: what it answers to
// [method, args, kwargs], or the text of its failure.
func served(t *testing.T, s sim.Simulator) (conn *channel.Conn, ask func(request string) string, end func() error) {
	t.Helper()
	address, end := serveListening(t, s)
	conn, err := channel.Dial(t.Context(), address, channel.Config{})
	require.NoError(t, err)
	t.Cleanup(func() { _ = conn.Close() })
	return conn, func(request string) string {
		reply, err := conn.Call(t.Context(), codec.Raw(request))
		if err != nil {
			return "failed: " + err.Error()
		}
		return string(reply)
	}, end
}

func heaters() sim.Simulator { return sim.NewModel[Heater](sim.ModelConfig{Name: "Heater"}) }

// The messages of a time-based simulator.
func TestServe(t *testing.T) {
	_, ask, end := served(t, heaters())
	for _, m := range [][2]string{
		{`["init", ["Heat"], {"time_resolution": 60, "step": "5m"}]`, `{"api_version": "3.0", "type": "time-based", "models": {"Heater": {"public": true, "params": ["rated"], ` +
			`"trigger": [], "non-trigger": ["share"], "persistent": ["heat"], "non-persistent": []}}, "extra_methods": []}`},
		{`["create", [2, "Heater"], {"rated": 4}]`, `[{"eid": "Heater-0", "type": "Heater"}, {"eid": "Heater-1", "type": "Heater"}]`},
		{`["get_data", [{"Heater-0": ["heat"]}], {}]`, `{"Heater-0": {"heat": null}}`},
		{`["setup_done", [], {}]`, `null`},
		{`["step", [0, {}, 99], {}]`, `5`},
		{`["get_data", [{"Heater-0": ["heat"], "Heater-1": ["heat", "heat"]}], {}]`, `{"Heater-0": {"heat": 0.0}, "Heater-1": {"heat": 0.0}}`},
		{`["step", [5, {"Heater-1": {"share": {"A.a": 0.5, "A.b": 1, "B.c": null}}}, 99], {}]`, `10`},
		{`["get_data", [{"Heater-0": ["heat"], "Heater-1": ["heat", "heat"]}], {}]`, `{"Heater-0": {"heat": 0.0}, "Heater-1": {"heat": 6.0}}`},
		{`["step", [10, {"Heater-1": {"share": {"A.b": 2.0}}}, 99], {}]`, `15`},
		{`["get_data", [{"Heater-1": ["heat"]}], {}]`, `{"Heater-1": {"heat": 8.0}}`},
	} {
		require.Equal(t, m[1], ask(m[0]), m[0])
	}
	_ = ask(`["stop", [], {}]`) // answered, or not
	require.NoError(t, end())
}

// An old mosaik: time-based simulators only, attributes without kinds, steps without
// max_advance, and in the beginning no setup_done.
func TestServeOldVersions(t *testing.T) {
	s := &counter{}
	address, end := serveListeningAs(t, s, mosaik.ServeConfig{API: "2.0"})
	conn, err := channel.Dial(t.Context(), address, channel.Config{})
	require.NoError(t, err)
	defer conn.Close()
	for _, m := range [][2]string{
		{`["init", ["C"], {}]`, `{"api_version": "2.0", "models": {"Counter": {"public": true, "params": ["start"], "any_inputs": false, "attrs": ["in", "out"]}, ` +
			`"Digit": {"public": false, "params": [], "any_inputs": false, "attrs": []}}, "extra_methods": ["echo", "fail"]}`},
		{`["step", [0, {}], {}]`, `1`},
	} {
		reply, err := conn.Call(t.Context(), codec.Raw(m[0]))
		require.NoError(t, err)
		require.Equal(t, m[1], string(reply))
	}
	_, err = conn.Call(t.Context(), codec.Raw(`["step", [1, {}, 5], {}]`))
	require.ErrorContains(t, err, "step takes 2 arguments, got 3")
	_, _ = conn.Call(t.Context(), codec.Raw(`["stop", [], {}]`))
	require.NoError(t, end())

	address, end = serveListeningAs(t, &generic{world: &worldtest.World{Sims: []worldtest.Sim{{Type: worldtest.Hybrid, Inputs: []string{"trigger"}}}}}, mosaik.ServeConfig{API: "2.2"})
	other, err := channel.Dial(t.Context(), address, channel.Config{})
	require.NoError(t, err)
	_, err = other.Call(t.Context(), codec.Raw(`["init", ["C"], {}]`))
	require.ErrorContains(t, err, "it is hybrid, which version 2.2 of the API does not know; serve it with version 3, to mosaik 3")
	require.NoError(t, other.Close())
	require.ErrorContains(t, end(), "it is hybrid")

	for api, want := range map[string]string{"4": "is not supported", "new": "is not a version such as 3.0"} {
		_, end := serveListeningAs(t, s, mosaik.ServeConfig{API: api})
		require.ErrorContains(t, end(), want)
	}
}

// What mosaik, or somebody who is not mosaik, may get wrong.
func TestServeRefuses(t *testing.T) {
	conn, ask, end := served(t, heaters())
	for _, m := range [][2]string{
		{`["step", [0, {}, 1], {}]`, `step comes before init`},
		{`["init", [], {}]`, `init takes one argument`},
		{`["init", ["H"], {"time_resolution": 0}]`, `the time resolution 0 is not a number of seconds above 0`},
		{`["init", ["H"], {"time_resolution": "1"}]`, `time_resolution`},
		{`["init", ["H"], {"time_resolution": NaN}]`, `the time resolution NaN is not a number of seconds above 0`},
		{`["init", ["H"], {"time_resolution": 1e-10}]`, `is below a nanosecond`},
	} {
		require.Contains(t, ask(m[0]), m[1], m[0])
	}
	require.Contains(t, ask(`["init", ["H"], {"step": "1s"}]`), `"api_version"`)
	for _, m := range [][2]string{
		{`["init", ["H"], {"step": "1s"}]`, `it has been initialised before`},
		{`["nothing", [], {}]`, `nothing`},
		{`["create", [1, "Heatr"], {}]`, `no such model; did you mean "Heater"?`},
		{`["create", [1, "Heater"], {"ratde": 1}]`, `did you mean "rated"?`},
		{`["create", [-1, "Heater"], {}]`, `-1 entities at once`},
		{`["create", [99999999999, "Heater"], {}]`, `entities at once`},
		{`["get_data", [{"Heater-7": ["heat"]}], {}]`, `there is no entity "Heater-7"`},
		{`["get_data", [["Heater-7"]], {}]`, `get_data takes an object {entity: [attribute]}`},
		{`["step", [0, {}], {}]`, `step takes 3 arguments, got 2`},
		{`["step", [0, {}, 1], {"x": 1}]`, `step takes no named arguments, got x`},
		{`["step", [-1, {}, 1], {}]`, `the time -1, in units of 1s, cannot be counted`},
		{`["step", [9223372036854775807, {}, 1], {}]`, `cannot be counted`},
		{`["step", [0, [], 1], {}]`, `step: inputs: `},
		{`["step", [0, {"a": 1}, 1], {}]`, `step: inputs: of a: `},
	} {
		require.Contains(t, ask(m[0]), m[1], m[0])
	}
	// None of these has done harm, until it is given what it cannot take.
	require.Contains(t, ask(`["create", [1, "Heater"], {}]`), `Heater-0`)
	require.Equal(t, `1`, ask(`["step", [0, {}, 9223372036854775807], {}]`))
	require.Contains(t, ask(`["get_data", [{"Heater-0": ["hea"]}], {}]`), `H.Heater-0 has no output "hea"; did you mean "heat"?`)
	require.Contains(t, ask(`["step", [1, {"Heater-0": {"shar": {"a": 1}}}, 1], {}]`), `H.Heater-0 has no input "shar"; did you mean "share"?`)
	require.Contains(t, ask(`["step", [2, {}, 1], {}]`), `it has failed before`)
	require.NoError(t, conn.Close())
	require.ErrorContains(t, end(), `t=1s: simulator "H": step: H.Heater-0 has no input "shar"`)
}

// waiter waits in its step for the end.
type waiter struct {
	counter
	stepping chan struct{}
	closed   bool
}

func (w *waiter) Step(ctx context.Context, _ *sim.Step) (sim.Time, error) {
	close(w.stepping)
	<-ctx.Done()
	return 0, ctx.Err()
}

func (w *waiter) Close() error { w.closed = true; return nil }

// Its program ends with the connection, however that ends, also in the middle of a
// step.
func TestServeEnds(t *testing.T) {
	for name, c := range map[string]struct {
		end  func(t *testing.T, nc *net.TCPConn, conn *channel.Conn)
		says string
	}{
		"stop": {func(t *testing.T, _ *net.TCPConn, conn *channel.Conn) {
			_, err := conn.Start(t.Context(), codec.Raw(`["stop", [], {}]`))
			require.NoError(t, err)
		}, ""},
		"closed": {func(t *testing.T, _ *net.TCPConn, conn *channel.Conn) { require.NoError(t, conn.Close()) },
			"mosaik did not ask it to stop"},
		"reset": {func(t *testing.T, nc *net.TCPConn, _ *channel.Conn) {
			require.NoError(t, nc.SetLinger(0))
			require.NoError(t, nc.Close())
		}, "mosaik did not ask it to stop"},
	} {
		t.Run(name, func(t *testing.T) {
			w := &waiter{stepping: make(chan struct{})}
			address, end := serveListening(t, w)
			nc, err := net.Dial("tcp", address)
			require.NoError(t, err)
			conn := channel.New(nc, channel.Config{})
			defer conn.Close()
			_, err = conn.Call(t.Context(), codec.Raw(`["init", ["W"], {}]`))
			require.NoError(t, err)
			_, err = conn.Start(t.Context(), codec.Raw(`["step", [0, {}, 1], {}]`))
			require.NoError(t, err)
			<-w.stepping
			c.end(t, nc.(*net.TCPConn), conn)
			if err := end(); c.says == "" {
				require.NoError(t, err)
			} else {
				require.ErrorContains(t, err, c.says)
			}
			require.True(t, w.closed)
		})
	}
}

// Its owner ends it.
func TestServeCancelled(t *testing.T) {
	l, err := channel.Listen("127.0.0.1:0", channel.Config{})
	require.NoError(t, err)
	defer l.Close()
	ctx, cancel := context.WithCancelCause(t.Context())
	because := errors.New("enough")
	ended := make(chan error, 1)
	go func() { ended <- mosaik.Serve(ctx, l.Addr(), heaters(), mosaik.ServeConfig{}) }()
	conn, err := l.Accept(t.Context())
	require.NoError(t, err)
	defer conn.Close()
	_, err = conn.Call(t.Context(), codec.Raw(`["init", ["H"], {"step": "1s"}]`))
	require.NoError(t, err)
	cancel(because)
	require.ErrorIs(t, <-ended, because)
	require.ErrorIs(t, mosaik.ServeListener(ctx, l, heaters(), mosaik.ServeConfig{}), because)
	require.ErrorAs(t, mosaik.Serve(t.Context(), "127.0.0.1:1", heaters(), mosaik.ServeConfig{}), new(*mosaik.DialError))
}

// quiet is event-based with a persistent output: hybrid, for mosaik.
type quiet struct {
	In  sim.Input  `attr:"in"`
	Out sim.Output `attr:"out"`
	n   float64
}

func (q *quiet) Step(*sim.Step) error {
	q.n++
	q.Out.Set(q.n + q.In.Float())
	return nil
}

// An event-based simulator that mosaik takes for a hybrid one does not begin at 0
// because of that, but if a value triggers it.
func TestServeEventBasedAsHybrid(t *testing.T) {
	for first, steps := range map[string]bool{`{}`: false, `{"Q-0": {"in": {"A.a": null}}}`: false, `{"Q-0": {"in": {"A.a": 3}}}`: true} {
		_, ask, end := served(t, sim.NewModel[quiet](sim.ModelConfig{Name: "Q", Type: sim.EventBased}))
		require.Contains(t, ask(`["init", ["Q"], {}]`), `"type": "hybrid", "models": {"Q": {"public": true, "params": [], "trigger": ["in"], "non-trigger": [], "persistent": ["out"]`)
		ask(`["create", [1, "Q"], {}]`)
		require.Equal(t, `null`, ask(`["step", [0, `+first+`, 1], {}]`))
		want := `{"Q-0": {}}`
		if steps {
			want = `{"Q-0": {"out": 4.0}}`
		}
		require.Equal(t, want, ask(`["get_data", [{"Q-0": ["out"]}], {}]`), first)
		ask(`["stop", [], {}]`)
		require.NoError(t, end())
	}
}

// Halver puts out half of what it hears, and one.
type Halver struct {
	In  sim.Input  `attr:"in" doc:"number"`
	Out sim.Output `attr:"out" doc:"number"`
}

func (h *Halver) Step(*sim.Step) error {
	h.Out.Set(h.In.Float()/2 + 1)
	return nil
}

func halver() sim.Simulator {
	return sim.NewModel[Halver](sim.ModelConfig{Name: "Halver", Step: 5 * time.Second})
}

// TestServeAtUnixSocket: a world connects to simulators that listen at Unix sockets, and runs
// with the values that it has in one process.
func TestServeAtUnixSocket(t *testing.T) {
	run := func(simulator func(name string) sim.Simulator) *sim.Memory {
		w := newWorld(t)
		var made []*sim.Entity
		for _, name := range []string{"A", "B"} {
			in, err := w.Add(t.Context(), name, simulator(name), sim.AddOptions{})
			require.NoError(t, err)
			made = append(made, create(t, in, "Halver", 1, nil)[0])
		}
		require.NoError(t, w.Connect(made[0], "out", made[1], "in", sim.ConnectOptions{}))
		require.NoError(t, w.Connect(made[1], "out", made[0], "in", sim.ConnectOptions{Shift: 5 * time.Second, HasInitial: true, Initial: sim.Float(0.5)}))
		var m sim.Memory
		require.NoError(t, w.Record(&m, 0, sim.Ref{Entity: made[0], Attr: "out"}, sim.Ref{Entity: made[1], Attr: "out"}))
		_, err := w.Run(t.Context(), sim.RunOptions{Until: seconds(60)})
		require.NoError(t, err)
		require.NoError(t, w.Close())
		return &m
	}
	var ends []func() error
	dir := t.TempDir()
	remote := run(func(name string) sim.Simulator {
		address, end := serveAt(t, "ipc://"+filepath.Join(dir, name), halver(), mosaik.ServeConfig{})
		ends = append(ends, end)
		return mosaik.New(mosaik.Config{Connect: address})
	})
	for _, end := range ends {
		require.NoError(t, end())
	}
	local := run(func(string) sim.Simulator { return halver() })
	require.Len(t, local.Rows, 24)
	for _, entity := range []string{"A.Halver-0", "B.Halver-0"} {
		times, want := local.Floats(entity, "out")
		remoteTimes, got := remote.Floats(entity, "out")
		require.Equal(t, times, remoteTimes)
		require.Equal(t, want, got)
	}
}
