package sim_test

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/simrun/simrun/container"
	"github.com/simrun/simrun/sim"
)

// addIn adds a fake with one entity to a group.
func (w *world) addIn(g *sim.Group, name string, f *fake) *fake {
	w.t.Helper()
	in, err := w.Add(context.Background(), name, f, sim.AddOptions{Group: g})
	require.NoError(w.t, err)
	es, err := in.Create(context.Background(), "M", 1, nil)
	require.NoError(w.t, err)
	w.es[name] = es[0]
	return f
}

// countdown answers an event with one that is smaller by one, until 0.
func countdown(f *fake, s *sim.Step) {
	if v := f.in[0].Float(); v > 0 {
		f.event[0].Set(v - 1)
	}
}

// TestWeakLoop: two simulators of a group answer each other at one time. One
// outside sees the outcome only, once.
func TestWeakLoop(t *testing.T) {
	w := newWorld(t)
	g := w.NewGroup("loop")
	w.add("start", &fake{step: every(10*second, func(f *fake, s *sim.Step) { f.event[0].Set(4) })})
	a := w.addIn(g, "a", &fake{typ: sim.EventBased, step: onTrigger(countdown)})
	b := w.addIn(g, "b", &fake{typ: sim.EventBased, step: onTrigger(countdown)})
	out := w.add("out", &fake{typ: sim.EventBased, step: onTrigger(nil)})
	w.connect("start", "event", "a", "in", sim.ConnectOptions{})
	w.connect("a", "event", "b", "in", sim.ConnectOptions{})
	w.connect("b", "event", "a", "in", sim.ConnectOptions{Weak: true})
	w.connect("a", "event", "out", "in", sim.ConnectOptions{})
	w.connect("b", "event", "out", "in", sim.ConnectOptions{})
	require.NoError(t, w.run(second))
	require.Equal(t, []string{"0s: in start.m0=4.0", "0s: in b.m0=2.0", "0s: in b.m0=0.0"}, a.log)
	require.Equal(t, []string{"0s: in a.m0=3.0", "0s: in a.m0=1.0"}, b.log)
	require.Equal(t, []string{"0s: in a.m0=1.0 in b.m0=0.0"}, out.log)
}

// TestNestedGroups: the inner loop comes to its end in each round of the outer
// one.
func TestNestedGroups(t *testing.T) {
	w := newWorld(t)
	outer := w.NewGroup("outer")
	inner := outer.NewGroup("inner")
	require.Equal(t, outer, inner.Parent())
	require.Equal(t, "inner", inner.Name())
	var log []string
	note := func(name string, do func(*fake, *sim.Step)) *fake {
		return &fake{typ: sim.EventBased, step: onTrigger(func(f *fake, s *sim.Step) {
			log = append(log, fmt.Sprint(name, " ", f.in[0].Float()))
			do(f, s)
		})}
	}
	w.addIn(inner, "a", note("a", countdown))
	w.addIn(inner, "b", note("b", countdown))
	rounds := 0
	w.addIn(outer, "c", note("c", func(f *fake, s *sim.Step) {
		if rounds++; rounds < 3 {
			f.event[0].Set(2)
		}
	}))
	require.Equal(t, inner, w.Instance("a").Group())
	w.Instance("c").SetInitialEvent(0)
	w.connect("c", "event", "a", "in", sim.ConnectOptions{Weak: true})
	w.connect("a", "event", "b", "in", sim.ConnectOptions{})
	w.connect("b", "event", "a", "in", sim.ConnectOptions{Weak: true})
	w.connect("b", "event", "c", "in", sim.ConnectOptions{})
	require.NoError(t, w.run(second))
	require.Equal(t, []string{"c 0", "a 2", "b 1", "a 0", "c 0", "a 2", "b 1", "a 0", "c 0"}, log)
}

func TestEndlessLoopNamesWhoKeepsItGoing(t *testing.T) {
	echo := onTrigger(func(f *fake, s *sim.Step) { f.event[0].SetValue(f.in[0].Value()) })
	w := &world{sim.NewWorld(sim.Config{MaxRounds: 5}), t, map[string]*sim.Entity{}}
	defer w.Close()
	g := w.NewGroup("loop")
	a := w.addIn(g, "a", &fake{typ: sim.EventBased, step: echo})
	w.addIn(g, "b", &fake{typ: sim.EventBased, step: echo})
	w.addIn(g, "c", &fake{typ: sim.EventBased, step: echo})
	w.Instance("a").SetInitialEvent(3 * second)
	w.connect("a", "event", "b", "in", sim.ConnectOptions{})
	w.connect("b", "event", "c", "in", sim.ConnectOptions{})
	w.connect("c", "event", "a", "in", sim.ConnectOptions{Weak: true})
	w.connect("a", "event", "c", "in", sim.ConnectOptions{Weak: true})
	err := w.run(9 * second)
	require.ErrorContains(t, err, `t=3s: simulator "a": step: it has made 5 rounds without time advancing; the loop a -> c -> a keeps itself going: one of them must stop giving a value`)
	require.Len(t, a.log, 5)
}

