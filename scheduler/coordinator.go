package scheduler

import (
	"fmt"
	"slices"
	"time"
)

// LP identifies a logical process: something with state and a clock of its
// own, such as a simulator or a container of agents.
type LP int32

// NoLP is no logical process.
const NoLP LP = -1

// Coordinator decides which logical process may step next, and to what time.
// It is the conservative synchronisation of Chandy, Misra and Bryant in the
// form with a global view: a lower bound on the stamp of every process's next
// step is kept (the bound of Fujimoto, "Parallel and Distributed Simulation
// Systems", Wiley 2000, ch. 3, worked out per process over the links that can
// trigger it), and a process may step when nothing can reach it any more at or
// before that stamp.
//
// It is a pure state machine. Build it with Add and Link, start it with Start,
// then in any order:
//
//   - Next names a process that may step; it is stepping from then on;
//   - Schedule tells that a process must step at some stamp;
//   - Done tells that a process has completed its step. What the step caused
//     must have been scheduled before.
//
// Processes may be in groups, nested in each other, in which links from one
// round to the next make loops at one time: see Stamp and NewDelay. The groups
// themselves need not be known here, only the delays of the links.
//
// Which steps are made, at what stamps and with what MaxAdvance, is the same
// whatever order the calls of Done come in. It is not safe for concurrent use.
//
// A step costs O(log n) for the queue of what may step, plus work for those
// processes whose bound it changed and their neighbours; it does not depend on
// how many other processes there are.
type Coordinator struct {
	lps     []process
	names   map[string]LP
	places  []place
	linkAt  map[linkKey]int // place in process.links
	until   Time
	limit   Time
	ready   readyHeap
	bounds  boundHeap // scratch of raise
	scratch []LP
	keys    keyHeap // by key: the first is the earliest step under way or due
	inStep  map[[2]LP]bool
	lowered int // how often bounds have become earlier
	started bool
}

type process struct {
	name string
	rank int32

	busy    bool
	inReady bool
	affect  bool    // scratch of raise
	cur     Stamp   // of the step under way
	due     []Stamp // scheduled steps, a binary heap, may hold duplicates
	key     Stamp   // cur if busy, else the first of due
	bound   Stamp   // no step will begin before it
	keyPos  int32   // in Coordinator.keys

	links    []link // outgoing
	trigIn   []edge // links that can trigger this process
	trigOut  []edge // those that this one can trigger by
	support  int32  // in trigIn: who was the reason for bound
	waits    []wait // what has to hold before it may step
	scan     scan   // of waits and readers
	watchers []LP   // those that wait for this one's bound
	blocker  LP     // the process whose bound it waits for; itself: a trigger may come first

	lead

	advance   []ancestor // processes that may trigger it, directly or not
	advanceOn bool

	rounds *rounds // nil: it is in no loop
}

// rounds counts the rounds of a process that is in a loop.
type rounds struct {
	last  Stamp             // of the last step
	count [TierLevels]int32 // at its time: how often each level has changed
}

// link is an outgoing link as it was declared.
type link struct {
	to      LP
	delay   Delay
	trigger bool
}

type linkKey struct {
	from, to LP
	delay    Delay
}

// edge is one end of a link that can trigger a step.
type edge struct {
	lp    LP
	delay Delay
}

// wait is a condition on another process: its bound plus delay must be after
// the stamp of the step, or at it if not strict. Of the rounds of the step, only
// those of some levels count.
type wait struct {
	delay  Delay
	lp     LP
	levels uint8
	strict bool
}

func (w *wait) met(bound, step Stamp) bool {
	t := bound.Time.Add(w.delay.Time)
	if t != step.Time {
		return t > step.Time
	}
	return w.metInRound(bound.Tier, step.Tier)
}

func (w *wait) metInRound(bound, step Tier) bool {
	bound, step = bound.after(w.delay), step&outer[w.levels]
	return bound > step || bound == step && !w.strict
}

// Grant is leave for one process to step. (It has the size of four words, which
// the compiler keeps in registers.)
type Grant struct {
	LP LP
	// Rounds is how many rounds of a loop the process has made since time last
	// advanced, this step not counted; of nested loops the largest number.
	Rounds int32
	Stamp  Stamp
	// MaxAdvance is the time up to which nothing can trigger another step of
	// the process, unless its own outputs come back to it. It is set for
	// processes that nothing can trigger, and for those of NeedMaxAdvance.
	MaxAdvance Time
}

// NewCoordinator returns a coordinator without processes.
func NewCoordinator() *Coordinator {
	return &Coordinator{names: make(map[string]LP), linkAt: make(map[linkKey]int), inStep: make(map[[2]LP]bool), limit: Never}
}

