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

	"github.com/simrun/simrun/scheduler"
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
	steps, rounds := 0, 0
	for i := range *diffWorlds {
		seed := *diffFirst + uint64(i)
		plan := newPlan(seed)
		runtime.GOMAXPROCS(1 + i%3)
		want := plan.interpret(t)
		got := plan.run(t)
		require.Equal(t, want, got, "-differential.seed=%d -differential.worlds=1\n%s", seed, plan)
		for _, log := range want.steps {
			steps += len(log)
		}
		rounds += want.rounds
	}
	require.Greater(t, rounds, *diffWorlds, "there are loops at one time")
	require.Greater(t, steps, 10**diffWorlds, "the worlds do something")
}

// plan is a random world. Times are in nanoseconds, so small numbers.
type plan struct {
	seed   uint64
	until  sim.Time
	groups []int // the parent of each group, -1: none
	sims   []*plannedSim
	links  []plannedLink
	every  time.Duration // of the sampled recording
}

type plannedSim struct {
	name    string
	typ     sim.Type
	group   int      // -1: none
	initial sim.Time // of the first step; -1: by type
	lazy    bool     // see lazyModel
}

// plannedLink leads an output of one simulator to an input of another: "out" is
// persistent and "event" is not, "trigger" triggers and "quiet" does not.
type plannedLink struct {
	src, dst      int
	output, input string
	shift         sim.Time
	weak          bool
	initial       sim.Value // null: none is given, unless it is needed
}

// held: an event that is seen until the next one comes.
func (l plannedLink) held() bool {
	return l.output == "event" && !l.initial.IsNull()
}

func (l plannedLink) persistent() bool { return l.output == "out" || l.held() }

func (p *plan) String() string {
	var b strings.Builder
	fmt.Fprintf(&b, "until %d, groups in %v\n", p.until, p.groups)
	for _, s := range p.sims {
		fmt.Fprintf(&b, "%s %v in %d, initial %d\n", s.name, s.typ, s.group, s.initial)
	}
	for _, l := range p.links {
		fmt.Fprintf(&b, "%s.%s -> %s.%s shift %d weak %v initial %v\n", p.sims[l.src].name, l.output, p.sims[l.dst].name, l.input, l.shift, l.weak, l.initial)
	}
	return b.String()
}

func newPlan(seed uint64) *plan {
	r := rand.New(rand.NewPCG(seed, 0))
	p := &plan{seed: seed, until: sim.Time(5 + r.IntN(40)), every: time.Duration(1 + r.IntN(6))}
	for range r.IntN(4) {
		parent := r.IntN(len(p.groups)+1) - 1
		if len(p.groupsAround(parent)) < scheduler.TierLevels {
			p.groups = append(p.groups, parent)
		}
	}
	n := 1 + r.IntN(6)
	names := r.Perm(n) // of the names, so that ranks do not follow the order of Add
	for i := range n {
		s := &plannedSim{name: string(rune('a' + names[i])), typ: sim.Type(r.IntN(3)), initial: -1, lazy: r.IntN(3) == 0,
			group: max(r.IntN(2*len(p.groups)+1)-len(p.groups), 0) - 1}
		if r.IntN(5) == 0 {
			s.initial = sim.Time(r.IntN(8))
		}
		p.sims = append(p.sims, s)
	}
	level := r.Perm(n) // links without delay lead upwards only
	for range r.IntN(3 * n) {
		l := plannedLink{src: r.IntN(n), dst: r.IntN(n), output: "out", input: "quiet"}
		if r.IntN(2) == 0 {
			l.output = "event"
		}
		if r.IntN(2) == 0 {
			l.input = "trigger"
		}
		l.weak = p.common(l) > 0 && r.IntN(2) == 0
		if level[l.src] >= level[l.dst] && !l.weak || r.IntN(4) == 0 {
			l.shift = sim.Time(1 + r.IntN(6))
		}
		if p.stuck(append(slices.Clone(p.links), l)) {
			l.shift = 1
		}
		if late := l.shift > 0 || l.weak; late && (l.output == "out" || r.IntN(3) == 0) {
			l.initial = sim.Int(int64(-1 - r.IntN(9)))
		}
		p.links = append(p.links, l)
	}
	return p
}