// TestLoopThatIsShiftedGoesOn: what is shifted keeps its round, so the numbers of
// the rounds rise from one time to the next without any loop at one time.
func TestLoopThatIsShiftedGoesOn(t *testing.T) {
	w := newWorld(t)
	g := w.NewGroup("loop")
	add := onTrigger(func(f *fake, s *sim.Step) { f.event[0].Set(f.in[0].Float() + 1) })
	a := w.addIn(g, "a", &fake{typ: sim.EventBased, step: add})
	w.addIn(g, "b", &fake{typ: sim.EventBased, step: add})
	w.Instance("a").SetInitialEvent(0)
	w.connect("a", "event", "b", "in", sim.ConnectOptions{Weak: true})
	w.connect("b", "event", "a", "in", sim.ConnectOptions{Shift: time.Second})
	require.NoError(t, w.run(1000*second))
	require.Len(t, a.log, 1000)
	require.Equal(t, "999s: in b.m0=1998.0", a.log[999])
}

// TestRoundsOfAnEarlierTimeAreAllSeen: a shifted connection delivers the last
// value of the time before, also to a step in an earlier round.
func TestRoundsOfAnEarlierTimeAreAllSeen(t *testing.T) {
	w := newWorld(t)
	g := w.NewGroup("loop")
	w.addIn(g, "a", &fake{typ: sim.Hybrid, step: every(2*second, func(f *fake, s *sim.Step) {
		v := f.in[0].Float()
		f.out[0].Set(v)
		if v < 3 {
			f.event[0].Set(v + 1)
		}
	})})
	w.connect("a", "event", "a", "in", sim.ConnectOptions{Weak: true})
	b := w.addIn(g, "b", &fake{step: every(second, nil)})
	w.connect("a", "out", "b", "in", sim.ConnectOptions{Shift: time.Second, Initial: sim.Int(-1), HasInitial: true})
	require.NoError(t, w.run(2*second))
	require.Equal(t, []string{"0s: in a.m0=-1", "1s: in a.m0=3.0"}, b.log)
}

// TestInitialValueHoldsEvents: given an initial value, an event is seen until
// the next one comes.
func TestInitialValueHoldsEvents(t *testing.T) {
	w := newWorld(t)
	w.add("src", &fake{typ: sim.Hybrid, step: every(3*second, func(f *fake, s *sim.Step) { f.event[0].Set(seconds(s)) })})
	dst := w.add("dst", &fake{step: every(second, nil)})
	w.connect("src", "event", "dst", "quiet", sim.ConnectOptions{Shift: time.Second, Initial: sim.Int(-1), HasInitial: true})
	require.Empty(t, w.Warnings())
	require.NoError(t, w.run(6*second))
	require.Equal(t, []string{"0s: quiet src.m0=-1", "1s: quiet src.m0=0.0", "2s: quiet src.m0=0.0", "3s: quiet src.m0=0.0",
		"4s: quiet src.m0=3.0", "5s: quiet src.m0=3.0"}, dst.log)
}

func TestGroupsThatCannotBe(t *testing.T) {
	ctx := context.Background()
	w := newWorld(t)
	g, h := w.NewGroup("g"), w.NewGroup("h")
	w.addIn(g, "a", &fake{typ: sim.EventBased, step: onTrigger(nil)})
	w.addIn(h, "b", &fake{typ: sim.EventBased, step: onTrigger(nil)})
	w.addIn(g, "c", &fake{typ: sim.EventBased, step: onTrigger(nil)})
	require.EqualError(t, w.Connect(w.es["a"], "event", w.es["b"], "in", sim.ConnectOptions{Weak: true}),
		"connect a.m0.event to b.m0.in: a weak connection is one inside a group, but a and b have none in common; put them into one")
	require.ErrorContains(t, w.Connect(w.es["a"], "out", w.es["c"], "quiet", sim.ConnectOptions{Weak: true}), "needs an initial value")
	_, err := w.Add(ctx, "deep", &fake{}, sim.AddOptions{Group: g.NewGroup("2").NewGroup("3").NewGroup("4")})
	require.EqualError(t, err, `simulator "deep": its group "4" is nested 4 deep; 3 is the limit`)
	_, err = w.Add(ctx, "foreign", &fake{}, sim.AddOptions{Group: newWorld(t).NewGroup("x")})
	require.EqualError(t, err, `simulator "foreign": its group "x" is of another world`)

	// Outside of the group its rounds are not seen: b could not tell them apart.
	w.connect("a", "event", "c", "in", sim.ConnectOptions{Weak: true})
	w.connect("c", "event", "b", "in", sim.ConnectOptions{})
	w.connect("b", "event", "a", "in", sim.ConnectOptions{})
	err = w.run(second)
	require.EqualError(t, err, "the connections a -> c -> b -> a form a cycle without delay, so nobody in it can step first; shift one of them in time, or make one weak in a group that all of them are in")
}

