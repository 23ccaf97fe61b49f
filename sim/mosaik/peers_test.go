package mosaik_test

import (
	"bufio"
	"context"
	"os/exec"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/simrun/simrun/codec"
	"github.com/simrun/simrun/internal/peertest"
	"github.com/simrun/simrun/sim"
	"github.com/simrun/simrun/sim/mosaik"
)

// An unmodified program on mosaik-api 2.4.2, which mosaik 3 cannot start, also
// without being told which version it is.
func TestAPI2(t *testing.T) {
	for name, c := range map[string]struct {
		api      string
		separate bool
	}{"told": {"2.4", false}, "found out": {"", false}, "two writes": {"2", true}} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			cfg := peer(t, "api2.py")
			cfg.API, cfg.SeparateGetData = c.api, c.separate
			a := create(t, add(t, w, "A", cfg, sim.Params{"step_size": 2}), "Counter", 1, nil)[0]
			b := create(t, add(t, w, "B", peer(t, "timebased.py"), nil), "Counter", 1, nil)[0]
			require.NoError(t, w.Connect(a, "out", b, "in", sim.ConnectOptions{}))
			var m sim.Memory
			require.NoError(t, w.Record(&m, 0, sim.Ref{Entity: b, Attr: "out"}))
			_, err := w.Run(t.Context(), sim.RunOptions{Until: seconds(4)})
			require.NoError(t, err)
			require.Equal(t, "0s:0 1s:1 2s:3 3s:4", values(&m, "B.counter-0", "out"))
		})
	}
}

// Its exceptions end the connection instead of being answered.
func TestAPI2Failure(t *testing.T) {
	w := newWorld(t)
	create(t, add(t, w, "A", peer(t, "api2.py"), sim.Params{"fail_at": 1}), "Counter", 1, nil)
	_, err := w.Run(t.Context(), sim.RunOptions{Until: seconds(4)})
	require.ErrorContains(t, err, `t=1s: simulator "A": step: `)
	require.ErrorContains(t, err, "exited with status 1)\n  its last output:\n")
	require.ErrorContains(t, err, "ValueError: no convergence at 1\n")
}

func TestEventBased(t *testing.T) {
	w := newWorld(t)
	a := create(t, add(t, w, "A", peer(t, "eventbased.py"), sim.Params{"interval": 3, "delay": 1}), "Relay", 2, nil)
	b := create(t, add(t, w, "B", peer(t, "eventbased.py"), nil), "Relay", 1, nil)
	w.Instance("A").SetInitialEvent(seconds(1))
	require.NoError(t, w.Connect(a[0], "out", b[0], "in", sim.ConnectOptions{}))
	require.NoError(t, w.Connect(a[1], "out", b[0], "in", sim.ConnectOptions{}))
	var m sim.Memory
	require.NoError(t, w.Record(&m, 0, sim.Ref{Entity: a[0], Attr: "out"}, sim.Ref{Entity: b[0], Attr: "out"}))
	_, err := w.Run(t.Context(), sim.RunOptions{Until: seconds(8)})
	require.NoError(t, err)
	require.Equal(t, "2s:1 5s:4", values(&m, "A.relay-0", "out"))
	require.Equal(t, "2s:2 5s:5", values(&m, "B.relay-0", "out"))
}

func TestHybrid(t *testing.T) {
	w := newWorld(t)
	src := create(t, add(t, w, "A", peer(t, "timebased.py"), sim.Params{"step_size": 2}), "Counter", 1, sim.Params{"start": 5})[0]
	cell := create(t, add(t, w, "B", peer(t, "hybrid.py"), nil), "Cell", 1, nil)[0]
	require.NoError(t, w.Connect(src, "out", cell, "kick", sim.ConnectOptions{}))
	require.NoError(t, w.Connect(src, "out", cell, "level", sim.ConnectOptions{}))
	var m sim.Memory
	require.NoError(t, w.Record(&m, 0, sim.Ref{Entity: cell, Attr: "state"}, sim.Ref{Entity: cell, Attr: "alarm"}))
	_, err := w.Run(t.Context(), sim.RunOptions{Until: seconds(5)})
	require.NoError(t, err)
	require.Equal(t, "0s:10 2s:17 4s:25", values(&m, "B.cell-0", "state"))
	require.Equal(t, "0s:5 2s:6 4s:7", values(&m, "B.cell-0", "alarm"))
}

