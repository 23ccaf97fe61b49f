package sim_test

import (
	"context"
	"flag"
	"fmt"
	"hash/fnv"
	"math/rand/v2"
	"runtime"
	"strconv"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/simrun/simrun/internal/worldtest"
	"github.com/simrun/simrun/scheduler"
	"github.com/simrun/simrun/sim"
)

var (
	diffWorlds = flag.Int("differential.worlds", 300, "random worlds to compare with the reference")
	diffFirst  = flag.Uint64("differential.seed", 1, "seed of the first of them")
)

// TestWorldsDoAsTheRulesSay makes random small worlds and compares every step
// (its time, its inputs, its max_advance) and every recorded row with those of a
// sequential interpreter that knows nothing but the documented rules.
func TestWorldsDoAsTheRulesSay(t *testing.T) {
	require.Equal(t, worldtest.Levels, scheduler.TierLevels)
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(0))
	steps, rounds := 0, 0
	for i := range *diffWorlds {
		p := newPlan(*diffFirst + uint64(i))
		runtime.GOMAXPROCS(1 + i%3)
		expected, err := p.Interpret(p.act)
		require.NoError(t, err)
		require.Equal(t, p.logs(expected), p.run(t), "-differential.seed=%d -differential.worlds=1\n%s", p.Seed, p)
		for _, all := range expected.Steps {
			steps += len(all)
			for _, s := range all {
				if s.Again > 0 {
					rounds++
				}
			}
		}
	}
	require.Greater(t, steps, 10**diffWorlds, "the worlds do something")
	require.Greater(t, rounds, *diffWorlds/2, "there are loops at one time")
}

// TestWorldsThatAskDoAsTheRulesSay is the same for worlds whose simulators ask others
// for data while they step, and set data in them.
func TestWorldsThatAskDoAsTheRulesSay(t *testing.T) {
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(0))
	asked := 0
	for i := range *diffWorlds {
		p := newPlanOf(*diffFirst+uint64(i), worldtest.Options{Shift: 6, Asks: true})
		runtime.GOMAXPROCS(1 + i%3)
		expected, err := p.Interpret(p.act)
		require.NoError(t, err)
		require.Equal(t, p.logs(expected), p.run(t), "-differential.seed=%d -differential.worlds=1\n%s", p.Seed, p)
		for _, all := range expected.Steps {
			for _, s := range all {
				for _, v := range s.Asked {
					if v != "null" {
						asked++
					}
				}
			}
		}
	}
	require.Greater(t, asked, *diffWorlds, "they are answered")
}

// TestWorldsWithEventsFromOutside is the same for worlds in which something happens from
// outside, while they follow the clock.
func TestWorldsWithEventsFromOutside(t *testing.T) {
	events := 0
	for i := range *diffWorlds / 3 {
		p := newPlanOf(*diffFirst+uint64(i), worldtest.Options{Shift: 6, Asks: true, Outside: true})
		expected, err := p.Interpret(p.act)
		require.NoError(t, err)
		synctest.Test(t, func(t *testing.T) {
			require.Equal(t, p.logs(expected), p.run(t), "-differential.seed=%d -differential.worlds=3\n%s", p.Seed, p)
		})
		events += len(p.Outside)
	}
	require.Greater(t, events, *diffWorlds/3)
}

// plan is a random world and what its simulators do.
type plan struct {
	*worldtest.World
	way   []int         // how each simulator makes its steps: at once, as a lazyModel, as a begunModel
	every time.Duration // of the sampled recording
	trace sim.Tracer    // nil: none
}

func newPlan(seed uint64) *plan { return newPlanOf(seed, worldtest.Options{Shift: 6}) }

func newPlanOf(seed uint64, opts worldtest.Options) *plan {
	p := &plan{World: worldtest.New(seed, opts)}
	r := rand.New(rand.NewPCG(seed, 1))
	p.every = time.Duration(1 + r.IntN(6))
	for range p.Sims {
		p.way = append(p.way, r.IntN(3))
	}
	return p
}

// act is what a simulator does in a step: a function of the world, the
// simulator, the time, how many steps it has made at that time before, and the
// inputs, so that a wrong input has consequences.
func (p *plan) act(i int, s worldtest.Step) worldtest.Action {
	s = p.blind(s)
	h := fnv.New64a()
	fmt.Fprint(h, p.Sims[i].Name, line(s), s.Again)
	r := rand.New(rand.NewPCG(p.Seed, h.Sum64()))
	a := worldtest.Action{At: s.Time}
	for k, attr := range p.Sims[i].Outputs {
		o := worldtest.Output{Attr: attr, Value: fmt.Sprint(r.IntN(1000))}
		o.Omitted = attr == "out" && r.IntN(10) == 0
		if o.Omitted {
			o.Value = "null"
		}
		if r.IntN(4) > k && s.Again <= 4 { // loops come to their end
			a.Outputs = append(a.Outputs, o)
		}
	}
	if r.IntN(5) == 0 {
		a.At += 1 + r.Int64N(7)
	}
	if p.Sims[i].Type == worldtest.TimeBased || r.IntN(3) == 0 {
		a.Next = s.Time + 1 + r.Int64N(6)
	}
	for _, ask := range p.Asks {
		if ask.Dst == i && r.IntN(3) == 0 {
			a.Sets = append(a.Sets, worldtest.Set{Sim: ask.Src, Attr: "quiet", Value: fmt.Sprint(r.IntN(1000))})
		}
	}
	return a
}

