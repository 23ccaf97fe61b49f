package sim_test

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/simrun/simrun/channel"
	"github.com/simrun/simrun/codec"
	"github.com/simrun/simrun/container"
	"github.com/simrun/simrun/rpc"
	"github.com/simrun/simrun/scheduler"
	"github.com/simrun/simrun/sim"
)

// trap is an agent that does at 2 s what its test wants.
type trap struct {
	container.Agent
	In  sim.Input  `attr:"in" doc:"what it adds up"`
	Out sim.Output `attr:"out" doc:"the sum"`
	env *sim.Env
}

// traps are what the agents of these names do; of agents that were stopped, nil.
var traps sync.Map

type trapFunc func(ctx context.Context, a *trap) error

func (a *trap) Init(env *sim.Env, _ string) error { a.env = env; return nil }

func (a *trap) Start(ctx context.Context) error {
	if err := a.SleepUntil(ctx, 2*scheduler.Second); err != nil {
		return err
	}
	if do, ok := traps.Load(a.Name()); ok {
		return do.(trapFunc)(ctx, a)
	}
	return nil
}

func (a *trap) OnInput(context.Context) error { a.Out.Set(a.In.Float()); return nil }

func (a *trap) Stop() error { traps.Delete(a.Name()); return nil }

func trapType() sim.AgentType { return sim.AgentOf[trap]("Trap", "does what a test wants") }

// trapWorld is a world with one trap in container c0, and an agent of the run.
func trapWorld(t *testing.T, name string, conns map[string]*rpc.Conn, params sim.Params, do trapFunc) (*sim.World, error) {
	traps.Store(name, do)
	ctx := context.Background()
	w := sim.NewWorld(sim.Config{Seed: 1})
	in, err := w.Add(ctx, "agents", sim.NewFederatedAgents(conns, trapType()), sim.AddOptions{Params: params})
	if err != nil {
		return w, err
	}
	if _, err = in.Create(ctx, "Trap", 1, sim.Params{"name": "here"}); err == nil {
		_, err = in.Create(ctx, "Trap", 1, sim.Params{"name": name, "container": "c0"})
	}
	return w, err
}

func runTo10(ctx context.Context, w *sim.World) error {
	_, err := w.Run(ctx, sim.RunOptions{Until: 10 * scheduler.Second})
	return err
}

// A container that dies ends the run with an error that names it and what it was
// asked for.
func TestContainerThatDies(t *testing.T) {
	h := newHost(t, inMemory(0), rpc.Config{}, trapType())
	w, err := trapWorld(t, "dies", map[string]*rpc.Conn{"c0": h.conn}, nil, func(context.Context, *trap) error {
		for _, c := range h.listener.Conns() {
			c.Channel().Abort(errors.New("killed"))
		}
		return nil
	})
	require.NoError(t, err)
	err = runTo10(context.Background(), w)
	require.ErrorIs(t, err, channel.ErrPeerClosed)
	var failure *sim.ContainerError
	require.ErrorAs(t, err, &failure)
	require.Equal(t, "c0", failure.Container)
	require.ErrorContains(t, err, fmt.Sprintf(`t=2s: simulator "agents": step: container "c0" at %s was asked for round 0 of t=2s: `, failure.Address))
	require.NoError(t, w.Close())

	// The host has dropped the run, so another one may begin over another connection.
	again, err := rpc.Dial(context.Background(), h.listener.Addr(), rpc.Config{})
	require.NoError(t, err)
	defer again.Close()
	ready(t, again)
	_, left := traps.Load("dies")
	require.False(t, left, "the agent was stopped")
}

// ready checks that a container takes a run, waiting until it has ended one whose
// connection has broken.
func ready(t *testing.T, conn *rpc.Conn) {
	t.Helper()
	for {
		w, err := trapWorld(t, "again", map[string]*rpc.Conn{"c0": conn}, nil, func(context.Context, *trap) error { return nil })
		if err != nil {
			require.ErrorContains(t, err, "the container is part of another run")
			require.NoError(t, w.Close())
			continue
		}
		require.NoError(t, runTo10(context.Background(), w))
		require.NoError(t, w.Close())
		return
	}
}