// Requests in the middle of a step work also when get_data has been sent along
// with it.
func TestRequestsInStep(t *testing.T) {
	for name, separate := range map[string]bool{"one write": false, "two writes": true} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			model := add(t, w, "Model", peer(t, "timebased.py"), nil)
			agents := peer(t, "async_set.py")
			agents.SeparateGetData = separate
			var warnings []string
			agents.Warn = func(text string) { warnings = append(warnings, text) }
			mas := add(t, w, "MAS", agents, nil)
			counter := create(t, model, "Counter", 1, nil)[0]
			agent := create(t, mas, "Agent", 1, nil)[0]
			require.NoError(t, w.Connect(counter, "out", agent, "in", sim.ConnectOptions{AsyncRequests: true}))
			var m sim.Memory
			// Recording what the agent does not give makes get_data necessary.
			require.NoError(t, w.Record(&m, 0, sim.Ref{Entity: counter, Attr: "seen"}, sim.Ref{Entity: agent, Attr: "in"}))
			_, err := w.Run(t.Context(), sim.RunOptions{Until: seconds(3)})
			require.NoError(t, err)
			require.Equal(t, []string{`simulator "MAS" gives no value for in of agent-0, which is persistent; its readers get null`}, warnings)
			// What was set in a step arrives in the next one, once.
			require.Equal(t, `0s:{} 1s:{"MAS.agent-0": 0} 2s:{"MAS.agent-0": 1}`, values(&m, "Model.counter-0", "seen"))
		})
	}
}

func TestSetupDone(t *testing.T) {
	w := newWorld(t)
	db := add(t, w, "DB", peer(t, "setup_async.py"), nil)
	entity := create(t, db, "Database", 1, nil)[0]
	counter := create(t, add(t, w, "A", peer(t, "timebased.py"), nil), "Counter", 1, nil)[0]
	require.NoError(t, w.Connect(counter, "out", entity, "anything", sim.ConnectOptions{}))
	_, err := w.Run(t.Context(), sim.RunOptions{Until: seconds(1)})
	require.NoError(t, err)
	v, err := w.Instance("DB").Call(t.Context(), "history", nil, nil)
	require.NoError(t, err)
	require.Contains(t, v.String(), `{"graph": {"nodes": {`)
	got, err := v.Any()
	require.NoError(t, err)
	graph, _ := got.(codec.Object).Get("graph")
	edges, _ := graph.(codec.Object).Get("edges")
	require.Equal(t, []any{[]any{"A.counter-0", "DB.db-0", codec.Object{}}}, edges)
	progress, _ := got.(codec.Object).Get("progress")
	require.Equal(t, 0.0, progress)
}

// Children, relations, extra information, extra methods, and asking for data
// before a run.
func TestComposition(t *testing.T) {
	w := newWorld(t)
	in := add(t, w, "X", peer(t, "extra.py"), nil)
	house := create(t, in, "House", 1, sim.Params{"rooms": 3})[0]
	require.Len(t, house.Children(), 3)
	require.Equal(t, "house-0/room-1", house.Children()[1].ID())
	require.Equal(t, "Room", house.Children()[1].Model().Name)
	require.Equal(t, []string{"house-0/room-0"}, house.Children()[1].Related())
	require.Equal(t, codec.Object{{Key: "floor", Value: int64(1)}, {Key: "tags", Value: []any{"a", "b"}}}, house.Extra())
	_, err := in.Create(t.Context(), "Room", 1, nil)
	require.ErrorContains(t, err, "no such model")

	v, err := in.Call(t.Context(), "add", []any{int64(1)}, sim.Params{"b": 2.5})
	require.NoError(t, err)
	require.Equal(t, "3.5", v.String())
	_, err = in.Call(t.Context(), "fail", []any{"no way"}, nil)
	require.ErrorContains(t, err, `simulator "X": fail: `)
	require.ErrorContains(t, err, "ValueError: no way")
	require.ErrorContains(t, err, "its traceback:\n")
	// The failure of a method is not the end.
	v, err = in.Call(t.Context(), "echo", []any{map[string]any{"k": []any{nil, true}}}, nil)
	require.NoError(t, err)
	require.Equal(t, `{"k": [null, true]}`, v.String())

	counter := create(t, add(t, w, "A", peer(t, "timebased.py"), nil), "Counter", 1, nil)[0]
	_, err = w.Get(t.Context(), sim.Ref{Entity: counter, Attr: "out"})
	require.ErrorContains(t, err, "KeyError") // it has not stepped
}

// A program that listens.
func TestConnect(t *testing.T) {
	cmd := exec.Command(peertest.Python(t), "testdata/rawsim.py", "--remote", "127.0.0.1:0")
	out, err := cmd.StdoutPipe()
	require.NoError(t, err)
	require.NoError(t, cmd.Start())
	addr, err := bufio.NewReader(out).ReadString('\n')
	require.NoError(t, err)
	m, err, closeErr := runAlone(t, mosaik.New(mosaik.Config{Connect: strings.TrimSpace(addr)}))
	require.NoError(t, err)
	require.NoError(t, closeErr)
	require.Equal(t, good, values(m, "raw.e0", "out"))
	require.NoError(t, cmd.Wait())
}