// Add adds a process. Names are unique; they, not the order of the calls,
// settle who goes first at one stamp.
func (c *Coordinator) Add(name string) LP {
	if _, ok := c.names[name]; ok || c.started {
		panic(fmt.Sprintf("scheduler: Add(%q) twice or after Start", name))
	}
	lp := LP(len(c.lps))
	c.names[name] = lp
	c.lps = append(c.lps, process{name: name, blocker: NoLP, key: End, bound: End})
	return lp
}

// Name returns the name of a process.
func (c *Coordinator) Name(lp LP) string { return c.lps[lp].name }

// Link says that what from puts out at a stamp, to may see delay later. trigger
// says that it may make to step.
func (c *Coordinator) Link(from, to LP, delay Delay, trigger bool) {
	if c.started || delay.Time < 0 {
		panic("scheduler: Link after Start, or with a negative delay")
	}
	p, key := &c.lps[from], linkKey{from, to, delay}
	if i, ok := c.linkAt[key]; ok {
		p.links[i].trigger = p.links[i].trigger || trigger
		return
	}
	c.linkAt[key] = len(p.links)
	p.links = append(p.links, link{to, delay, trigger})
}

// NeedMaxAdvance makes grants of lp carry MaxAdvance. It costs parallelism: lp
// then waits until those that may trigger it have done all that comes before,
// in the order of stamp and rank, because the value has to be the same in every run.
func (c *Coordinator) NeedMaxAdvance(lp LP) { c.lps[lp].advanceOn = true }

// Rank returns the place of lp in the order of processes at one stamp: a
// topological order of the links without delay, by name in byte order where
// that leaves a choice. Processes in a loop are next to each other. It is known
// after Start.
func (c *Coordinator) Rank(lp LP) int { return int(c.lps[lp].rank) }

// Start ends the composition. Steps before until will be granted. The error is
// a *CycleError.
func (c *Coordinator) Start(until Time) error {
	if err := c.rankAll(); err != nil {
		return err
	}
	c.started = true
	c.until = until
	c.linkAll()
	c.keys.init(c)
	for lp := range c.lps {
		c.lps[lp].bound = c.lps[lp].key
	}
	for lp := range c.lps {
		c.lower(LP(lp))
	}
	for lp := range c.lps {
		c.check(LP(lp))
	}
	return nil
}

// SetLimit holds back steps later than t, for pacing and back-pressure. Never
// lifts the limit.
func (c *Coordinator) SetLimit(t Time) { c.limit = t }

// Limit returns the limit set last.
func (c *Coordinator) Limit() Time { return c.limit }

// Next grants a step, if any process may step now. Grants come in the order of
// stamp and rank, as far as they are possible at the moment of the call.
func (c *Coordinator) Next() (Grant, bool) {
	if len(c.ready) == 0 || c.ready[0].stamp.Time > c.limit {
		return Grant{}, false
	}
	r := c.ready.pop(compareReady)
	p := &c.lps[r.lp]
	p.inReady = false
	p.busy = true
	p.cur = r.stamp
	popStamp(&p.due)
	p.begin(r.stamp.Time)
	g := Grant{LP: r.lp, Stamp: r.stamp}
	if p.rounds != nil {
		g.Rounds = p.rounds.add(r.stamp)
	}
	if p.advanceOn || len(p.trigIn) == 0 {
		g.MaxAdvance = c.maxAdvance(p)
	}
	return g, true
}

// Peek returns the process that Next would let step.
func (c *Coordinator) Peek() (lp LP, ok bool) {
	if len(c.ready) == 0 || c.ready[0].stamp.Time > c.limit {
		return NoLP, false
	}
	return c.ready[0].lp, true
}

// add counts a step. Tiers themselves do not tell how many rounds there have been
// since time advanced, because links that are shifted keep them.
func (r *rounds) add(s Stamp) int32 {
	if s.Time != r.last.Time {
		r.last, r.count = s, [TierLevels]int32{}
		return 0
	}
	level := 0
	for s.Tier.Level(level) == r.last.Tier.Level(level) {
		level++
	}
	r.last = s
	r.count[level]++
	clear(r.count[level+1:])
	return slices.Max(r.count[:])
}

func (c *Coordinator) maxAdvance(p *process) Time {
	// Steps at the end are not made. If something has triggered one, it counts
	// all the same, as in mosaik.
	most := c.until
	if len(p.due) > 0 {
		most = min(most, p.due[0].Time-1)
	}
	for i := range p.advance {
		a := &p.advance[i]
		most = min(most, c.next(a, p.cur.Time).Add(time.Duration(a.delay))-1)
	}
	return most
}

