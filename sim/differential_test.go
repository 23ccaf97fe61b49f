package sim_test

import (
	"cmp"
	"context"
	"flag"
	"fmt"
	"hash/fnv"
	"math"
	"math/rand/v2"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/simrun/simrun/sim"
)

var (
	diffWorlds = flag.Int("differential.worlds", 200, "random worlds to compare with the reference")
	diffFirst  = flag.Uint64("differential.seed", 1, "seed of the first of them")
)

// TestWorldsDoAsTheRulesSay makes random small worlds and compares every step
// (its time, its inputs, its max_advance) and every recorded row with those of a
// sequential interpreter that knows nothing but the documented rules.
func TestWorldsDoAsTheRulesSay(t *testing.T) {
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(0))
	steps := 0
	for i := range *diffWorlds {
		seed := *diffFirst + uint64(i)
		plan := newPlan(seed)
		runtime.GOMAXPROCS(1 + i%3)
		want := plan.interpret()
		got := plan.run(t)
		require.Equal(t, want, got, "-differential.seed=%d -differential.worlds=1\n%s", seed, plan)
		for _, log := range want.steps {
			steps += len(log)
		}
	}
	require.Greater(t, steps, 10**diffWorlds, "the worlds do something")
}

// plan is a random world. Times are in nanoseconds, so small numbers.
type plan struct {
	seed  uint64
	until sim.Time
	sims  []*plannedSim
	links []plannedLink
	every time.Duration // of the sampled recording
}

type plannedSim struct {
	name    string
	typ     sim.Type
	initial sim.Time // of the first step; -1: by type
	lazy    bool     // see lazyModel
}

// plannedLink leads an output of one simulator to an input of another: "out" is
// persistent and "event" is not, "trigger" triggers and "quiet" does not.
type plannedLink struct {
	src, dst      int
	output, input string
	shift         sim.Time
	initial       sim.Value
}

func (p *plan) String() string {
	var b strings.Builder
	for _, s := range p.sims {
		fmt.Fprintf(&b, "%s %v initial %d\n", s.name, s.typ, s.initial)
	}
	for _, l := range p.links {
		fmt.Fprintf(&b, "%s.%s -> %s.%s shift %d\n", p.sims[l.src].name, l.output, p.sims[l.dst].name, l.input, l.shift)
	}
	return b.String()
}

func newPlan(seed uint64) *plan {
	r := rand.New(rand.NewPCG(seed, 0))
	p := &plan{seed: seed, until: sim.Time(5 + r.IntN(40)), every: time.Duration(1 + r.IntN(6))}
	n := 1 + r.IntN(6)
	names := r.Perm(n) // of the names, so that ranks do not follow the order of Add
	for i := range n {
		s := &plannedSim{name: string(rune('a' + names[i])), typ: sim.Type(r.IntN(3)), initial: -1, lazy: r.IntN(3) == 0}
		if r.IntN(5) == 0 {
			s.initial = sim.Time(r.IntN(8))
		}
		p.sims = append(p.sims, s)
	}
	level := r.Perm(n) // links without shift lead upwards only
	for range r.IntN(3 * n) {
		l := plannedLink{src: r.IntN(n), dst: r.IntN(n), output: "out", input: "quiet"}
		if r.IntN(2) == 0 {
			l.output = "event"
		}
		if r.IntN(2) == 0 {
			l.input = "trigger"
		}
		if level[l.src] >= level[l.dst] || r.IntN(3) == 0 {
			l.shift = sim.Time(1 + r.IntN(6))
			if l.output == "out" {
				l.initial = sim.Int(int64(-1 - r.IntN(9)))
			}
		}
		p.links = append(p.links, l)
	}
	return p
}

// action is what a simulator does in a step: a function of the world, the
// simulator, the time and the inputs, so that a wrong input has consequences.
type action struct {
	out, event sim.Value
	sets       [2]bool  // out, event
	at         sim.Time // output time
	next       sim.Time
}

