package container

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"

	"github.com/simrun/simrun/scheduler"
)

// A Federation lets containers, each on a loop of its own, in this process or
// elsewhere, live in one virtual time. Their agents call each other as if they were
// in one container, and everything that happens is the same as there: the same
// values at the same times and rounds, in the same order for every agent.
//
// It is advanced as a loop is. At each time it goes round by round
// (bulk-synchronous: Valiant, "A Bridging Model for Parallel Computation", CACM
// 33(8), 1990): all parts that have something to do run the round at the same time,
// and what their agents have sent to others arrives in the next one. The federation
// holds all messages that are under way, so it knows exactly when all is quiet.
//
// Agents may leave at any time, and make others, which live where they do: see
// [Agent.Spawn]. Nobody else may add one after the first AdvanceTo.
//
// A Federation is not safe for concurrent use. Who made the containers closes them.
type Federation struct {
	members []member
	homes   []int32 // of agents, by number: places in members
	busy    []*member
	now     scheduler.Time
	round   int
	limit   int   // of rounds at one time
	err     error // what ended the run
}

// member is a part with what concerns it in the present round.
type member struct {
	Part
	inbox []Envelope     // what it has not been given yet
	first scheduler.Time // when the first of these arrives
	sent  []Envelope     // what its agents have sent
	err   error
}

// NewFederation makes one of parts, whose order does not matter. maxRounds is the
// limit on rounds at one time, as in scheduler.Config; it should be that of all
// loops.
func NewFederation(maxRounds int, parts ...Part) *Federation {
	if maxRounds <= 0 {
		maxRounds = scheduler.DefaultMaxRounds
	}
	f := &Federation{members: make([]member, len(parts)), limit: maxRounds}
	for i, p := range parts {
		f.members[i].Part = p
	}
	return f
}

// Next returns the time at which something is due next, or scheduler.Never.
func (f *Federation) Next() scheduler.Time {
	next := scheduler.Never
	for i := range f.members {
		next = min(next, f.members[i].due())
	}
	return next
}

// due returns when the part has something to do next.
func (m *member) due() scheduler.Time {
	if len(m.inbox) > 0 {
		return min(m.Next(), m.first)
	}
	return m.Next()
}

// AdvanceTo has everything done up to and including t, see scheduler.Loop.AdvanceTo.
// When it returns nil, all agents are quiet at t, and no message that arrives by
// then is under way.
//
// Any error ends the run, also one that wraps ctx.Err(): every later call returns
// it. If agents of several parts fail in one round, it is the failure that would
// have come first in one container.
func (f *Federation) AdvanceTo(ctx context.Context, t scheduler.Time) error {
	switch {
	case f.err != nil:
		return f.err
	case t < f.now:
		return &scheduler.PastError{Time: t, Now: f.now}
	case t == scheduler.Never:
		return errors.New("the clock cannot be set to never; give the time to advance to")
	}
	f.err = f.advanceTo(ctx, t)
	return f.err
}

func (f *Federation) advanceTo(ctx context.Context, t scheduler.Time) error {
	if f.homes == nil {
		if err := f.join(ctx); err != nil {
			return err
		}
	}
	for again := false; ; again = true {
		next := f.Next()
		switch {
		case next > t:
			return f.settle(context.WithoutCancel(ctx), t)
		case next > f.now:
			f.now, f.round = next, 0
		case again:
			f.round++
		}
		if err := f.runRound(ctx); err != nil {
			return err
		}
	}
}

// join tells all parts who there is, so that agents are numbered alike everywhere.
func (f *Federation) join(ctx context.Context) error {
	names, home := []string{}, make(map[string]int)
	for i := range f.members {
		p := f.members[i].Part
		agents, err := p.Agents(ctx)
		if err != nil {
			return err
		}
		for _, name := range agents {
			if other, taken := home[name]; taken {
				return fmt.Errorf("two agents are called %q, in %s and in %s; names are unique in a federation", name, f.members[other].Name(), p.Name())
			}
			home[name] = i
		}
		names = append(names, agents...)
	}
	slices.Sort(names)
	for i := range f.members {
		if err := f.members[i].Join(ctx, names); err != nil {
			return err
		}
	}
	f.homes = make([]int32, len(names))
	for n, name := range names {
		f.homes[n] = int32(home[name])
	}
	return nil
}

// runRound has all parts that have something to do run the present round. Beyond the
// limit that is all of them: each tells who of its agents kept the rounds going.
func (f *Federation) runRound(ctx context.Context) error {
	f.busy = f.busy[:0]
	for i := range f.members {
		if m := &f.members[i]; m.due() <= f.now || f.round > f.limit {
			f.busy = append(f.busy, m)
		}
	}
	err := f.runMembers(ctx, f.busy)
	if err == nil && f.round > f.limit {
		return fmt.Errorf("t=%v: no end after %d rounds at one time, which no container objects to; all of them should have that limit", f.now, f.limit)
	}
	return err
}

// runMembers has some parts run the present round, at the same time.
func (f *Federation) runMembers(ctx context.Context, busy []*member) error {
	var others sync.WaitGroup
	for _, m := range busy[1:] {
		others.Go(func() { m.err = m.run(ctx, f.now, f.round) })
	}
	busy[0].err = busy[0].run(ctx, f.now, f.round)
	others.Wait()
	if err := firstFailure(busy); err != nil {
		return err
	}
	for _, from := range busy {
		for i := range from.sent {
			e := &from.sent[i]
			if e.at < f.now {
				return fmt.Errorf("t=%v: %s sent a message from %q to %q into the past, to %v", f.now, from.Name(), e.from, e.message.to, e.at)
			}
			to := &f.members[f.homes[e.to]]
			if len(to.inbox) == 0 || e.at < to.first {
				to.first = e.at
			}
			to.inbox = append(to.inbox, *e)
		}
		from.sent = nil
	}
	return nil
}

// run has the part run a round.
func (m *member) run(ctx context.Context, t scheduler.Time, round int) (err error) {
	m.sent, err = m.Round(ctx, Order{Time: t, Round: round, Messages: m.inbox})
	clear(m.inbox) // for the garbage collector
	m.inbox = m.inbox[:0]
	return err
}

// firstFailure returns the error that a single loop would have ended with. What is
// no failure of an agent has precedence: nobody knows what would have followed.
func firstFailure(members []*member) error {
	var first *RoundError
	var limit *scheduler.RoundsError
	var involved []string
	for _, m := range members {
		err := m.err
		if err == nil {
			continue
		}
		failure, ofAgent := errors.AsType[*RoundError](err)
		rounds, tooMany := errors.AsType[*scheduler.RoundsError](err)
		switch {
		case !ofAgent:
			return err
		case tooMany:
			limit = rounds
			involved = append(involved, rounds.Actors...)
		case first == nil || failure.Mark < first.Mark:
			first = failure
		}
	}
	switch {
	case limit != nil:
		slices.Sort(involved)
		return &scheduler.RoundsError{Time: limit.Time, Limit: limit.Limit, Actors: slices.Compact(involved)}
	case first != nil:
		return first.Err
	}
	return nil
}

// settle sets all clocks in this process to t.
func (f *Federation) settle(ctx context.Context, t scheduler.Time) error {
	if t > f.now {
		f.now, f.round = t, 0
	}
	for i := range f.members {
		if local, ok := f.members[i].Part.(*localPart); ok {
			if err := local.c.loop.RunRound(ctx, f.now, f.round); err != nil {
				return err
			}
		}
	}
	return nil
}