func line(s worldtest.Step) string {
	text := fmt.Sprintf("%d max %d:", s.Time, s.MaxAdvance)
	for _, in := range s.Inputs {
		text += fmt.Sprintf(" %s %s=%s", in.Attr, in.Source, in.Value)
	}
	for _, v := range s.Asked {
		text += " asked " + v
	}
	return text
}

// logs is what is compared.
type logs struct {
	steps   map[string][]string // by simulator: time, max_advance and inputs
	rows    []string            // every value
	sampled []string
}

// blind leaves out what cannot be known if events come from outside.
func (p *plan) blind(s worldtest.Step) worldtest.Step {
	if p.Outside != nil {
		s.MaxAdvance = 0
	}
	return s
}

func (p *plan) logs(o *worldtest.Outcome) logs {
	l := logs{steps: map[string][]string{}}
	for i, all := range o.Steps {
		for _, s := range all {
			l.steps[p.Sims[i].Name] = append(l.steps[p.Sims[i].Name], line(p.blind(s)))
		}
	}
	// Series are in the order of the simulators, out before event.
	for t := range p.Until {
		for series := range 2 * len(p.Sims) {
			made := o.Outputs[series/2][[]string{"m0.out", "m0.event"}[series%2]]
			for _, m := range made {
				if m.At == t {
					l.rows = append(l.rows, fmt.Sprint(t, " ", series, " ", m.Value))
					if series%2 == 1 {
						l.sampled = append(l.sampled, fmt.Sprint(t, " ", series, " ", m.Value))
					}
				}
			}
			if series%2 == 0 && t%int64(p.every) == 0 {
				if v, ok := validAt(made, t); ok {
					l.sampled = append(l.sampled, fmt.Sprint(t, " ", series, " ", v))
				}
			}
		}
	}
	return l
}

func validAt(made []worldtest.Made, t int64) (v string, ok bool) {
	at := int64(-1)
	for _, m := range made {
		if m.At <= t && m.At >= at {
			v, ok, at = m.Value, true, m.At
		}
	}
	return v, ok
}

// plannedModel is a simulator of a plan.
type plannedModel struct {
	*plan
	index   int
	env     *sim.Env
	log     *[]string
	last    worldtest.Step
	inputs  map[string]*sim.Input
	outputs map[string]*sim.Output
}

func newPlannedModel(p *plan, index int, log *[]string) *plannedModel {
	return &plannedModel{plan: p, index: index, log: log, last: worldtest.Step{Time: -1},
		inputs:  map[string]*sim.Input{"trigger": new(sim.Input), "quiet": new(sim.Input)},
		outputs: map[string]*sim.Output{"out": new(sim.Output), "event": new(sim.Output)}}
}

var simTypes = map[string]sim.Type{worldtest.TimeBased: sim.TimeBased, worldtest.EventBased: sim.EventBased, worldtest.Hybrid: sim.Hybrid}

func (m *plannedModel) Init(_ context.Context, env *sim.Env) (sim.Meta, error) {
	m.env = env
	return sim.Meta{Type: simTypes[m.Sims[m.index].Type], Models: []sim.Model{{Name: "M", Attrs: []sim.Attr{
		{Name: "trigger", Input: true, Trigger: true},
		{Name: "quiet", Input: true},
		{Name: "out", Output: true},
		{Name: "event", Output: true, Event: true},
	}}}}, nil
}

func (m *plannedModel) Create(context.Context, int, string, sim.Params) ([]sim.NewEntity, error) {
	return []sim.NewEntity{{ID: "m0", Model: "M", Inputs: m.inputs, Outputs: m.outputs}}, nil
}

func (m *plannedModel) Step(ctx context.Context, s *sim.Step) (sim.Time, error) {
	step := worldtest.Step{Time: int64(s.Time()), MaxAdvance: int64(s.MaxAdvance())}
	if m.last.Time == step.Time {
		step.Again = m.last.Again + 1
	}
	m.last = step
	for _, attr := range m.Sims[m.index].Inputs {
		for src, v := range m.inputs[attr].Sources() {
			step.Inputs = append(step.Inputs, worldtest.Input{Attr: attr, Source: src, Value: v.String()})
		}
	}
	for _, ask := range m.Asks {
		if ask.Dst == m.index {
			v, err := m.env.Requests.GetData(ctx, m.Sims[ask.Src].Name+".m0", "out")
			if err != nil {
				return 0, err
			}
			step.Asked = append(step.Asked, v.String())
		}
	}
	*m.log = append(*m.log, line(m.blind(step)))
	a := m.act(m.index, step)
	for _, set := range a.Sets {
		n, err := strconv.ParseInt(set.Value, 10, 64)
		if err != nil {
			return 0, err
		}
		if err := m.env.Requests.SetData(ctx, m.Sims[m.index].Name+".m0", m.Sims[set.Sim].Name+".m0", set.Attr, sim.Int(n)); err != nil {
			return 0, err
		}
	}
	if err := s.SetOutputTime(sim.Time(a.At)); err != nil {
		return 0, err
	}
	for _, o := range a.Outputs {
		if o.Omitted {
			m.outputs[o.Attr].Omit()
			continue
		}
		n, err := strconv.ParseInt(o.Value, 10, 64)
		if err != nil {
			return 0, err
		}
		m.outputs[o.Attr].SetValue(sim.Int(n))
	}
	if a.Next == 0 {
		return sim.Never, nil
	}
	return sim.Time(a.Next), nil
}

