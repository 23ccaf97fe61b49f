package scheduler

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"maps"
	"math"
	"runtime/debug"
	"slices"
	"time"
)

// DefaultMaxRounds is the limit on rounds at one time unless Config says
// otherwise.
const DefaultMaxRounds = 10_000

// lastRounds is how many rounds before the limit on rounds count for the
// question who kept them going.
const lastRounds = 16

// checkEvery is the number of events after which AdvanceTo looks at its context.
const checkEvery = 256

// Config configures a Loop. The zero Config is fine.
type Config struct {
	// MaxRounds limits the rounds at one time, so that actors who never stop
	// answering each other end in an error. What comes from outside between two
	// calls of AdvanceTo has as many again. 0 means DefaultMaxRounds.
	MaxRounds int

	// MaxEvents limits the events of a run: one more is an *EventsError. 0 means
	// no limit.
	MaxEvents uint64

	// Trace, if it is not nil, is told of every event before it happens. It must not
	// schedule anything. Loops whose traces are equal have done the same. Processes
	// do not hand over to each other directly then, which takes about twice the time.
	Trace func(Occurrence)

	// Stats, if it is not nil, is told how far the run is after every 256 events, and
	// when the loop comes to rest. It must not schedule anything.
	Stats func(Stats)
}

// Stats is how far a run is.
type Stats struct {
	Time      Time
	Round     int
	Events    uint64 // that have run
	Pending   int    // events that are still to come
	Processes int    // that have not ended
}

// Occurrence is an event that is about to happen: when, in which place of the order
// of events, and who caused it.
type Occurrence struct {
	Time  Time
	Round int
	Key   Key
	Actor *Actor
	// Process is the name of the process that it lets begin or go on; "" if it does
	// something else.
	Process string
}

// Loop is an event loop in virtual time, see the package documentation. Its
// methods, and those of its actors and processes, must not be called
// concurrently: use it from one goroutine at a time, its handlers and its
// processes.
type Loop struct {
	maxRounds int
	maxEvents uint64
	trace     func(Occurrence) // or nil
	stats     func(Stats)      // or nil
	now       Time
	round     int
	before    int // rounds at now that have come to an end, with nothing left to do
	queue     eventQueue
	arrived   lane        // of the present round, what was posted in the one before
	caused    lane        // of the present round, what it causes itself
	posted    []laneEvent // for the next round at now
	actors    []*Actor    // by number; nil if the number is vacant
	vacant    []vacancy
	open      int                // actors that are not closed
	processes int                // that have not ended
	idle      []*coroutine       // that have no process
	main      coroutine          // stands for the goroutine that advances the loop; it has no slot
	active    *coroutine         // that runs, or is to go on
	perform   iter.Seq[struct{}] // performOn, made once; nil if there were no coroutines
	exiting   *Process           // that has called runtime.Goexit
	ended     *Process           // that the main goroutine has to see off
	unwinding bool               // the process that runs is to end
	names     map[string]*Actor
	involved  map[string]bool // who caused the last rounds before the limit
	known     []string        // names of actors when it was sealed
	sealed    bool            // actors have their final numbers
	fixed     bool            // no actors may be added, see RunRound
	events    uint64          // that have run
	pause     uint64          // up to so many events, processes may go on to others by themselves
	until     Time            // what is due later is not to happen yet
	current   order           // of the event that runs
	mark      order           // greatest of the present round
	advancing bool
	running   *Process // nil while a handler runs
	outcome   error    // of the wait that has just ended
	closed    bool
	err       error // what ended the run
}

// NewLoop returns a loop whose clock stands at 0.
func NewLoop(cfg Config) *Loop {
	if cfg.MaxRounds <= 0 {
		cfg.MaxRounds = DefaultMaxRounds
	}
	if cfg.MaxEvents == 0 {
		cfg.MaxEvents = math.MaxUint64
	}
	return &Loop{
		maxRounds: cfg.MaxRounds, maxEvents: cfg.MaxEvents, trace: cfg.Trace, stats: cfg.Stats,
		names: make(map[string]*Actor), involved: make(map[string]bool),
	}
}

// Now returns the present virtual time.
func (l *Loop) Now() Time { return l.now }

// Round returns the present round at Now, from 0.
func (l *Loop) Round() int { return l.round }

// Advancing reports whether it is asked from within AdvanceTo: by a handler of an
// event, or by a process.
func (l *Loop) Advancing() bool { return l.advancing }

// Next returns the time of the earliest pending event, or Never. It is Now if
// something is left to do at the present time.
func (l *Loop) Next() Time {
	if len(l.posted) > 0 || !l.arrived.empty() || !l.caused.empty() {
		return l.now
	}
	return l.queue.nextTime()
}

// At schedules do at time t, caused by source. At the present time it runs in
// the present round. What is scheduled for Never does not happen, and has the
// zero EventID. An error that do returns ends the run.
//
// At fails with a *PastError if t is before Now.
func (l *Loop) At(t Time, source *Actor, do func() error) (EventID, error) {
	return l.AtPriority(t, Normal, source, do)
}