// Schedule asks for a step of lp at stamp s. Before Start it sets the first
// steps. A step at a stamp that is scheduled already is made once. It panics if
// s is earlier than what has been promised to others: the caller has to keep
// external events after Now.
func (c *Coordinator) Schedule(lp LP, s Stamp) {
	p := &c.lps[lp]
	if s.Time == Never {
		return
	}
	if len(p.due) > 0 && p.due[0] == s {
		return
	}
	if p.busy && !p.cur.Before(s) {
		panic(fmt.Sprintf("scheduler: %s scheduled at %v while it steps at %v", p.name, s, p.cur))
	}
	pushStamp(&p.due, s)
	if p.busy || p.due[0] != s {
		return
	}
	p.key = s
	if !c.started {
		return
	}
	c.keys.fix(c, lp)
	if s.Before(p.bound) {
		// An event from outside, that nobody could foresee: look at all that
		// were thought ready again.
		p.bound = s
		c.lower(lp)
		c.lowered++
		thought := slices.Clone(c.ready)
		c.ready = c.ready[:0]
		for _, r := range thought {
			c.lps[r.lp].inReady = false
			c.check(r.lp)
		}
	}
	c.unready(lp)
	c.check(lp)
}

// Done says that the step of lp is complete.
func (c *Coordinator) Done(lp LP) {
	p := &c.lps[lp]
	if !p.busy {
		panic("scheduler: Done for " + p.name + ", which does not step")
	}
	p.busy = false
	p.key = End
	if len(p.due) > 0 {
		p.key = p.due[0]
	}
	c.keys.fix(c, lp)
	c.raise(lp)
}

// Now returns a time before which every step is complete; 0 before Start.
func (c *Coordinator) Now() Time {
	if !c.started {
		return 0
	}
	if len(c.keys) == 0 {
		return Never
	}
	return c.lps[c.keys[0]].key.Time
}

// NextDue returns the time of the earliest step that may be made but for the
// limit, or Never.
func (c *Coordinator) NextDue() Time {
	if len(c.ready) == 0 {
		return Never
	}
	return c.ready[0].stamp.Time
}

// Finished reports whether every step before the end is complete.
func (c *Coordinator) Finished() bool { return c.Now() >= c.until }

// Progress returns a time before which lp has completed every step.
func (c *Coordinator) Progress(lp LP) Time { return c.lps[lp].bound.Time }

// Blocked says why lp does not step: the process it waits for and the stamp it
// waits with. A process that waits for itself might still be triggered earlier
// than its next known step. NoLP means that it is stepping, may step, or has
// no step to make.
func (c *Coordinator) Blocked(lp LP) (on LP, at Stamp) {
	p := &c.lps[lp]
	if p.busy || p.inReady || p.key.Time >= c.until {
		return NoLP, p.key
	}
	return p.blocker, p.key
}

// check puts lp among the ready if it may step, or notes whom it waits for.
func (c *Coordinator) check(lp LP) {
	p := &c.lps[lp]
	if p.busy || p.inReady || p.key.Time >= c.until {
		return
	}
	if p.bound.Before(p.key) {
		p.blocker = lp
		return
	}
	if p.blocker = c.unmet(p); p.blocker != NoLP {
		return
	}
	p.inReady = true
	c.ready.push(readyLP{p.key, p.rank, lp}, compareReady)
}

// unready takes lp off the ready, when it has got an earlier step.
func (c *Coordinator) unready(lp LP) {
	p := &c.lps[lp]
	if !p.inReady {
		return
	}
	p.inReady = false
	c.ready = slices.DeleteFunc(c.ready, func(r readyLP) bool { return r.lp == lp })
	c.ready.init(compareReady)
}

// changed looks again at those who waited for the bound of lp.
func (c *Coordinator) changed(lp LP) {
	p := &c.lps[lp]
	if p.blocker == lp || p.blocker == NoLP {
		c.check(lp)
	}
	for _, o := range p.watchers {
		if c.lps[o].blocker == lp {
			c.check(o)
		}
	}
}

// lower carries a bound that has become earlier on to those that lp may
// trigger.
func (c *Coordinator) lower(lp LP) {
	q := append(c.scratch[:0], lp)
	for len(q) > 0 {
		from := q[len(q)-1]
		q = q[:len(q)-1]
		for _, e := range c.lps[from].trigOut {
			if s := c.lps[from].bound.Plus(e.delay); s.Before(c.lps[e.lp].bound) {
				c.lps[e.lp].bound = s
				q = append(q, e.lp)
			}
		}
	}
	c.scratch = q
}