func (p *plan) act(i int, now sim.Time, line string) action {
	h := fnv.New64a()
	fmt.Fprint(h, p.sims[i].name, line)
	r := rand.New(rand.NewPCG(p.seed, h.Sum64()))
	a := action{at: now, next: sim.Never, out: sim.Int(r.Int64N(1000)), event: sim.Int(r.Int64N(1000)),
		sets: [2]bool{r.IntN(4) > 0, r.IntN(2) > 0}}
	if r.IntN(5) == 0 {
		a.at += sim.Time(1 + r.IntN(7))
	}
	if p.sims[i].typ == sim.TimeBased || r.IntN(3) == 0 {
		a.next = now + sim.Time(1+r.IntN(6))
	}
	return a
}

// outcome is what is compared.
type outcome struct {
	steps   map[string][]string // by simulator: time, max_advance and inputs
	rows    []string            // every value
	sampled []string
}

// The interpreter.

// madeOutput is one value that was put out.
type madeOutput struct {
	at    sim.Time
	value sim.Value
}

type interpreter struct {
	*plan
	due  [][]sim.Time // by simulator, ascending
	last []sim.Time   // by simulator, the previous step
	outs []map[string][]madeOutput
}

// interpret runs the plan step by step, in the order of (time, rank).
func (p *plan) interpret() outcome {
	n := len(p.sims)
	in := &interpreter{plan: p, due: make([][]sim.Time, n), last: make([]sim.Time, n), outs: make([]map[string][]madeOutput, n)}
	o := outcome{steps: map[string][]string{}}
	for i, s := range p.sims {
		in.last[i], in.outs[i] = -1, map[string][]madeOutput{}
		switch {
		case s.initial >= 0:
			in.schedule(i, s.initial)
		case s.typ != sim.EventBased:
			in.schedule(i, 0)
		}
	}
	rank, delay := p.ranks(), p.triggerDelays()
	for {
		who := -1
		for i := range n {
			if len(in.due[i]) > 0 && (who < 0 || cmp.Or(cmp.Compare(in.due[i][0], in.due[who][0]), cmp.Compare(rank[i], rank[who])) < 0) {
				who = i
			}
		}
		if who < 0 {
			break
		}
		now := in.due[who][0]
		in.due[who] = in.due[who][1:]
		line := fmt.Sprintf("%d max %d:", now, in.maxAdvance(who, delay)) + in.inputs(who, now)
		o.steps[p.sims[who].name] = append(o.steps[p.sims[who].name], line)
		in.last[who] = now
		a := p.act(who, now, line)
		if a.next != sim.Never {
			in.schedule(who, a.next)
		}
		for k, output := range []string{"out", "event"} {
			if !a.sets[k] {
				continue
			}
			in.outs[who][output] = append(in.outs[who][output], madeOutput{a.at, []sim.Value{a.out, a.event}[k]})
			for _, l := range p.links {
				if l.src == who && l.output == output && l.input == "trigger" {
					in.schedule(l.dst, a.at+l.shift)
				}
			}
		}
	}
	o.rows, o.sampled = in.rows()
	return o
}

func (in *interpreter) schedule(i int, t sim.Time) {
	if t < in.until && !slices.Contains(in.due[i], t) {
		in.due[i] = append(in.due[i], t)
		slices.Sort(in.due[i])
	}
}

// ranks is the order of the simulators at one time: topological by the links
// without shift, of several that could be next the first by name.
func (p *plan) ranks() []int {
	rank := make([]int, len(p.sims))
	ranked := map[int]bool{}
	for r := range p.sims {
		next := -1
		for i, s := range p.sims {
			free := !ranked[i] && !slices.ContainsFunc(p.links, func(l plannedLink) bool {
				return l.dst == i && l.shift == 0 && !ranked[l.src]
			})
			if free && (next < 0 || s.name < p.sims[next].name) {
				next = i
			}
		}
		ranked[next], rank[next] = true, r
	}
	return rank
}