// groupsAround lists a group and those that it is in, the outermost first.
func (p *plan) groupsAround(g int) []int {
	if g < 0 {
		return nil
	}
	return append(p.groupsAround(p.groups[g]), g)
}

// common is how many groups both ends of a link are in.
func (p *plan) common(l plannedLink) int {
	a, b := p.groupsAround(p.sims[l.src].group), p.groupsAround(p.sims[l.dst].group)
	n := 0
	for n < len(a) && n < len(b) && a[n] == b[n] {
		n++
	}
	return n
}

// stuck reports whether the last of some links closes a cycle in which nobody
// could step first: all in one time, and without a weak link of the innermost
// group that all the links of the cycle are in.
func (p *plan) stuck(links []plannedLink) bool {
	last := links[len(links)-1]
	visited := make([]bool, len(p.sims))
	var from func(at, groups, weakest int) bool
	from = func(at, groups, weakest int) bool {
		if at == last.src {
			return weakest > groups
		}
		visited[at] = true
		defer func() { visited[at] = false }()
		for _, l := range links {
			if l.src == at && l.shift == 0 && !visited[l.dst] {
				w := weakest
				if l.weak {
					w = min(w, p.common(l))
				}
				if from(l.dst, min(groups, p.common(l)), w) {
					return true
				}
			}
		}
		return false
	}
	if last.shift > 0 {
		return false
	}
	weakest := math.MaxInt
	if last.weak {
		weakest = p.common(last)
	}
	return from(last.dst, p.common(last), weakest)
}

// action is what a simulator does in a step: a function of the world, the
// simulator, the time, how many steps it has made at that time before, and the
// inputs, so that a wrong input has consequences.
type action struct {
	out, event sim.Value
	sets       [2]bool  // out, event
	at         sim.Time // output time
	next       sim.Time
}

func (p *plan) act(i int, now sim.Time, line string, again int) action {
	h := fnv.New64a()
	fmt.Fprint(h, p.sims[i].name, line, again)
	r := rand.New(rand.NewPCG(p.seed, h.Sum64()))
	a := action{at: now, next: sim.Never, out: sim.Int(r.Int64N(1000)), event: sim.Int(r.Int64N(1000)),
		sets: [2]bool{r.IntN(4) > 0, r.IntN(2) > 0}}
	if again > 4 {
		a.sets = [2]bool{} // loops come to their end
	}
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
	rounds  int                 // steps at a time at which the simulator had stepped before
	rows    []string            // every value
	sampled []string
}

// The interpreter.

// moment is a time and a round of each level of groups.
type moment struct {
	time   sim.Time
	rounds [scheduler.TierLevels]int
}

func (m moment) compare(n moment) int {
	return cmp.Or(cmp.Compare(m.time, n.time), slices.Compare(m.rounds[:], n.rounds[:]))
}

// after is when that arrives which is sent at m over a link.
func (p *plan) after(m moment, l plannedLink) moment {
	m.time += l.shift
	common := p.common(l)
	clear(m.rounds[common:])
	if l.weak {
		m.rounds[common-1]++
	}
	return m
}

// madeOutput is one value that was put out.
type madeOutput struct {
	made  moment
	at    sim.Time
	value sim.Value
}

// visible is from when on an output is seen over a link. Rounds matter within
// one time only.
func (p *plan) visible(o madeOutput, l plannedLink) moment {
	if o.at != o.made.time || l.shift > 0 {
		return moment{time: o.at + l.shift}
	}
	return p.after(o.made, l)
}

type interpreter struct {
	*plan
	due   [][]moment // by simulator, ascending
	last  []moment   // by simulator, the previous step
	again []int      // by simulator, steps at that time
	outs  []map[string][]madeOutput
}

