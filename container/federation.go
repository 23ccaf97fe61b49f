package container

import (
	"context"
	"errors"
	"fmt"
	"maps"
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
// Agents may leave at any time. None may be added after the first AdvanceTo.
//
// A Federation is not safe for concurrent use. Who made the containers closes them.
type Federation struct {
	parts []Part
	homes []int   // of agents, by number: places in parts
	inbox []inbox // what each part has not been given yet
	now   scheduler.Time
	round int
	err   error // what ended the run
}

type inbox struct {
	messages []Envelope
	first    scheduler.Time // when the first of them arrives
}

// NewFederation makes one of parts, whose order does not matter.
func NewFederation(parts ...Part) *Federation {
	return &Federation{parts: parts, inbox: make([]inbox, len(parts))}
}

// Next returns the time at which something is due next, or scheduler.Never.
func (f *Federation) Next() scheduler.Time {
	next := scheduler.Never
	for i, p := range f.parts {
		next = min(next, f.due(i, p))
	}
	return next
}

// due returns when a part has something to do next.
func (f *Federation) due(i int, p Part) scheduler.Time {
	if in := &f.inbox[i]; len(in.messages) > 0 {
		return min(p.Next(), in.first)
	}
	return p.Next()
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
	for i, p := range f.parts {
		agents, err := p.Agents(ctx)
		if err != nil {
			return err
		}
		for _, name := range agents {
			if other, taken := home[name]; taken {
				return fmt.Errorf("two agents are called %q, in %s and in %s; names are unique in a federation", name, f.parts[other].Name(), p.Name())
			}
			home[name] = i
		}
		names = append(names, agents...)
	}
	slices.Sort(names)
	for _, p := range f.parts {
		if err := p.Join(ctx, names); err != nil {
			return err
		}
	}
	f.homes = make([]int, len(names))
	for n, name := range names {
		f.homes[n] = home[name]
	}
	return nil
}

// runRound has all parts that have something to do run the present round.
func (f *Federation) runRound(ctx context.Context) error {
	var busy, idle []int
	for i, p := range f.parts {
		if f.due(i, p) <= f.now {
			busy = append(busy, i)
		} else {
			idle = append(idle, i)
		}
	}
	err := f.runParts(ctx, busy)
	if limit, ok := errors.AsType[*scheduler.RoundsError](err); ok {
		// Those that rest now may have been among the last that kept it going.
		if more, ok := errors.AsType[*scheduler.RoundsError](f.runParts(ctx, idle)); ok {
			limit.Actors = slices.Compact(slices.Sorted(slices.Values(slices.Concat(limit.Actors, more.Actors))))
		}
	}
	return err
}

// runParts has some parts run the present round, at the same time.
func (f *Federation) runParts(ctx context.Context, which []int) error {
	sent, errs := make([][]Envelope, len(which)), make([]error, len(which))
	run := func(n int) {
		i := which[n]
		order := Order{Time: f.now, Round: f.round, Messages: f.inbox[i].messages}
		f.inbox[i].messages = nil
		sent[n], errs[n] = f.parts[i].Round(ctx, order)
	}
	var others sync.WaitGroup
	for n := 1; n < len(which); n++ {
		others.Go(func() { run(n) })
	}
	if len(which) > 0 {
		run(0)
	}
	others.Wait()
	if err := firstFailure(errs); err != nil {
		return err
	}
	for n, envelopes := range sent {
		for _, e := range envelopes {
			if e.at < f.now {
				return fmt.Errorf("t=%v: %s sent a message from %q to %q into the past, to %v", f.now, f.parts[which[n]].Name(), e.from, e.message.to, e.at)
			}
			in := &f.inbox[f.homes[e.to]]
			if len(in.messages) == 0 || e.at < in.first {
				in.first = e.at
			}
			in.messages = append(in.messages, e)
		}
	}
	return nil
}

// firstFailure returns the error that a single loop would have ended with. What is
// no failure of an agent has precedence: nobody knows what would have followed.
func firstFailure(errs []error) error {
	var first *RoundError
	var limit *scheduler.RoundsError
	involved := make(map[string]bool)
	for _, err := range errs {
		failure, ofAgent := errors.AsType[*RoundError](err)
		rounds, tooMany := errors.AsType[*scheduler.RoundsError](err)
		switch {
		case err == nil:
		case !ofAgent:
			return err
		case tooMany:
			limit = rounds
			for _, name := range rounds.Actors {
				involved[name] = true
			}
		case first == nil || failure.Mark < first.Mark:
			first = failure
		}
	}
	switch {
	case limit != nil:
		return &scheduler.RoundsError{Time: limit.Time, Limit: limit.Limit, Actors: slices.Sorted(maps.Keys(involved))}
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
	for _, p := range f.parts {
		if local, ok := p.(*localPart); ok {
			if err := local.c.loop.RunRound(ctx, f.now, f.round); err != nil {
				return err
			}
		}
	}
	return nil
}
