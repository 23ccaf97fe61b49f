package scheduler

import (
	"fmt"
	"hash/fnv"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// community is a random system of processes in a tree of groups. What a process does at a
// step depends on all that it sees there.
type community struct {
	groups  []string // by process: those that it is in, outermost first, a letter for each
	first   []Time   // first step, negative: none
	self    []int    // 0: never steps by itself; else its steps are up to that far apart
	advance []bool   // needs MaxAdvance
	links   []comLink
	outside []sysEvent
	until   Time
	most    int32 // rounds
	later   bool  // some outputs are as of later times
}

type comLink struct {
	from, to int
	delay    Delay
	trigger  bool
	inStep   bool
}

func drawCommunity(r *rand.Rand) *community {
	n := 2 + r.IntN(5)
	s := &community{until: Time(1 + r.IntN(8)), most: int32(1 + r.IntN(5)), later: r.IntN(3) == 0}
	deep := r.IntN(TierLevels + 1)
	for range n {
		groups := ""
		for len(groups) < deep && r.IntN(4) > 0 {
			groups += string("aaab"[r.IntN(4)])
		}
		s.groups = append(s.groups, groups)
		s.first = append(s.first, Time(r.IntN(5)-2))
		s.self = append(s.self, r.IntN(4))
		s.advance = append(s.advance, r.IntN(2) == 0)
	}
	place := r.Perm(n) // links without delay lead upwards
	for range r.IntN(3*n + 1) {
		l := comLink{from: r.IntN(n), to: r.IntN(n), trigger: r.IntN(3) > 0, inStep: r.IntN(12) == 0}
		common := 0
		for a, b := s.groups[l.from], s.groups[l.to]; common < min(len(a), len(b)) && a[common] == b[common]; {
			common++
		}
		shift := max(r.IntN(8)-5, 0)
		weak := common > 0 && r.IntN(2) == 0
		if shift == 0 && !weak && place[l.from] >= place[l.to] {
			if l.from == l.to {
				continue
			}
			l.from, l.to = l.to, l.from
		}
		l.delay = NewDelay(time.Duration(shift), common, weak)
		s.links = append(s.links, l)
	}
	return s
}

// build returns the coordinator of the system, which knows nothing of what happens outside.
func (s *community) build(windows []int) (*Coordinator, error) {
	c := NewCoordinator()
	for i := range s.groups {
		lp := c.Add(fmt.Sprint("p", i))
		if s.advance[i] {
			c.NeedMaxAdvance(lp)
		}
		if s.first[i] >= 0 {
			c.Schedule(lp, At(s.first[i]))
		}
		c.SetWindow(lp, windows[i])
	}
	for _, l := range s.links {
		c.Link(LP(l.from), LP(l.to), l.delay, l.trigger)
		if l.inStep {
			c.KeepInStep(LP(l.from), LP(l.to))
		}
	}
	return c, c.Start(s.until)
}

// history is what has happened in a community.
type history struct {
	*community
	out   [][]comOutput // by link
	steps [][]comStep   // by process
}

type comOutput struct {
	visible Stamp // from when on
	value   uint64
}

type comStep struct {
	At         Stamp
	Seen       uint64
	MaxAdvance Time // Never: it is not compared
}

func newHistory(s *community) *history {
	return &history{s, make([][]comOutput, len(s.links)), make([][]comStep, len(s.groups))}
}

// sees returns a digest of what process i sees at a stamp: over each link, how much there has
// been and the newest.
func (h *history) sees(i int, at Stamp) uint64 {
	sum := fnv.New64a()
	for k, l := range h.links {
		if l.to != i {
			continue
		}
		n, newest := 0, comOutput{visible: At(-1)}
		for _, o := range h.out[k] {
			if !at.Before(o.visible) {
				if n++; !o.visible.Before(newest.visible) {
					newest = o
				}
			}
		}
		fmt.Fprint(sum, k, n, newest.value, ";")
	}
	return sum.Sum64()
}

// act makes the last step of process i, and schedules what it causes.
func (h *history) act(i int, schedule func(i int, at Stamp)) {
	all := h.steps[i]
	step := all[len(all)-1]
	again := int32(0) // steps at this time before
	for n := len(all) - 2; n >= 0 && all[n].At.Time == step.At.Time; n-- {
		again++
	}
	sum := fnv.New64a()
	fmt.Fprint(sum, i, step.At, step.Seen)
	r := rand.New(rand.NewPCG(sum.Sum64(), 0))
	out := step.At
	if h.later && r.IntN(4) == 0 {
		out = At(out.Time + 1 + Time(r.IntN(3)))
	}
	for k, l := range h.links {
		if l.from != i || r.IntN(3) == 0 || l.trigger && again >= h.most {
			continue
		}
		arrival := out.Plus(l.delay)
		visible := arrival
		if l.delay.Time > 0 || out != step.At {
			visible = At(arrival.Time) // what comes from another time is there in all rounds
		}
		h.out[k] = append(h.out[k], comOutput{visible, sum.Sum64()})
		if l.trigger {
			schedule(l.to, arrival)
		}
	}
	if h.self[i] > 0 && r.IntN(5) > 0 {
		schedule(i, At(step.At.Time+1+Time(r.IntN(h.self[i]))))
	}
}

// may fails if process i has made a step that comes after one that it is to make.
func (h *history) may(t *testing.T, i int, at Stamp) {
	if n := len(h.steps[i]); n > 0 {
		require.True(t, h.steps[i][n-1].At.Before(at), "process %d is to step at %v, after one at %v", i, at, h.steps[i][n-1].At)
	}
}

// sequential makes one step after the other, in the order of CompareSteps: the reference.
func (s *community) sequential(t *testing.T, places func(i int) Places) *history {
	h := newHistory(s)
	due := make([]map[Stamp]bool, len(s.groups))
	key := func(i int) Stamp {
		first := End
		for at := range due[i] {
			if at.Before(first) {
				first = at
			}
		}
		return first
	}
	schedule := func(i int, at Stamp) {
		h.may(t, i, at)
		due[i][at] = true
	}
	for i := range due {
		due[i] = map[Stamp]bool{}
		if s.first[i] >= 0 {
			schedule(i, At(s.first[i]))
		}
	}
	for _, e := range s.outside {
		schedule(e.lp, At(e.at))
	}
	soonest := s.soonest()
	for {
		next := -1
		for i := range due {
			if at := key(i); at.Time < s.until && (next < 0 || CompareSteps(places(i), at, places(next), key(next)) < 0) {
				next = i
			}
		}
		if next < 0 {
			return h
		}
		at := key(next)
		delete(due[next], at)
		advance := min(s.until, key(next).Time-1)
		for i := range due {
			if i != next && soonest[i][next] != Never {
				advance = min(advance, key(i).Time.Add(time.Duration(soonest[i][next]))-1)
			}
		}
		h.steps[next] = append(h.steps[next], comStep{at, h.sees(next, at), advance})
		h.act(next, schedule)
	}
}

// soonest is how soon each process may trigger each other one, directly or not: Floyd and Warshall.
func (s *community) soonest() [][]Time {
	d := make([][]Time, len(s.groups))
	for i := range d {
		d[i] = slices.Repeat([]Time{Never}, len(d))
	}
	for _, l := range s.links {
		if l.trigger {
			d[l.from][l.to] = min(d[l.from][l.to], Time(l.delay.Time))
		}
	}
	for via := range d {
		for i := range d {
			for j := range d {
				if d[i][via] != Never && d[via][j] != Never {
					d[i][j] = min(d[i][j], d[i][via]+d[via][j])
				}
			}
		}
	}
	return d
}

// checkReady checks that those may step whose conditions hold, and no others.
func checkReady(t *testing.T, c *Coordinator) {
	for i := range c.lps {
		p := &c.lps[i]
		may := !p.busy && p.key.Time < c.until && p.bound == p.key
		for _, w := range p.waits {
			may = may && w.met(c.lps[w.lp].bound, p.key)
		}
		for _, reader := range p.readers {
			may = may && c.lps[reader].bound.Time >= p.tail(p.key.Time)
		}
		at := slices.IndexFunc(c.ready, func(r readyLP) bool { return r.lp == LP(i) && r.stamp == p.key })
		require.Equal(t, may, at >= 0, "%s %s", p.name, c.Describe(LP(i)))
		require.Equal(t, may, p.inReady, p.name)
	}
}

// checkSafe checks that nothing can happen any more that the granted step sees, or that comes
// before it. bounds are those before the grant, see checkBounds.
func (s *community) checkSafe(t *testing.T, bounds []Stamp, g Grant) {
	require.Equal(t, bounds[g.LP], g.Stamp, "process %d may still be triggered", g.LP)
	for k, l := range s.links {
		if LP(l.to) != g.LP || l.from == l.to {
			continue
		}
		visible := bounds[l.from].Plus(l.delay)
		if l.delay.Time > 0 {
			visible = At(visible.Time)
		}
		require.True(t, g.Stamp.Before(visible), "process %d steps at %v, although link %d may bring something at %v", g.LP, g.Stamp, k, visible)
	}
}

// run completes steps in a random order, and returns what has happened; nil if nothing can, because
// of a cycle.
func (s *community) run(t *testing.T, r *rand.Rand) *history {
	windows := make([]int, len(s.groups))
	limit := Never
	if len(s.outside) > 0 {
		limit = 0
	} else if most := r.IntN(6); most > 0 {
		for i := range windows {
			windows[i] = r.IntN(most)
		}
	}
	c, err := s.build(windows)
	if err != nil {
		return nil
	}
	c.SetLimit(limit)
	h := newHistory(s)
	var flying []LP
	outside := slices.Clone(s.outside)
	happen := func(i int) {
		c.Schedule(LP(outside[i].lp), At(outside[i].at))
		outside = slices.Delete(outside, i, i+1)
	}
	eager := r.IntN(5)
	for !c.Finished() || len(outside) > 0 {
		checkBounds(t, c)
		checkReady(t, c)
		if len(outside) > 0 && r.IntN(4) == 0 {
			happen(r.IntN(len(outside)))
			continue
		}
		if len(flying) == 0 || r.IntN(5) < eager {
			var bounds []Stamp
			for i := range c.lps {
				bounds = append(bounds, c.lps[i].bound)
			}
			if g, ok := c.Next(); ok {
				s.checkSafe(t, bounds, g)
				step := comStep{g.Stamp, h.sees(int(g.LP), g.Stamp), g.MaxAdvance}
				h.steps[g.LP] = append(h.steps[g.LP], step)
				flying = append(flying, g.LP)
				continue
			}
			if len(flying) == 0 {
				require.Less(t, limit, s.until, "nobody steps and nobody may")
				limit += Time(1 + r.IntN(2))
				for i := len(outside) - 1; i >= 0; i-- {
					if outside[i].at <= limit {
						happen(i)
					}
				}
				c.SetLimit(limit)
				continue
			}
		}
		at := r.IntN(len(flying))
		lp := flying[at]
		flying = slices.Delete(flying, at, at+1)
		c.SetWindow(lp, r.IntN(windows[lp]+1))
		h.act(int(lp), func(i int, at Stamp) {
			h.may(t, i, at)
			c.Schedule(LP(i), at)
		})
		c.Done(lp)
	}
	// All that is known now was known when the steps began.
	for i, all := range h.steps {
		for _, step := range all {
			require.Equal(t, h.sees(i, step.At), step.Seen, "process %d at %v has seen too little", i, step.At)
		}
	}
	want := s.sequential(t, func(i int) Places { return c.Places(LP(i)) })
	for i := range h.steps {
		if len(s.outside) > 0 || !s.advance[i] && len(c.lps[i].trigIn) > 0 {
			for _, all := range [][]comStep{h.steps[i], want.steps[i]} {
				for n := range all {
					all[n].MaxAdvance = Never // of such processes it is not given, or cannot be known
				}
			}
		}
		require.Equal(t, want.steps[i], h.steps[i], "process %d", i)
	}
	return h
}

// TestCommunitiesDoAsInSequence: nothing is granted that may still be reached, whoever may step
// is, and all see and do what they would one after the other; also those whose links leave a group and
// lead back, that run ahead or are kept in step, and to whom something happens from outside.
func TestCommunitiesDoAsInSequence(t *testing.T) {
	const communities uint64 = 1500
	steps, rounds := 0, 0
	var seed uint64
	var s *community
	defer func() {
		if t.Failed() {
			t.Logf("community %d: %+v", seed, s)
		}
	}()
	for seed = range communities {
		r := rand.New(rand.NewPCG(seed, 0))
		s = drawCommunity(r)
		if seed%3 == 0 {
			for range 1 + r.IntN(5) {
				s.outside = append(s.outside, sysEvent{r.IntN(len(s.groups)), Time(1 + r.IntN(int(s.until)))})
			}
		}
		h := s.run(t, r)
		if h == nil {
			continue
		}
		for _, all := range h.steps {
			steps += len(all)
			for _, step := range all {
				if step.At.Tier > 0 {
					rounds++
				}
			}
		}
	}
	require.Greater(t, steps, 5*int(communities))
	require.Greater(t, rounds, int(communities)/2)
}