// A step that hangs ends soon after the run is cancelled, and so does the
// program.
func TestInterrupt(t *testing.T) {
	s := mosaik.New(peer(t, "rawsim.py", "--mode", "hang", "--at", "0"))
	w := sim.NewWorld(sim.Config{})
	_, err := w.Add(t.Context(), "raw", s, sim.AddOptions{})
	require.NoError(t, err)
	p := &probe{stepping: make(chan struct{})}
	_, err = w.Add(t.Context(), "probe", p, sim.AddOptions{})
	require.NoError(t, err)
	ctx, cancel := context.WithCancel(t.Context())
	go func() {
		<-p.stepping
		cancel()
	}()
	begin := time.Now()
	_, err = w.Run(ctx, sim.RunOptions{Until: seconds(4)})
	require.ErrorIs(t, err, sim.ErrInterrupted)
	require.NoError(t, w.Close())
	require.True(t, s.Process().Exited())
	require.Less(t, time.Since(begin), enough/2) // it would have taken enough, had the program been thought idle
}

// probe tells when the run is under way.
type probe struct{ stepping chan struct{} }

func (p *probe) Init(context.Context, *sim.Env) (sim.Meta, error) { return sim.Meta{}, nil }
func (p *probe) Create(context.Context, int, string, sim.Params) ([]sim.NewEntity, error) {
	return nil, nil
}
func (p *probe) Step(_ context.Context, s *sim.Step) (sim.Time, error) {
	if s.Time() == 0 {
		close(p.stepping)
	}
	return s.Time() + seconds(1), nil
}

// Times must be whole units of the resolution.
func TestResolution(t *testing.T) {
	w := newWorld(t)
	fine, err := w.Add(t.Context(), "fine", mosaik.New(peer(t, "eventbased.py")), sim.AddOptions{Resolution: 500 * time.Millisecond, Params: sim.Params{"delay": 1}})
	require.NoError(t, err)
	coarse := add(t, w, "coarse", peer(t, "eventbased.py"), nil)
	fine.SetInitialEvent(0)
	a, b := create(t, fine, "Relay", 1, nil)[0], create(t, coarse, "Relay", 1, nil)[0]
	require.NoError(t, w.Connect(a, "out", b, "in", sim.ConnectOptions{}))
	_, err = w.Run(t.Context(), sim.RunOptions{Until: seconds(4)})
	require.ErrorContains(t, err, `simulator "coarse": step: the time of the step, 0.5s, is not a multiple of the simulator's resolution, 1s`)
}

// witness ends a run after some events.
type witness struct {
	in     sim.Input
	left   int
	end    context.CancelFunc
	events []sim.Time
}

func (w *witness) Init(context.Context, *sim.Env) (sim.Meta, error) {
	return sim.Meta{Type: sim.EventBased, Models: []sim.Model{{Name: "M", Attrs: []sim.Attr{{Name: "in", Input: true, Trigger: true}}}}}, nil
}

func (w *witness) Create(context.Context, int, string, sim.Params) ([]sim.NewEntity, error) {
	return []sim.NewEntity{{ID: "m", Model: "M", Inputs: map[string]*sim.Input{"in": &w.in}}}, nil
}

func (w *witness) Step(_ context.Context, s *sim.Step) (sim.Time, error) {
	w.events = append(w.events, s.Time())
	if w.left--; w.left == 0 {
		w.end()
	}
	return sim.Never, nil
}

// Events from outside happen in a run that follows the clock: one that was asked for in
// a step, and one that comes while nobody steps, at the next instant.
func TestEventsFromOutside(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	world := newWorld(t)
	const planned = 600
	alarm := create(t, add(t, world, "Alarm", peer(t, "alarm.py"), sim.Params{"planned": planned}), "Alarm", 1, nil)[0]
	world.Instance("Alarm").SetInitialEvent(0)
	seen := &witness{left: 2, end: cancel}
	in, err := world.Add(t.Context(), "Seen", seen, sim.AddOptions{})
	require.NoError(t, err)
	require.NoError(t, world.Connect(alarm, "out", create(t, in, "M", 1, nil)[0], "in", sim.ConnectOptions{}))
	_, err = world.Run(ctx, sim.RunOptions{Until: seconds(1_000_000), Pace: 1000})
	require.ErrorIs(t, err, sim.ErrInterrupted)
	require.Len(t, seen.events, 2)
	slices.Sort(seen.events)
	// 0.1 s are 100 s; the other is at its time, unless this machine is busy.
	require.GreaterOrEqual(t, seen.events[0], seconds(100))
	require.GreaterOrEqual(t, seen.events[1], seconds(planned))
	require.Zero(t, seen.events[0]%seconds(1))
}