// A run that is interrupted while a container hangs names it.
func TestInterruptedRunNamesTheContainer(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := newHost(t, inMemory(0), rpc.Config{}, trapType())
		hang := make(chan struct{})
		w, err := trapWorld(t, "interrupted", map[string]*rpc.Conn{"c0": h.conn}, nil, func(context.Context, *trap) error {
			<-hang
			return nil
		})
		require.NoError(t, err)
		ctx, cancel := context.WithCancel(context.Background())
		time.AfterFunc(20*time.Second, cancel)
		require.EqualError(t, runTo10(ctx, w), `t=2s: interrupted; simulator "agents" had been in its step at 2s for 20s, waiting for container "c0"`)
		close(hang)
		require.NoError(t, w.Close())
		ready(t, h.conn)
	})
}

// A container that hangs ends the run, if a limit was set.
func TestContainerThatHangs(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := newHost(t, inMemory(0), rpc.Config{}, trapType())
		hang := make(chan struct{})
		w, err := trapWorld(t, "hangs", map[string]*rpc.Conn{"c0": h.conn}, sim.Params{"round_timeout": "3m"}, func(context.Context, *trap) error {
			<-hang
			return nil
		})
		require.NoError(t, err)
		begin := time.Now()
		require.ErrorContains(t, runTo10(context.Background(), w), `was asked for round 0 of t=2s: no answer within 3m0s; see there what it does, or allow it more time`)
		require.Equal(t, 3*time.Minute, time.Since(begin))
		require.ErrorContains(t, w.Close(), `was asked to end the run: no answer within 500ms`)
		close(hang)
		synctest.Wait()
		ready(t, h.conn)
	})
}

// A container that works for long shows signs of life meanwhile.
func TestContainerThatTakesItsTime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := newHost(t, inMemory(0), rpc.Config{Config: channel.Config{Extended: true, KeepAlive: time.Second}}, trapType())
		w, err := trapWorld(t, "slow", map[string]*rpc.Conn{"c0": h.conn}, nil, func(context.Context, *trap) error {
			time.Sleep(time.Hour)
			return nil
		})
		require.NoError(t, err)
		require.NoError(t, runTo10(context.Background(), w))
		require.NoError(t, w.Close())
	})
}

// A run that is interrupted while a container works ends at once, and leaves it ready.
func TestRunInContainersIsInterrupted(t *testing.T) {
	h := newHost(t, inMemory(0), rpc.Config{}, trapType())
	ctx, cancel := context.WithCancel(context.Background())
	cancelled := make(chan struct{})
	w, err := trapWorld(t, "stop", map[string]*rpc.Conn{"c0": h.conn}, nil, func(context.Context, *trap) error {
		cancel()
		<-cancelled
		return nil
	})
	require.NoError(t, err)
	require.ErrorIs(t, runTo10(ctx, w), sim.ErrInterrupted)
	close(cancelled)
	require.NoError(t, w.Close())
	ready(t, h.conn)
}

// When the run goes away, its agents do.
func TestRunThatVanishes(t *testing.T) {
	h := newHost(t, inMemory(0), rpc.Config{}, trapType())
	_, err := trapWorld(t, "orphan", map[string]*rpc.Conn{"c0": h.conn}, nil, nil)
	require.NoError(t, err)
	require.NoError(t, h.conn.Close())
	again, err := rpc.Dial(context.Background(), h.listener.Addr(), rpc.Config{})
	require.NoError(t, err)
	defer again.Close()
	ready(t, again)
	_, left := traps.Load("orphan")
	require.False(t, left, "the agent was stopped")
}

func TestOneRunAtATime(t *testing.T) {
	h := newHost(t, inMemory(0), rpc.Config{}, trapType())
	conns := map[string]*rpc.Conn{"c0": h.conn}
	w, err := trapWorld(t, "first", conns, nil, func(context.Context, *trap) error { return nil })
	require.NoError(t, err)
	second, err := trapWorld(t, "second", conns, nil, nil)
	require.ErrorContains(t, err, `container "c0" at `)
	require.ErrorContains(t, err, `was asked to begin a run: the container is part of another run, of `)
	require.NoError(t, second.Close())
	require.NoError(t, runTo10(context.Background(), w), "the first is not disturbed")

	other, err := rpc.Dial(context.Background(), h.listener.Addr(), rpc.Config{})
	require.NoError(t, err)
	defer other.Close()
	for _, function := range []string{"create", "join", "round", "close"} {
		_, err = other.Remote().Call(context.Background(), "federation/"+function, []any{})
		require.ErrorContains(t, err, "this connection has begun no run, or it has ended")
	}
	require.NoError(t, w.Close())
	require.NoError(t, h.AgentHost.Close())
	_, err = trapWorld(t, "late", conns, nil, nil)
	require.ErrorContains(t, err, "the container is closed")
}