// interpret runs the plan step by step. It checks that it has done so in an
// order that gives every step all the outputs that it should see.
func (p *plan) interpret(t *testing.T) outcome {
	n := len(p.sims)
	in := &interpreter{plan: p, due: make([][]moment, n), last: make([]moment, n), again: make([]int, n), outs: make([]map[string][]madeOutput, n)}
	o := outcome{steps: map[string][]string{}}
	for i, s := range p.sims {
		in.last[i], in.outs[i] = moment{time: -1}, map[string][]madeOutput{}
		switch {
		case s.initial >= 0:
			in.schedule(i, moment{time: s.initial})
		case s.typ != sim.EventBased:
			in.schedule(i, moment{})
		}
	}
	places, delay := p.places(), p.triggerDelays()
	var checks []func()
	for {
		who := -1
		for i := range n {
			if len(in.due[i]) > 0 && in.due[i][0].time < p.until && (who < 0 || before(places[i], in.due[i][0], places[who], in.due[who][0])) {
				who = i
			}
		}
		if who < 0 {
			break
		}
		now, last := in.due[who][0], in.last[who]
		in.due[who] = in.due[who][1:]
		if in.again[who]++; last.time != now.time {
			in.again[who] = 0
		} else {
			o.rounds++
		}
		inputs := in.inputs(who, now, last)
		checks = append(checks, func() {
			require.Equal(t, in.inputs(who, now, last), inputs, "the interpreter let %s step too soon, at %v\n%s", p.sims[who].name, now, p)
		})
		line := fmt.Sprintf("%d max %d:", now.time, in.maxAdvance(who, delay)) + inputs
		o.steps[p.sims[who].name] = append(o.steps[p.sims[who].name], line)
		in.last[who] = now
		a := p.act(who, now.time, line, in.again[who])
		if a.next < p.until {
			in.schedule(who, moment{time: a.next})
		}
		from := now
		if a.at != now.time {
			from = moment{time: a.at}
		}
		for k, output := range []string{"out", "event"} {
			if !a.sets[k] {
				continue
			}
			in.outs[who][output] = append(in.outs[who][output], madeOutput{now, a.at, []sim.Value{a.out, a.event}[k]})
			for _, l := range p.links {
				if l.src == who && l.output == output && l.input == "trigger" {
					in.schedule(l.dst, p.after(from, l))
				}
			}
		}
	}
	for _, check := range checks {
		check()
	}
	o.rows, o.sampled = in.rows()
	return o
}

func (in *interpreter) schedule(i int, m moment) {
	if !slices.Contains(in.due[i], m) {
		in.due[i] = append(in.due[i], m)
		slices.SortFunc(in.due[i], moment.compare)
	}
}

// before is the order of steps: by time; those in no loop with each other by
// their place, those in one by its rounds.
func before(p []int, m moment, q []int, n moment) bool {
	if m.time != n.time {
		return m.time < n.time
	}
	for level := range p {
		if p[level] != q[level] {
			return p[level] < q[level]
		}
		if m.rounds[level] != n.rounds[level] {
			return m.rounds[level] < n.rounds[level]
		}
	}
	return false
}

// places is the order of the simulators at one time: topological by the links
// without shift, of several that could be next the first by name; loops are
// kept together, and inside a loop it is that of the links that are not weak.
func (p *plan) places() [][]int {
	places := make([][]int, len(p.sims))
	all := make([]int, len(p.sims))
	for i := range all {
		all[i] = i
	}
	p.place(all, 0, places)
	return places
}

func (p *plan) place(members []int, level int, places [][]int) {
	n := len(p.sims)
	leads := make([][]bool, n)
	for i := range leads {
		leads[i] = make([]bool, n)
	}
	for _, l := range p.links {
		if l.shift == 0 && slices.Contains(members, l.src) && slices.Contains(members, l.dst) && !(l.weak && p.common(l) == level) {
			leads[l.src][l.dst] = true
		}
	}
	for k := range n {
		for i := range n {
			for j := range n {
				leads[i][j] = leads[i][j] || leads[i][k] && leads[k][j]
			}
		}
	}
	for place := 0; len(members) > 0; place++ {
		next := -1
		for _, i := range members {
			free := !slices.ContainsFunc(members, func(j int) bool { return leads[j][i] && !leads[i][j] })
			// Loops are named after the first of their members.
			if free && (next < 0 || p.sims[i].name < p.sims[next].name) {
				next = i
			}
		}
		var loop, rest []int
		for _, i := range members {
			if i == next || leads[i][next] && leads[next][i] {
				places[i] = append(places[i], place)
				loop = append(loop, i)
			} else {
				rest = append(rest, i)
			}
		}
		if len(loop) > 1 {
			p.place(loop, level+1, places)
		}
		members = rest
	}
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
		most = min(most, in.due[who][0].time-1)
	}
	for i := range in.sims {
		if i != who && delay[i][who] < noPath && len(in.due[i]) > 0 && in.due[i][0].time < in.until {
			most = min(most, in.due[i][0].time+delay[i][who]-1)
		}
	}
	return most
}