// Pulse is a hybrid model with entities that step on a clock and when they are
// triggered.
type Pulse struct {
	In    sim.Input  `attr:"in,trigger" doc:"makes it step"`
	Out   sim.Output `attr:"out,event" doc:"at each step"`
	Steps sim.Output `attr:"steps" doc:"how many it has made"`
	n     int
}

func (p *Pulse) Step(*sim.Step) error {
	p.n++
	p.Steps.Set(float64(p.n))
	if p.n == 1 {
		p.Out.Set(1)
	}
	return nil
}

// TestModelStepsOnItsClockOncePerTime: a further round at a time of its clock
// concerns only those entities that have been triggered.
func TestModelStepsOnItsClockOncePerTime(t *testing.T) {
	ctx := context.Background()
	w := sim.NewWorld(sim.Config{})
	defer w.Close()
	in, err := w.Add(ctx, "p", sim.NewModel[Pulse](sim.ModelConfig{Name: "Pulse", Type: sim.Hybrid, Step: time.Second}), sim.AddOptions{Group: w.NewGroup("loop")})
	require.NoError(t, err)
	es, err := in.Create(ctx, "Pulse", 2, nil)
	require.NoError(t, err)
	require.NoError(t, w.Connect(es[0], "out", es[1], "in", sim.ConnectOptions{Weak: true}))
	var m sim.Memory
	require.NoError(t, w.Record(&m, 0, sim.Ref{Entity: es[0], Attr: "steps"}, sim.Ref{Entity: es[1], Attr: "steps"}))
	_, err = w.Run(ctx, sim.RunOptions{Until: 1})
	require.NoError(t, err)
	_, first := m.Floats("p.Pulse-0", "steps")
	_, second := m.Floats("p.Pulse-1", "steps")
	require.Equal(t, []float64{1}, first)
	require.Equal(t, []float64{1, 2}, second)
}

// Haggler is an agent that answers at once, after asking itself.
type Haggler struct {
	container.Agent
	In  sim.Input  `attr:"in"`
	Out sim.Output `attr:"out,event"`
}

func (h *Haggler) Start(context.Context) error {
	h.Expose("think", func(_ context.Context, v float64) (float64, error) { return v - 1, nil })
	return nil
}

func (h *Haggler) OnInput(ctx context.Context) error {
	v, err := container.As[float64](h.Call(ctx, h.Name(), "think", h.In.Float()))
	if v > 0 {
		h.Out.Set(v)
	}
	return err
}

// TestAgentsLoopWithSimulators: the rounds of messages between agents are no
// rounds of their group.
func TestAgentsLoopWithSimulators(t *testing.T) {
	ctx := context.Background()
	w := newWorld(t)
	g := w.NewGroup("loop")
	in, err := w.Add(ctx, "agents", sim.NewAgents(sim.AgentOf[Haggler]("Haggler", "haggles")), sim.AddOptions{Group: g})
	require.NoError(t, err)
	es, err := in.Create(ctx, "Haggler", 1, sim.Params{"name": "h"})
	require.NoError(t, err)
	w.es["h"] = es[0]
	b := w.addIn(g, "b", &fake{typ: sim.Hybrid, step: every(second, func(f *fake, s *sim.Step) {
		if !f.in[0].Has() {
			f.event[0].Set(4)
			return
		}
		countdown(f, s)
	})})
	w.connect("b", "event", "h", "in", sim.ConnectOptions{})
	w.connect("h", "out", "b", "in", sim.ConnectOptions{Weak: true})
	require.NoError(t, w.run(2*second))
	require.Equal(t, []string{"0s:", "0s: in agents.h=3.0", "0s: in agents.h=1.0", "1s:", "1s: in agents.h=3.0", "1s: in agents.h=1.0"}, b.log)
}