func TestCloseOfAHostEndsTheRun(t *testing.T) {
	h := newHost(t, inMemory(0), rpc.Config{}, trapType())
	w, err := trapWorld(t, "closed", map[string]*rpc.Conn{"c0": h.conn}, nil, func(context.Context, *trap) error { return nil })
	require.NoError(t, err)
	require.NoError(t, h.AgentHost.Close())
	_, left := traps.Load("closed")
	require.False(t, left, "the agent was stopped")
	require.ErrorContains(t, runTo10(context.Background(), w), "was asked to join the others: this connection has begun no run, or it has ended")
	require.ErrorContains(t, w.Close(), "it has ended")
}

// other has the name of trap's type, but another input.
type other struct {
	container.Agent
	Size float64   `param:"size" unit:"m" default:"1"`
	In   sim.Input `attr:"in,quiet"`
}

func TestContainersThatDoNotFit(t *testing.T) {
	ctx := context.Background()
	service := func(version int) *rpc.Conn {
		var r rpc.Router
		r.Expose("federation/describe", func(context.Context, []any) ([]any, error) { return []any{version, map[string]any{}}, nil })
		l, err := rpc.Listen(inMemory(0), rpc.Config{Service: &r})
		require.NoError(t, err)
		served := make(chan error)
		go func() { served <- l.Serve(ctx, nil) }()
		conn, err := rpc.Dial(ctx, l.Addr(), rpc.Config{})
		require.NoError(t, err)
		t.Cleanup(func() {
			require.NoError(t, conn.Close())
			require.NoError(t, l.Close())
			require.NoError(t, <-served)
		})
		return conn
	}
	for want, conn := range map[string]*rpc.Conn{
		"was asked for the agent types that it has: it speaks version 99 of the protocol between containers, and the run version 3; use the same version of the program for both": service(99),
		`agent type "Trap" is not the same in the run and in container "c0": here it has input in (in "", trigger true, event false), there parameter size (float64 in "m", default "1")`: newHost(t, inMemory(0), rpc.Config{},
			sim.AgentOf[other]("Trap", "")).conn,
		`container "c0" has no agent type "Trap"; there is "Other"`: newHost(t, inMemory(0), rpc.Config{}, sim.AgentOf[other]("Other", "")).conn,
	} {
		w, err := trapWorld(t, "misfit", map[string]*rpc.Conn{"c0": conn}, nil, nil)
		require.ErrorContains(t, err, want)
		require.NoError(t, w.Close())
	}
	require.PanicsWithValue(t, `sim: two agent types named "Trap"`, func() { sim.NewAgentHost(trapType(), trapType()) })
	type placed struct {
		container.Agent
		Where string `param:"container" default:""`
	}
	require.PanicsWithValue(t, `sim: agent type "Placed": agents in containers have a parameter "container" already; call it otherwise`,
		func() { sim.NewFederatedAgents(nil, sim.AgentOf[placed]("Placed", "")) })
}

// Mistakes in the composition are told as without containers.
func TestCreateInContainers(t *testing.T) {
	ctx := context.Background()
	w := sim.NewWorld(sim.Config{})
	defer func() { require.NoError(t, w.Close()) }()
	conns := hosts(t, 2, inMemory, rpc.Config{}, dealers()...)
	in, err := w.Add(ctx, "market", sim.NewFederatedAgents(conns, dealers()...), sim.AddOptions{})
	require.NoError(t, err)
	for want, p := range map[string]sim.Params{
		`parameter "container": there is no container c3; did you mean "c0"?`: {"container": "c3"},
		`parameter "container": there is no container 7;`:                     {"container": 7},
		`unwelcome: not welcome`:                                              {"container": "c0", "name": "unwelcome"},
		`parameter "pause" (a duration, between`:                              {"container": "c0", "pause": "often"},
		`no parameter "pauze"; did you mean "paus`:                            {"container": "c0", "pauze": "1s"},
		`cannot encode`: {"container": "c0", "fail": make(chan int)},
	} {
		if p["others"] == nil {
			p["others"] = []string{"x"}
		}
		_, err := in.Create(ctx, "Dealer", 1, p)
		require.ErrorContains(t, err, want)
	}
	es, err := in.Create(ctx, "Dealer", 2, sim.Params{"container": "c0", "others": []string{}, "pause": time.Minute})
	require.NoError(t, err)
	require.Equal(t, "market.Dealer-4", es[0].FullID(), "numbers are counted over all containers")
	_, err = in.Create(ctx, "Dealer", 1, sim.Params{"name": "Dealer-5", "container": "c1", "others": []string{}})
	require.ErrorContains(t, err, `two entities with ID "Dealer-5"`)
}