// raise brings the bounds up to date after the key of lp has become later.
// First it finds the processes whose bound has lost its reason, then it works
// their bounds out anew from the others' (the scheme of Ramalingam and Reps,
// "On the computational complexity of dynamic graph problems", TCS 158, 1996,
// sec. 4). It touches only processes whose bound changes, and their links.
func (c *Coordinator) raise(lp LP) {
	p := &c.lps[lp]
	if p.bound == p.key || c.supported(lp) {
		c.check(lp)
		return
	}
	if len(p.trigOut) == 0 {
		p.bound = c.tentative(lp)
		c.check(lp)
		c.changed(lp)
		return
	}
	affected := append(c.scratch[:0], lp)
	p.affect = true
	for i := 0; i < len(affected); i++ {
		a := &c.lps[affected[i]]
		for _, e := range a.trigOut {
			o := &c.lps[e.lp]
			if !o.affect && a.bound.Plus(e.delay) == o.bound && !c.supported(e.lp) {
				o.affect = true
				affected = append(affected, e.lp)
			}
		}
	}
	for _, a := range affected {
		c.lps[a].bound = c.tentative(a)
		c.bounds.push(boundLP{c.lps[a].bound, a}, compareBound)
	}
	for _, a := range affected {
		c.lps[a].affect = false
	}
	// The earliest first. A bound may still become earlier after its turn: a link that leaves
	// a group forgets rounds, so that it leads to a stamp before the one that it comes from.
	for len(c.bounds) > 0 {
		b := c.bounds.pop(compareBound)
		if c.lps[b.lp].bound != b.bound {
			continue // it has become earlier
		}
		for _, e := range c.lps[b.lp].trigOut {
			if s := b.bound.Plus(e.delay); s.Before(c.lps[e.lp].bound) {
				c.lps[e.lp].bound = s
				c.bounds.push(boundLP{s, e.lp}, compareBound)
			}
		}
	}
	c.scratch = affected[:0]
	// check and changed do not use the scratch slice.
	for _, a := range affected {
		c.check(a)
		c.changed(a)
	}
}

// supported reports whether the bound of lp has a reason: its own key, or a
// process that is not affected and may trigger it then.
func (c *Coordinator) supported(lp LP) bool {
	p := &c.lps[lp]
	if p.key == p.bound {
		return true
	}
	// The last one found is tried first: of many, the next ones are not looked at again
	// and again.
	for range p.trigIn {
		e := &p.trigIn[p.support]
		if o := &c.lps[e.lp]; !o.affect && o.bound.Plus(e.delay) == p.bound {
			return true
		}
		if p.support++; int(p.support) == len(p.trigIn) {
			p.support = 0
		}
	}
	return false
}

// tentative is the bound of lp as far as processes that are not affected give
// a reason for one.
func (c *Coordinator) tentative(lp LP) Stamp {
	p := &c.lps[lp]
	s := p.key
	for _, e := range p.trigIn {
		if o := &c.lps[e.lp]; !o.affect {
			if r := o.bound.Plus(e.delay); r.Before(s) {
				s = r
			}
		}
	}
	return s
}

// Loop returns a shortest loop of processes that may trigger each other at one
// instant, beginning with lp; nil if it is in none. If a loop does not end, it
// tells who keeps it going.
func (c *Coordinator) Loop(lp LP) []string {
	came := map[LP]LP{}
	for queue := []LP{lp}; len(queue) > 0; queue = queue[1:] {
		from := queue[0]
		for _, e := range c.lps[from].trigOut {
			if _, known := came[e.lp]; !known && e.delay.Time == 0 {
				came[e.lp] = from
				queue = append(queue, e.lp)
			}
		}
	}
	if _, ok := came[lp]; !ok {
		return nil
	}
	var names []string
	for p := came[lp]; p != lp; p = came[p] {
		names = append(names, c.lps[p].name)
	}
	names = append(names, c.lps[lp].name)
	slices.Reverse(names)
	return names
}

// Describe tells in one line what lp is doing, for reports: "steps at 900s",
// "waits at 900s for grid".
func (c *Coordinator) Describe(lp LP) string {
	p := &c.lps[lp]
	switch on, at := c.Blocked(lp); {
	case p.busy:
		return fmt.Sprintf("steps at %v", p.cur)
	case p.inReady:
		return fmt.Sprintf("may step at %v", p.key)
	case p.key.Time >= c.until:
		return "has no step to make"
	case on == lp:
		return fmt.Sprintf("waits at %v, because it may be triggered from %v on", at, p.bound)
	default:
		return fmt.Sprintf("waits at %v for %s, which has got to %v", at, c.lps[on].name, c.lps[on].bound)
	}
}