const noPath = sim.Time(math.MaxInt32)

// triggerDelays is how soon a step of one simulator may cause one of another,
// over whatever path (Floyd and Warshall).
func (p *plan) triggerDelays() [][]sim.Time {
	n := len(p.sims)
	d := make([][]sim.Time, n)
	for i := range d {
		d[i] = slices.Repeat([]sim.Time{noPath}, n)
	}
	for _, l := range p.links {
		if l.input == "trigger" {
			d[l.src][l.dst] = min(d[l.src][l.dst], l.shift)
		}
	}
	for k := range n {
		for i := range n {
			for j := range n {
				d[i][j] = min(d[i][j], d[i][k]+d[k][j])
			}
		}
	}
	return d
}

func (in *interpreter) maxAdvance(who int, delay [][]sim.Time) sim.Time {
	most := in.until
	if len(in.due[who]) > 0 {
		most = in.due[who][0] - 1
	}
	for i := range in.sims {
		if i != who && delay[i][who] < noPath && len(in.due[i]) > 0 {
			most = min(most, in.due[i][0]+delay[i][who]-1)
		}
	}
	return most
}

// inputs lists what a step sees: per input, events before persistent values, in
// both simulators in order of their first connection.
func (in *interpreter) inputs(who int, now sim.Time) string {
	line := ""
	for _, input := range []string{"trigger", "quiet"} {
		for _, output := range []string{"event", "out"} {
			var srcs []int
			for _, l := range in.links {
				if l.dst == who && l.input == input && l.output == output && !slices.Contains(srcs, l.src) {
					srcs = append(srcs, l.src)
				}
			}
			for _, src := range srcs {
				for _, l := range in.links {
					if l.src == src && l.dst == who && l.input == input && l.output == output {
						if v, ok := in.seen(l, now); ok {
							line += fmt.Sprintf(" %s %s=%v", input, in.sims[src].name, v)
						}
					}
				}
			}
		}
	}
	return line
}

// seen is what a step at now sees over a link: of the outputs that are visible
// the newest; of events those that were not visible at the step before.
func (in *interpreter) seen(l plannedLink, now sim.Time) (sim.Value, bool) {
	v, ok, at := l.initial, l.output == "out", sim.Time(math.MinInt64)
	for _, m := range in.outs[l.src][l.output] {
		visible := m.at + l.shift
		if visible <= now && visible >= at && (l.output == "out" || visible > in.last[l.dst]) {
			v, ok, at = m.value, true, visible
		}
	}
	return v, ok
}

// rows are what recordings of all outputs get, series in the order of the
// simulators and out before event.
func (in *interpreter) rows() (all, sampled []string) {
	for t := range in.until {
		for series := range 2 * len(in.sims) {
			for _, m := range in.outs[series/2][[]string{"out", "event"}[series%2]] {
				if m.at == t {
					all = append(all, fmt.Sprint(int64(t), " ", series, " ", m.value))
					if series%2 == 1 {
						sampled = append(sampled, fmt.Sprint(int64(t), " ", series, " ", m.value))
					}
				}
			}
			if series%2 == 0 && t%sim.Time(in.every) == 0 {
				if v, ok := in.validAt(series/2, t); ok {
					sampled = append(sampled, fmt.Sprint(int64(t), " ", series, " ", v))
				}
			}
		}
	}
	return all, sampled
}

func (in *interpreter) validAt(i int, t sim.Time) (v sim.Value, ok bool) {
	at := sim.Time(-1)
	for _, m := range in.outs[i]["out"] {
		if m.at <= t && m.at >= at {
			v, ok, at = m.value, true, m.at
		}
	}
	return v, ok
}

// The real thing.

type plannedModel struct {
	*plan
	index          int
	log            *[]string
	trigger, quiet sim.Input
	out, event     sim.Output
}