// What agents in containers cannot do they are told.
func TestAgentsInContainersAskForNothing(t *testing.T) {
	h := newHost(t, inMemory(0), rpc.Config{}, trapType())
	w, err := trapWorld(t, "asks", map[string]*rpc.Conn{"c0": h.conn}, nil, func(ctx context.Context, a *trap) error {
		q := a.env.Requests
		_, err1 := q.Progress(ctx)
		_, err2 := q.Related(ctx)
		_, err3 := q.GetData(ctx, "x", "y")
		for _, err := range []error{err1, err2, err3, q.SetData(ctx, "", "x", "y", sim.Null), q.SetEvent(ctx, 0)} {
			if err == nil || err.Error() != `agents in container "c0" cannot ask the world for anything; let those that do live in the process of the run` {
				return fmt.Errorf("unexpected: %w", err)
			}
		}
		var file fs.File
		file, err := a.env.Open("data.csv")
		return fmt.Errorf("%v, %w", file, err)
	})
	require.NoError(t, err)
	require.EqualError(t, runTo10(context.Background(), w), `t=2s: simulator "agents": step: agent "asks", Start: <nil>, data.csv: agents in container "c0" cannot open files of the run; let those that need some live in the process of the run`)
	require.NoError(t, w.Close())
}

// A wrong input is told as without containers; what is set by requests arrives.
func TestInputsOfAgentsInContainers(t *testing.T) {
	for _, where := range []string{"", "c0"} {
		ctx := context.Background()
		h := newHost(t, inMemory(0), rpc.Config{}, trapType())
		w := sim.NewWorld(sim.Config{})
		in, err := w.Add(ctx, "agents", sim.NewFederatedAgents(map[string]*rpc.Conn{"c0": h.conn}, trapType()), sim.AddOptions{})
		require.NoError(t, err)
		var es []*sim.Entity
		for _, name := range []string{"free", "wired"} {
			made, err := in.Create(ctx, "Trap", 1, sim.Params{"name": name, "container": where})
			require.NoError(t, err)
			es = append(es, made...)
		}
		setter := &fake{typ: sim.Hybrid, step: func(ctx context.Context, f *fake, s *sim.Step) (sim.Time, error) {
			if s.Time() == 4*second {
				f.out[0].SetValue(sim.Text("much"))
			} else {
				f.out[0].Set(seconds(s))
			}
			if s.Time() == second {
				if err := f.env.Requests.SetData(ctx, "a.b", "agents.free", "in", sim.Int(7)); err != nil {
					return 0, err
				}
			}
			return s.Time() + second, f.env.Requests.SetData(ctx, "c.d", "agents.wired", "in", sim.Float(0.5))
		}}
		source := create(t, w, "setter", setter, "M", nil)
		require.NoError(t, w.Connect(source, "out", es[1], "in", sim.ConnectOptions{Shift: time.Second, Initial: sim.Int(0), HasInitial: true}))
		w.ConnectAsync(es[1], source)
		var m sim.Memory
		require.NoError(t, w.Record(&m, 0, sim.Ref{Entity: es[0], Attr: "out"}, sim.Ref{Entity: es[1], Attr: "out"}))
		require.EqualError(t, runTo10(ctx, w), `t=5s: simulator "agents": step: input in of agents.wired: the value "much" from setter.m0 is not a number; correct setter.m0, or connect something else`, where)
		_, free := m.Floats("agents.free", "out")
		_, wired := m.Floats("agents.wired", "out")
		require.Equal(t, []float64{7}, free, where)
		require.Equal(t, []float64{0.5, 1.5, 2.5, 3.5}, wired, where)
		require.NoError(t, w.Close())
	}
}