// After schedules do after duration d, see At. It fails if d is negative, or leads
// beyond the range of Time.
func (l *Loop) After(d time.Duration, source *Actor, do func() error) (EventID, error) {
	if d < 0 {
		return EventID{}, fmt.Errorf("a delay of %v is negative; nothing can happen in the past", d)
	}
	t := l.now.Add(d)
	if t == Never {
		return EventID{}, l.beyond("a delay", d)
	}
	return l.At(t, source, do)
}

// beyond is the error of what would happen after the range of Time.
func (l *Loop) beyond(what string, d time.Duration) error {
	return fmt.Errorf("%s of %v at %v goes beyond the end of time, 292 years; for what never happens use Never", what, d, l.now)
}

// AtPriority is At with another priority than Normal.
func (l *Loop) AtPriority(t Time, p Priority, source *Actor, do func() error) (EventID, error) {
	return l.Schedule(t, p, source, handlerFunc(do))
}

// Schedule is AtPriority for a Handler.
func (l *Loop) Schedule(t Time, p Priority, source *Actor, do Handler) (EventID, error) {
	if t < l.now || t == Never || !source.hasOrder(p) {
		return l.scheduleRarely(t, p, source, do)
	}
	return l.queue.push(t, source.takeOrder(p), source, do), nil
}

// scheduleRarely is Schedule in all cases.
func (l *Loop) scheduleRarely(t Time, p Priority, source *Actor, do Handler) (EventID, error) {
	if t < l.now {
		return EventID{}, &PastError{Time: t, Now: l.now}
	}
	o, err := source.nextOrder(p)
	if err != nil || t == Never {
		return EventID{}, err
	}
	return l.queue.push(t, o, source, do), nil
}

// Post schedules do in the next round of the present time, caused by source. It
// is how actors send each other messages that take no time: all messages of a
// round are there before the first of the next one is handled.
func (l *Loop) Post(source *Actor, do func() error) error {
	return l.PostHandler(source, handlerFunc(do))
}

// PostHandler is Post for a Handler.
func (l *Loop) PostHandler(source *Actor, do Handler) error {
	o, err := source.nextOrder(Normal)
	if err != nil {
		return err
	}
	l.posted = append(l.posted, laneEvent{o, event{source, do}})
	return nil
}

// Cancel removes an event and reports whether it was still to come.
func (l *Loop) Cancel(id EventID) bool { return l.queue.cancel(id) }

// Reschedule moves an event to time t, as if it were cancelled and scheduled
// again with At, and reports whether it was still to come.
func (l *Loop) Reschedule(id EventID, t Time) (bool, error) {
	if t < l.now {
		return false, &PastError{Time: t, Now: l.now}
	}
	if !l.queue.waiting(id) {
		return false, nil
	}
	if t == Never {
		return l.queue.cancel(id), nil
	}
	o, err := l.queue.source(id).nextOrder(Normal)
	if err != nil {
		return false, err
	}
	return l.queue.reschedule(id, t, o), nil
}

// AdvanceTo runs everything up to and including t, each event at its own time,
// and sets the clock to t. When it returns nil nothing is left to do at t or
// before: every process has run to its next wait, and Next is after t. It may be
// called again with the same t, after something was scheduled there.
//
// The failure of an event, an *EventError, or rounds without end, a
// *RoundsError, end the run: every later call returns the same error. If ctx is
// cancelled AdvanceTo stops between two events with an error that wraps
// ctx.Err() and the cause; the loop may then go on. This is also how a run is given a limit of
// time on the wall, see WallTimeError.
func (l *Loop) AdvanceTo(ctx context.Context, t Time) error {
	if err := l.mayAdvance("AdvanceTo", t); err != nil {
		return err
	}
	if err := l.run(ctx, t); err != nil {
		return err
	}
	l.moveTo(t)
	return nil
}

// run runs everything up to and including t.
func (l *Loop) run(ctx context.Context, t Time) error {
	l.seal()
	l.advancing = true
	defer l.rest()
	if err := l.interrupted(ctx); err != nil {
		return err
	}
	for {
		if err := l.runRound(ctx, t); err != nil {
			return err
		}
		if len(l.posted) == 0 {
			l.before = l.round
			return nil
		}
		if err := l.interrupted(ctx); err != nil {
			return err
		}
		if err := l.beginRound(l.round + 1); err != nil {
			return err
		}
	}
}

// mayRun returns why nothing can be run.
func (l *Loop) mayRun(call string) error {
	switch {
	case l.err != nil:
		return l.err
	case l.closed:
		return ErrClosed
	case l.advancing:
		return fmt.Errorf("%s was called from within the loop; schedule an event instead", call)
	}
	return nil
}

// mayAdvance returns why the clock cannot be set to t.
func (l *Loop) mayAdvance(call string, t Time) error {
	err := l.mayRun(call)
	switch {
	case err != nil:
		return err
	case t < l.now:
		return &PastError{Time: t, Now: l.now}
	case t == Never:
		return fmt.Errorf("the clock cannot be set to never; give the time to advance to")
	}
	return nil
}