// inputs lists what a step sees: per input, events that are held before events
// before persistent values, each of them by simulators in the order of their
// first connection.
func (in *interpreter) inputs(who int, now, last moment) string {
	line := ""
	for _, input := range []string{"trigger", "quiet"} {
		for _, kind := range []func(plannedLink) bool{
			plannedLink.held,
			func(l plannedLink) bool { return l.output == "event" && !l.held() },
			func(l plannedLink) bool { return l.output == "out" },
		} {
			var srcs []int
			for _, l := range in.links {
				if l.dst == who && l.input == input && kind(l) && !slices.Contains(srcs, l.src) {
					srcs = append(srcs, l.src)
				}
			}
			for _, src := range srcs {
				for _, l := range in.links {
					if l.src == src && l.dst == who && l.input == input && kind(l) {
						if v, ok := in.seen(l, now, last); ok {
							line += fmt.Sprintf(" %s %s=%v", input, in.sims[src].name, v)
						}
					}
				}
			}
		}
	}
	return line
}

// seen is what a step sees over a link: of the outputs that are visible the
// newest; of events those that were not visible at the step before.
func (in *interpreter) seen(l plannedLink, now, last moment) (sim.Value, bool) {
	v, ok, at := l.initial, l.persistent(), moment{time: -1}
	for _, o := range in.outs[l.src][l.output] {
		visible := in.visible(o, l)
		if visible.compare(now) <= 0 && visible.compare(at) >= 0 && (l.persistent() || visible.compare(last) > 0) {
			v, ok, at = o.value, true, visible
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
	rounds         *int
	last           sim.Time
	again          int // steps at the same time before
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
	if m.again++; m.last != s.Time() {
		m.again, m.last = 0, s.Time()
	} else {
		*m.rounds++
	}
	a := m.act(m.index, s.Time(), line, m.again)
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
	logs, rounds := make([][]string, len(p.sims)), make([]int, len(p.sims))
	var groups []*sim.Group
	for i, parent := range p.groups {
		if parent < 0 {
			groups = append(groups, w.NewGroup(fmt.Sprint(i)))
		} else {
			groups = append(groups, groups[parent].NewGroup(fmt.Sprint(i)))
		}
	}
	var es []*sim.Entity
	var refs []sim.Ref
	for i, s := range p.sims {
		model := &plannedModel{plan: p, index: i, log: &logs[i], rounds: &rounds[i], last: -1}
		var simulator sim.Simulator = model
		if s.lazy {
			simulator = lazyModel{model}
		}
		var group *sim.Group
		if s.group >= 0 {
			group = groups[s.group]
		}
		in, err := w.Add(ctx, s.name, simulator, sim.AddOptions{Group: group})
		require.NoError(t, err)
		made, err := in.Create(ctx, "M", 1, nil)
		require.NoError(t, err)
		e := made[0]
		es = append(es, e)
		refs = append(refs, sim.Ref{Entity: e, Attr: "out"}, sim.Ref{Entity: e, Attr: "event"})
		if s.initial >= 0 {
			w.Instance(s.name).SetInitialEvent(s.initial)
		}
	}
	for _, l := range p.links {
		require.NoError(t, w.Connect(es[l.src], l.output, es[l.dst], l.input, sim.ConnectOptions{
			Shift: time.Duration(l.shift), Weak: l.weak, Initial: l.initial, HasInitial: !l.initial.IsNull()}))
	}
	var all, sampled sim.Memory
	require.NoError(t, w.Record(&all, 0, refs...))
	require.NoError(t, w.Record(&sampled, p.every, refs...))
	_, err := w.Run(ctx, sim.RunOptions{Until: p.until})
	require.NoError(t, err, "seed %d\n%s", p.seed, p)
	for i, log := range logs {
		o.rounds += rounds[i]
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