func (m *plannedModel) Init(context.Context, *sim.Env) (sim.Meta, error) {
	return sim.Meta{Type: m.sims[m.index].typ, Models: []sim.Model{{Name: "M", Attrs: []sim.Attr{
		{Name: "trigger", Input: true, Trigger: true},
		{Name: "quiet", Input: true},
		{Name: "out", Output: true},
		{Name: "event", Output: true, Event: true},
	}}}}, nil
}

func (m *plannedModel) Create(context.Context, int, string, sim.Params) ([]sim.NewEntity, error) {
	return []sim.NewEntity{{ID: "m", Model: "M",
		Inputs:  map[string]*sim.Input{"trigger": &m.trigger, "quiet": &m.quiet},
		Outputs: map[string]*sim.Output{"out": &m.out, "event": &m.event}}}, nil
}

func (m *plannedModel) Step(_ context.Context, s *sim.Step) (sim.Time, error) {
	line := fmt.Sprintf("%d max %d:", s.Time(), s.MaxAdvance())
	for src, v := range m.trigger.Sources() {
		line += fmt.Sprintf(" trigger %s=%v", strings.TrimSuffix(src, ".m"), v)
	}
	for src, v := range m.quiet.Sources() {
		line += fmt.Sprintf(" quiet %s=%v", strings.TrimSuffix(src, ".m"), v)
	}
	*m.log = append(*m.log, line)
	a := m.act(m.index, s.Time(), line)
	if err := s.SetOutputTime(a.at); err != nil {
		return 0, err
	}
	if a.sets[0] {
		m.out.SetValue(a.out)
	}
	if a.sets[1] {
		m.event.SetValue(a.event)
	}
	return a.next, nil
}

// lazyModel makes all its steps on a goroutine of its own, as simulators do that
// have to talk to somebody, and lets others go first.
type lazyModel struct{ *plannedModel }

func (m lazyModel) Step(ctx context.Context, s *sim.Step) (sim.Time, error) {
	for range 20 {
		runtime.Gosched()
	}
	return m.plannedModel.Step(ctx, s)
}

func (m lazyModel) Messaging() time.Duration { return 0 }

func (p *plan) run(t *testing.T) outcome {
	ctx := context.Background()
	w := sim.NewWorld(sim.Config{})
	defer w.Close()
	o := outcome{steps: map[string][]string{}}
	logs := make([][]string, len(p.sims))
	var es []*sim.Entity
	var refs []sim.Ref
	for i, s := range p.sims {
		model := &plannedModel{plan: p, index: i, log: &logs[i]}
		var simulator sim.Simulator = model
		if s.lazy {
			simulator = lazyModel{model}
		}
		e := create(t, w, s.name, simulator, "M", nil)
		es = append(es, e)
		refs = append(refs, sim.Ref{Entity: e, Attr: "out"}, sim.Ref{Entity: e, Attr: "event"})
		if s.initial >= 0 {
			w.Instance(s.name).SetInitialEvent(s.initial)
		}
	}
	for _, l := range p.links {
		require.NoError(t, w.Connect(es[l.src], l.output, es[l.dst], l.input, sim.ConnectOptions{
			Shift: time.Duration(l.shift), Initial: l.initial, HasInitial: !l.initial.IsNull()}))
	}
	var all, sampled sim.Memory
	require.NoError(t, w.Record(&all, 0, refs...))
	require.NoError(t, w.Record(&sampled, p.every, refs...))
	_, err := w.Run(ctx, sim.RunOptions{Until: p.until})
	require.NoError(t, err, "seed %d\n%s", p.seed, p)
	for i, log := range logs {
		if log != nil {
			o.steps[p.sims[i].name] = log
		}
	}
	text := func(m *sim.Memory) (rows []string) {
		for _, r := range m.Rows {
			rows = append(rows, fmt.Sprint(int64(r.Time), " ", r.Series, " ", r.Value))
		}
		return rows
	}
	o.rows, o.sampled = text(&all), text(&sampled)
	return o
}