// In a loop at one time agents step again and again, wherever they live.
func TestAgentsInContainersInALoop(t *testing.T) {
	results := make(map[string][]sim.Row)
	for _, where := range []string{"", "c0"} {
		ctx := context.Background()
		h := newHost(t, inMemory(0), rpc.Config{}, trapType())
		w := sim.NewWorld(sim.Config{})
		group := w.NewGroup("loop")
		in, err := w.Add(ctx, "agents", sim.NewFederatedAgents(map[string]*rpc.Conn{"c0": h.conn}, trapType()), sim.AddOptions{Group: group})
		require.NoError(t, err)
		es, err := in.Create(ctx, "Trap", 2, sim.Params{"name": "loop", "container": where})
		require.NoError(t, err)
		raise := &fake{typ: sim.Hybrid, step: func(_ context.Context, f *fake, s *sim.Step) (sim.Time, error) {
			if x := f.in[0].Float(); x < 10*(seconds(s)+1) {
				f.event[0].Set(x/2 + 1)
			}
			return s.Time() + second, nil
		}}
		other, err := w.Add(ctx, "raise", raise, sim.AddOptions{Group: group})
		require.NoError(t, err)
		made, err := other.Create(ctx, "M", 1, nil)
		require.NoError(t, err)
		for _, e := range es {
			require.NoError(t, w.Connect(made[0], "event", e, "in", sim.ConnectOptions{}))
			require.NoError(t, w.Connect(e, "out", made[0], "in", sim.ConnectOptions{Weak: true}))
		}
		var m sim.Memory
		require.NoError(t, w.Record(&m, 0, sim.Ref{Entity: es[0], Attr: "out"}, sim.Ref{Entity: es[1], Attr: "out"}))
		require.NoError(t, runTo10(ctx, w))
		require.Greater(t, in.Stats().Steps, int64(30), "several at one time")
		require.NoError(t, w.Close())
		results[where] = m.Rows
	}
	require.Greater(t, len(results[""]), 5)
	require.Equal(t, results[""], results["c0"])
}

// A message beyond the limit on frames says so.
func TestFrameOfARoundIsTooLarge(t *testing.T) {
	for _, side := range []string{"run", "container"} {
		h := newHost(t, inMemory(0), rpc.Config{Config: channel.Config{MaxFrame: 20_000}}, trapType())
		big := make([]any, 20_000)
		tell := func(ctx context.Context, a *trap) error { return a.Send("here", "hear", big) }
		if side == "run" {
			tell = func(ctx context.Context, a *trap) error { return nil }
			traps.Store("here", trapFunc(func(ctx context.Context, a *trap) error { return a.Send("tells", "hear", big) }))
		}
		w, err := trapWorld(t, "tells", map[string]*rpc.Conn{"c0": h.conn}, nil, tell)
		require.NoError(t, err)
		err = runTo10(context.Background(), w)
		require.ErrorContains(t, err, `t=2s: simulator "agents": step: container "c0" at `)
		require.ErrorContains(t, err, "exceeds the limit of 20000 bytes (MaxFrame)")
		require.NoError(t, w.Close())
		ready(t, h.conn)
	}
}