// lazyModel makes all its steps on a goroutine of its own, as simulators do that
// have to talk to somebody, and lets others go first.
type lazyModel struct{ *plannedModel }

func (m lazyModel) Step(ctx context.Context, s *sim.Step) (sim.Time, error) {
	letOthersGo()
	return m.plannedModel.Step(ctx, s)
}

// letOthersGo takes a while, which is another one each time.
func letOthersGo() {
	for range rand.IntN(100) {
		runtime.Gosched()
	}
}

// begunModel makes its steps on another goroutine, which tells when they are about to end.
type begunModel struct {
	*plannedModel
	next sim.Time
	err  error
}

func (m *begunModel) BeginStep(ctx context.Context, s *sim.Step, done func()) error {
	go func() {
		letOthersGo()
		m.next, m.err = m.plannedModel.Step(ctx, s)
		done()
	}()
	return nil
}

func (m *begunModel) EndStep(context.Context, *sim.Step) (sim.Time, error) { return m.next, m.err }

func (m lazyModel) Messaging() time.Duration { return 0 }

func (p *plan) run(t *testing.T) logs {
	ctx := context.Background()
	w := sim.NewWorld(sim.Config{Trace: p.trace})
	defer w.Close()
	var groups []*sim.Group
	for i, parent := range p.Groups {
		if parent < 0 {
			groups = append(groups, w.NewGroup(fmt.Sprint(i)))
		} else {
			groups = append(groups, groups[parent].NewGroup(fmt.Sprint(i)))
		}
	}
	steps := make([][]string, len(p.Sims))
	var es []*sim.Entity
	var models []*plannedModel
	var refs []sim.Ref
	for i, s := range p.Sims {
		model := newPlannedModel(p, i, &steps[i])
		models = append(models, model)
		var simulator sim.Simulator = model
		switch p.way[i] {
		case 1:
			simulator = lazyModel{model}
		case 2:
			simulator = &begunModel{plannedModel: model}
		}
		var opts sim.AddOptions
		if s.Group >= 0 {
			opts.Group = groups[s.Group]
		}
		opts.Resolution = time.Nanosecond
		in, err := w.Add(ctx, s.Name, simulator, opts)
		require.NoError(t, err)
		made, err := in.Create(ctx, "M", 1, nil)
		require.NoError(t, err)
		es = append(es, made[0])
		refs = append(refs, sim.Ref{Entity: made[0], Attr: "out"}, sim.Ref{Entity: made[0], Attr: "event"})
		if s.Initial >= 0 {
			in.SetInitialEvent(sim.Time(s.Initial))
		}
	}
	for _, l := range p.Links {
		opts := sim.ConnectOptions{Shift: time.Duration(l.Shift), Weak: l.Weak, HasInitial: l.Initial != nil}
		if opts.HasInitial {
			opts.Initial = sim.Int(*l.Initial)
		}
		require.NoError(t, w.Connect(es[l.Src], l.Output, es[l.Dst], l.Input, opts))
	}
	for _, l := range p.Asks {
		w.ConnectAsync(es[l.Src], es[l.Dst])
	}
	var all, sampled sim.Memory
	require.NoError(t, w.Record(&all, 0, refs...))
	require.NoError(t, w.Record(&sampled, p.every, refs...))
	runs := sim.RunOptions{Until: sim.Time(p.Until)}
	if p.Outside != nil {
		runs.Pace = 1e-9 // a nanosecond takes a second
	}
	for _, e := range p.Outside {
		env := models[e.Sim].env
		go func() {
			time.Sleep(time.Duration(e.Time)*time.Second - time.Second/2)
			if err := env.Requests.SetEvent(ctx, sim.Time(e.Time)); err != nil {
				t.Error(err)
			}
		}()
	}
	_, err := w.Run(ctx, runs)
	require.NoError(t, err, "-differential.seed=%d\n%s", p.Seed, p)
	l := logs{steps: map[string][]string{}}
	for i, log := range steps {
		if log != nil {
			l.steps[p.Sims[i].Name] = log
		}
	}
	text := func(m *sim.Memory) (rows []string) {
		for _, r := range m.Rows {
			rows = append(rows, strings.Join([]string{fmt.Sprint(int64(r.Time)), fmt.Sprint(r.Series), r.Value.String()}, " "))
		}
		return rows
	}
	l.rows, l.sampled = text(&all), text(&sampled)
	return l
}