// Stats returns how far the run is.
func (l *Loop) Stats() Stats {
	lanes := len(l.posted) + len(l.arrived.events) - l.arrived.next + len(l.caused.events) - l.caused.next
	return Stats{
		Time: l.now, Round: l.round, Events: l.events,
		Pending: l.queue.len() + lanes, Processes: l.processes,
	}
}

// rest is the end of what mayAdvance begins. If nothing is left to happen no
// coroutine is needed any more.
func (l *Loop) rest() {
	l.advancing = false
	if l.stats != nil {
		l.stats(l.Stats())
	}
	if l.processes == 0 && (l.err != nil || l.Next() == Never) {
		l.endIdle()
	}
}

func (l *Loop) interrupted(ctx context.Context) error {
	err := ctx.Err()
	if err == nil {
		return nil
	}
	if cause := context.Cause(ctx); !errors.Is(cause, err) {
		return fmt.Errorf("t=%v: interrupted: %w (%w)", l.now, cause, err)
	}
	return fmt.Errorf("t=%v: interrupted: %w", l.now, context.Cause(ctx))
}

// moveTo sets the clock. Rounds are counted from the last time that it moved.
func (l *Loop) moveTo(t Time) {
	if t > l.now {
		l.now, l.mark = t, 0
		if l.round > 0 {
			l.round, l.before = 0, 0
			clear(l.involved)
		}
	}
}

// beginRound begins a later round of the present time.
func (l *Loop) beginRound(round int) error {
	if round-l.before > l.maxRounds-lastRounds {
		for _, p := range l.posted {
			l.involved[p.event.source.name] = true
		}
	}
	if round-l.before > l.maxRounds {
		l.err = &RoundsError{Time: l.now, Limit: l.maxRounds, Actors: slices.Sorted(maps.Keys(l.involved))}
		return l.err
	}
	l.round, l.mark = round, 0
	if l.arrived.empty() {
		l.posted = l.arrived.fill(l.posted)
		return nil
	}
	for _, p := range l.posted {
		l.queue.push(l.now, p.order, p.event.source, p.event.do)
	}
	clear(l.posted)
	l.posted = l.posted[:0]
	return nil
}

// runRound runs what is left of the present round and, unless there is to be another
// one, what comes later up to and including time until.
func (l *Loop) runRound(ctx context.Context, until Time) error {
	for {
		more, err := l.runSome(until)
		if err != nil {
			l.err = err
			return err
		}
		if !more {
			return nil
		}
		l.caused.giveBack()
		if l.stats != nil {
			l.stats(l.Stats())
		}
		if err := l.interrupted(ctx); err != nil {
			return err
		}
	}
}

// runSome is runRound, but returns when it is time to look at the context. It says
// who failed when.
func (l *Loop) runSome(until Time) (more bool, err error) {
	var e event
	defer func() {
		if v := recover(); v != nil {
			err = &PanicError{Value: v, Stack: debug.Stack()}
		}
		if _, named := err.(*EventError); err != nil && !named {
			failure := &EventError{Time: l.now, Round: l.round, Actor: e.source.name, Err: err}
			if name, ok := e.do.(fmt.Stringer); ok {
				failure.Event = name.String()
			}
			err = failure
		}
	}()
	l.until, l.pause = until, 0
	if l.trace == nil {
		l.pause = min(l.events-l.events%checkEvery+checkEvery, l.maxEvents)
	}
	for {
		if l.arrived.empty() && l.caused.empty() && len(l.posted) == 0 {
			if first := l.queue.plain(); first != nil && first.time <= until {
				l.moveTo(first.time)
				l.current, more = first.order, true
				e = l.queue.popPlain(first.slot)
			} else {
				var t Time
				if t, l.current, e, more = l.queue.popUntil(until); more {
					l.moveTo(t)
				}
			}
		} else {
			l.current, e, more = l.take()
		}
		if !more {
			return false, nil
		}
		l.mark = max(l.mark, l.current)
		if l.events == l.maxEvents {
			return false, &EventsError{Limit: l.maxEvents}
		}
		if l.trace != nil {
			l.trace(Occurrence{l.now, l.round, Key(l.current), e.source, e.process()})
		}
		if err := e.do.Handle(); err != nil {
			return false, err
		}
		if l.events++; l.events%checkEvery == 0 {
			return true, nil
		}
	}
}

// Close unwinds all processes that are left, actor by actor in order of their
// numbers, and returns the panics that this caused. Nothing can be done with a
// closed loop. Close must not be called from within the loop; calling it again
// does nothing.
func (l *Loop) Close() error {
	if l.advancing {
		panic("scheduler: Close was called from within the loop; close it after AdvanceTo has returned")
	}
	l.closed = true
	var errs []error
	for _, a := range l.actors {
		if a != nil {
			errs = append(errs, a.closeFamily())
		}
	}
	return errors.Join(errs...)
}