// FuzzAgentHost calls a host with anything.
func FuzzAgentHost(f *testing.F) {
	for i, body := range []string{
		`["c0", "agents", "1", "", 1000000000, 100, {}, 1]`,
		`["Trap", ["a", "b"], {"x": [1]}]`,
		`[["a", "b", "z"]]`,
		`[0, 0, [0, [[0, 0, "s.x", 1]], [[0, [0, 7, 1.5, 0, 3, [4, "t"]], ["q", [6, "[1]"]]]]], []]`,
		`[0, 1, null, [[2, 4611686018427387904, 0, 0, "m", [], {}]]]`,
		`[0, 1, null, [[18, 4611686018427387904, 0, 0, "hear", [1], {}, 5]]]`,
		`[]`,
	} {
		f.Add(uint8(i), []byte(body))
	}
	functions := []string{"init", "create", "join", "round", "round", "round", "events", "describe", "close"}
	f.Fuzz(func(t *testing.T, which uint8, body []byte) {
		ctx := context.Background()
		h := newHost(t, inMemory(0), rpc.Config{}, trapType())
		call := func(function string, body []byte) {
			if _, err := codec.JSON.Decode(body); err == nil {
				_, err := h.conn.Remote().Call(ctx, "federation/"+function, codec.Raw(body))
				if remote, ok := errors.AsType[*channel.RemoteError](err); err != nil && (!ok || remote.Type == "RuntimeError") {
					t.Fatalf("%s(%s): %v", function, body, err)
				}
			}
		}
		n := int(which) % len(functions)
		call("init", []byte(`["c0", "agents", "1", "", 1000000000, 100, {}, 1]`))
		call("create", []byte(`["Trap", ["x"], {}]`))
		if n > 2 {
			call("join", []byte(`[["x", "y"]]`))
			call("round", []byte(`[0, 0, [0, [[0, 0, "s.x", 1]], []], []]`))
		}
		call(functions[n], body)
		call("round", []byte(`[1000000000, 0, null, []]`))
		call("close", []byte(`[]`))
	})
}

// FuzzContainerReplies has a container reply with anything to what it is asked in a
// run.
func FuzzContainerReplies(f *testing.F) {
	const none = `[[], 0]`
	for _, reply := range [][2]string{
		{`[9223372036854775807, null, null, [0, 1.5], [], [], 0]`, none},
		{`[0, null, "input error", [0, [2, 3]], [], [], 0]`, none},
		{`[1000000000, [0, 5, 0, 0, "liar", "Start", "text", "stack"], null, [], [], [1, 0, "Start", 0], 0]`, none},
		{`[1000000000, [1, 5, 0, 100, ["liar"]], null, [0, [6, "[1]"], 0, [17, "\"x\""], 0, [16, -1], 0, [0], 0, [1, true]], [], [], 0]`, none},
		{`[0, null, null, [], [[0, 1, 0, 0, 1, "m", [], {}], [1, 1, 0, 5, 1, "v"], [18, 1, 0, 5, "m", [], {}, 7]], [], 0]`, none},
		{`[1000000000, null, null, [], [], [1, "liar/x", "", 1, "here", "liar", "m", 5, "[NaN]", ""], 1]`, `[[2, 0, "", 5, 1, 0, "", 0, "", "lost"], 0]`},
		{`[1000000000, null, null, [], [], [], 1]`, `[[-1, "", "", 0], 1]`},
		{`[1000000000, null, null, [], [], [], 1]`, `[[1, 1, "", 4, "a", "b", "", 1, "1, 2", ""], 1]`},
	} {
		f.Add([]byte(reply[0]), []byte(reply[1]))
	}
	f.Fuzz(func(t *testing.T, body, events []byte) {
		for _, reply := range [][]byte{body, events} {
			if _, err := codec.JSON.Decode(reply); err != nil {
				return
			}
		}
		h := newHost(t, inMemory(0), rpc.Config{}, trapType())
		for function, reply := range map[string][]byte{"round": body, "events": events} {
			h.Service().Remove(function)
			h.Service().Handle(function, func(context.Context, *rpc.Invocation) (any, error) { return codec.Raw(reply), nil })
		}
		defer sim.LimitEvents(10_000)()
		ctx := context.Background()
		w := sim.NewWorld(sim.Config{Trace: &traceMemory{}})
		defer w.Close()
		in, err := w.Add(ctx, "agents", sim.NewFederatedAgents(map[string]*rpc.Conn{"c0": h.conn}, trapType()), sim.AddOptions{Params: sim.Params{"max_rounds": 20}})
		require.NoError(t, err)
		for name, where := range map[string]string{"here": "", "liar": "c0"} {
			_, err := in.Create(ctx, "Trap", 1, sim.Params{"name": name, "container": where})
			require.NoError(t, err)
		}
		ctx, cancel := context.WithTimeout(ctx, time.Minute)
		defer cancel()
		if _, err := w.Run(ctx, sim.RunOptions{Until: scheduler.Second}); err != nil {
			require.NotContains(t, err.Error(), "goroutine ", "%s", body) // of a panic
		}
		require.NoError(t, ctx.Err(), "%s", body)
	})
}
