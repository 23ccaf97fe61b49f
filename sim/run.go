package sim

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/simrun/simrun/scheduler"
)

const (
	// A simulator whose steps are quicker than this is stepped by the run loop
	// itself, because handing a step to another goroutine would cost as much.
	// It decides on speed only: results do not depend on who makes a step.
	quickStep = 20 * time.Microsecond
	// quickSteps in a row show that a simulator is quick.
	quickSteps = 4
	// flushRows is how many recorded rows are sorted and written at a time.
	flushRows = 8192
	// heldRows is how many recorded rows may wait for slower simulators, which
	// may still put something before them, until the faster ones are held back.
	heldRows = 1 << 17
	// flushEvery is how long a recorded row may wait while the run goes on.
	flushEvery = 200 * time.Millisecond
	// stopGrace is how long a step may go on after it was cancelled.
	stopGrace = time.Second
)

// run is the state of World.Run. One goroutine, the run loop, drives the
// coordinator and moves values; mu is held by it except while a simulator's
// code runs and while it waits, so that requests can be answered on the
// goroutines that make them.
type run struct {
	w     *World
	mu    sync.Mutex
	coord *scheduler.Coordinator
	byLP  []*Instance
	until Time
	pace  float64 // as the run was begun: if it is not 0, events may come from outside
	clock pacer   // holds back steps, see also paused
	began time.Time
	lag   time.Duration

	maxLag time.Duration // 0: any will do
	late   *LagError     // nil: no step was later than that

	ctx     context.Context // of the steps
	cancel  context.CancelFunc
	done    chan *Instance // steps that other goroutines have completed
	wake    chan struct{}  // something was scheduled from outside
	busy    int            // steps on other goroutines
	looping bool           // simulators step; before, they set up
	workers sync.WaitGroup

	waiting    bool  // the run loop waits
	flushing   bool  // it will look after recorded rows soon, although it waits
	standInErr error // see tell

	rows      int // held in recordings
	flushAt   int // this many are a reason to write them
	flushed   time.Time
	flushedTo Time
	holding   bool // fast simulators, because there are too many

	control  *Control
	paused   bool
	allowed  Time // steps up to it are made although paused
	instants int  // to be allowed

	steps   int64
	failing *failing // nil: no step has failed
	sampler sampler
	observe func(*Instance, Span)
	tracing *tracing // nil: nobody wants to know
	debug   bool     // steps and requests are logged
}

// Run runs the world up to opts.Until. The summary tells what has been reached,
// also with an error: a *[SimulatorError] if a simulator failed, a *[SinkError]
// if recording did, a [*CycleError] if connections without delay form a cycle, a
// [*LagError] if the run is further behind the wall clock than it may be,
// or one that wraps [ErrInterrupted] if ctx was cancelled. What was recorded up
// to then has been written. A world can run once.
func (w *World) Run(ctx context.Context, opts RunOptions) (*Summary, error) {
	if w.phase != composing {
		return &Summary{Until: opts.Until}, errors.New("the world has run already; make a new one")
	}
	if opts.Until <= 0 || opts.Until == Never {
		return &Summary{Until: opts.Until}, fmt.Errorf("run: it ends at %v; set Until to a finite time after 0", opts.Until)
	}
	if !(opts.Pace >= 0) || math.IsInf(opts.Pace, 1) {
		return &Summary{Until: opts.Until}, fmt.Errorf("run: a pace of %v must be positive and finite (0: as fast as possible)", opts.Pace)
	}
	if opts.MaxLag < 0 {
		return &Summary{Until: opts.Until}, fmt.Errorf("run: the lag allowed at most, %v, must not be negative (0: any)", opts.MaxLag)
	}
	w.phase = running
	r := &run{w: w, until: opts.Until, pace: opts.Pace, clock: pacer{rate: opts.Pace, until: opts.Until}, coord: scheduler.NewCoordinator(),
		done: make(chan *Instance, len(w.instances)), wake: make(chan struct{}, 1), began: time.Now(),
		control: cmp.Or(opts.Control, new(Control)), observe: opts.Observe, maxLag: opts.MaxLag}
	r.ctx, r.cancel = context.WithCancel(ctx)
	defer r.cancel()
	if err := r.control.begin(r); err != nil {
		return &Summary{Until: opts.Until}, err
	}
	defer r.control.end()
	w.status.begin(opts.Until)
	r.logBegin(ctx)

	err := r.prepare()
	if err == nil {
		err = r.loop(ctx)
	}
	err = r.end(err)
	w.phase = ended
	s := r.summary(err == nil)
	w.cfg.Logger.Info("run ended", "complete", s.Complete, "t", s.Reached, "steps", r.steps, "wall", s.Wall)
	return s, err
}

// prepare turns the composition into what runs.
func (r *run) prepare() error {
	if err := r.link(); err != nil {
		return err
	}
	for _, in := range r.w.instances {
		in.digest = newDigest()
		in.indexSlots()
		if w, ok := in.sim.(Wirer); ok {
			w.Wire(in.wiring())
		}
	}
	if len(r.w.instances) == 0 {
		return errors.New("run: the world has no simulator; add one")
	}
	for _, out := range r.w.outputs {
		if err := out.begin(); err != nil {
			return err
		}
	}
	if r.w.cfg.Trace != nil {
		var err error
		if r.tracing, err = newTracing(r); err != nil {
			return err
		}
	}
	r.w.run.Store(r)
	return r.setupDone()
}

// link tells the coordinator about simulators and connections.
func (r *run) link() error {
	for _, in := range r.w.instances {
		in.lp = r.coord.Add(in.name)
		in.step.lp = in
		in.told = func() { r.tell(in) }
		r.byLP = append(r.byLP, in)
		r.lead(in, 0)
		if in.meta.Type != TimeBased {
			r.coord.NeedMaxAdvance(in.lp)
		}
		for _, t := range in.firstSteps() {
			if t < 0 {
				return fmt.Errorf("run: simulator %q has an initial event at %v; the run begins at 0, give a time from then on", in.name, t)
			}
			r.coord.Schedule(in.lp, stampAt(t))
		}
	}
	for _, in := range r.w.instances {
		for _, e := range in.entityList {
			for _, p := range e.portList {
				for _, c := range p.conns {
					r.coord.Link(c.src.lp.lp, in.lp, c.delay, c.trigger)
					if c.trigger {
						r.coord.NeedMaxAdvance(in.lp)
					}
				}
			}
		}
	}
	if err := r.w.unconnected(); err != nil {
		return err
	}
	r.linkAsync()
	if err := r.coord.Start(r.until); err != nil {
		return err
	}
	for _, in := range r.w.instances {
		in.rank = r.coord.Rank(in.lp)
		in.places = r.coord.Places(in.lp)
	}
	return nil
}

// firstSteps are those that the simulator begins with.
func (in *Instance) firstSteps() []Time {
	switch {
	case in.initial != nil:
		return in.initial
	case in.meta.Type != EventBased:
		return []Time{0}
	}
	return nil
}

// setupDone calls all simulators that want it, at the same time. If one fails, the others
// have some time left.
func (r *run) setupDone() error {
	ctx, cancel := context.WithCancel(r.ctx)
	defer cancel()
	var failed sync.Once
	errs, cancelled := make([]error, len(r.w.instances)), make([]bool, len(r.w.instances))
	began := time.Now()
	var all sync.WaitGroup
	for i, in := range r.w.instances {
		if s, ok := in.sim.(SetupDoner); ok {
			all.Go(func() {
				err := guard(func() error { return s.SetupDone(ctx) })
				if cancelled[i] = err != nil && ctx.Err() != nil; err != nil && !cancelled[i] {
					errs[i] = &SimulatorError{Sim: in.name, Op: "setup_done", Err: err}
					failed.Do(func() { time.AfterFunc(failGrace, cancel) })
				}
				in.stats.Setup += time.Since(began)
				r.w.cfg.Logger.Debug("setup done", "simulator", in.name, "took", time.Since(began))
				if in.messenger != nil {
					in.stats.Messaging = in.messenger.Messaging()
				}
			})
		}
	}
	all.Wait()
	if err := errors.Join(errs...); err != nil || !slices.Contains(cancelled, true) {
		return err
	}
	i := &interruption{cause: context.Cause(ctx)}
	for n, in := range r.w.instances {
		if cancelled[n] {
			i.add(in.name, "setup_done", began, "")
		}
	}
	return i
}

// loop makes steps until the end.
func (r *run) loop(ctx context.Context) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.looping = true
	r.began = time.Now()
	r.clock.wall = r.began
	r.flushed, r.flushAt = r.began, flushRows
	r.sampler.start(r)
	for turn := 0; ; turn++ {
		if turn&63 == 0 {
			if err := r.interrupted(ctx); err != nil {
				return err
			}
		}
		if r.control.news.Load() {
			r.steer()
		}
		if r.clock.rate > 0 {
			r.setLimit()
		}
		for r.busy > 0 && len(r.done) > 0 {
			if err := r.arrived(<-r.done); err != nil {
				return err
			}
		}
		if r.late != nil {
			return r.late
		}
		if err := r.flushSome(); err != nil {
			return err
		}
		r.hold()
		if r.instants > 0 {
			r.oneInstant()
		}
		if g, ok := r.coord.Next(); ok {
			if err := r.grant(g); err != nil {
				return err
			}
			continue
		}
		if r.failing != nil && !r.awaitsEarlier() {
			return r.failing.err
		}
		if r.coord.Finished() && (r.pace == 0 || r.clock.now() >= r.until) {
			return nil
		}
		if err := r.wait(ctx); err != nil {
			return err
		}
	}
}

// grant makes a step, or has it made.
func (r *run) grant(g scheduler.Grant) error {
	in := r.byLP[g.LP]
	if r.failing != nil && !r.beforeFailure(in, g.Stamp) {
		return nil // it is not made any more
	}
	if int(g.Rounds) >= r.w.cfg.MaxRounds || g.Stamp.Tier.Full() {
		return r.fail(in, g.Stamp, r.endless(in, g))
	}
	in.begin(g)
	if in.rewire {
		in.rewire = false
		if w, ok := in.sim.(Wirer); ok {
			w.Wire(in.wiring())
		}
	}
	if in.beginner != nil {
		r.busy++
		if err := in.beginStep(r.ctx); err != nil {
			r.busy--
			return r.made(in)
		}
		return nil
	}
	if in.quick < quickSteps {
		r.busy++
		if in.work == nil {
			in.work = make(chan struct{}, 1)
			r.workers.Go(func() {
				for range in.work {
					in.makeStep(r.ctx)
					r.done <- in
				}
			})
		}
		in.work <- struct{}{}
		return nil
	}
	r.mu.Unlock()
	in.makeStep(r.ctx)
	r.mu.Lock()
	return r.made(in)
}

// made takes in a step that has been made.
func (r *run) made(in *Instance) error {
	if in.stepErr != nil && r.ctx.Err() != nil {
		return r.cancelled(in)
	}
	if err := r.complete(in); err != nil {
		return r.fail(in, in.stamp, err)
	}
	return nil
}

// cancelled takes in a step that has failed when the run was interrupted. Of several
// whichever may be the first, and the run loop may see the interruption before: the
// error is the same.
func (r *run) cancelled(in *Instance) error {
	err := r.interrupted(r.ctx) // while in counts as stepping
	in.stepping = false
	r.account(in)
	return err
}

// endless is the error of a loop at one time that does not end.
func (r *run) endless(in *Instance, g scheduler.Grant) error {
	t := g.Stamp.Time
	fail := func(format string, args ...any) error {
		return &SimulatorError{Sim: in.name, Op: "step", At: &t, Err: fmt.Errorf(format, args...)}
	}
	if int(g.Rounds) < r.w.cfg.MaxRounds {
		return fail("it has got to round %v, which is more than can be counted; shifted connections keep the round: let the loop leave its group somewhere", g.Stamp.Tier)
	}
	loop := r.coord.Loop(in.lp)
	return fail("it has made %d rounds without time advancing; the loop %s -> %s keeps itself going: one of them must stop giving a value on the connection that triggers the next, or raise the limit on rounds, max_rounds",
		g.Rounds, strings.Join(loop, " -> "), in.name)
}

// arrived takes in a step that another goroutine has made.
func (r *run) arrived(in *Instance) error {
	r.busy--
	if in.beginner != nil {
		in.endStep(r.ctx)
	}
	return r.made(in)
}

// wait waits until a step is complete, the clock allows the next one, or
// something comes from outside.
func (r *run) wait(ctx context.Context) error {
	if err := r.flushOld(); err != nil {
		return err
	}
	var tick <-chan time.Time
	due := r.coord.NextDue()
	// Events from outside may come until the end.
	if r.clock.rate > 0 && !r.paused && (due != Never || r.pace > 0) {
		switch next := min(due, r.until); {
		case next > r.clock.now():
			t := time.NewTimer(time.Until(r.clock.due(next)))
			defer t.Stop()
			tick = t.C
		case r.busy == 0 && (due != Never || r.coord.Finished()):
			return nil // it has become due just now
		}
	}
	if r.busy == 0 && tick == nil && !r.paused {
		return r.stuck()
	}
	var old <-chan time.Time
	if r.rows > 0 {
		// What was recorded must not wait for as long as the step under way takes.
		t := time.NewTimer(flushEvery)
		defer t.Stop()
		old = t.C
	}
	if r.failing != nil {
		t := time.NewTimer(time.Until(r.failing.until))
		defer t.Stop()
		tick = t.C
	}
	var late <-chan time.Time
	if deadline, ok := r.deadline(); ok {
		t := time.NewTimer(time.Until(deadline))
		defer t.Stop()
		late = t.C
	}
	r.waiting, r.flushing = true, old != nil
	r.mu.Unlock()
	var arrived *Instance
	select {
	case arrived = <-r.done:
	case <-late:
	case <-r.wake:
	case <-tick:
	case <-old:
	case <-ctx.Done():
	}
	r.mu.Lock()
	r.waiting = false
	if arrived != nil {
		if err := r.arrived(arrived); err != nil {
			return err
		}
	}
	if r.standInErr != nil {
		return r.standInErr
	}
	if err := r.overdue(); err != nil {
		return err
	}
	return r.interrupted(ctx)
}

func (r *run) interrupted(ctx context.Context) error {
	switch {
	case ctx.Err() == nil:
		return nil
	case r.failing != nil:
		return r.failing.err
	}
	i := &interruption{at: min(r.settled(), r.until), cause: context.Cause(ctx)}
	for _, s := range r.stepping() {
		i.add(s.Sim, fmt.Sprintf("its step at %v", s.At), s.Since, s.Waits)
	}
	return i
}

func (r *run) wakeUp() {
	select {
	case r.wake <- struct{}{}:
	default: // it will wake up anyway
	}
}

// stuck reports that nobody steps and nobody may, which the coordinator's
// rules exclude; the report tells what to look at.
func (r *run) stuck() error {
	report := "deadlock: no simulator may step"
	for _, in := range r.w.instances {
		report += fmt.Sprintf("; %s %s", in.name, r.coord.Describe(in.lp))
	}
	return errors.New(report)
}

// flushSome writes recorded rows if there are many.
func (r *run) flushSome() error {
	if r.rows < r.flushAt {
		return nil
	}
	if now := r.settled(); now > r.flushedTo {
		if err := r.flush(now); err != nil {
			return err
		}
		// What is left will be sorted again: not before as much has come to it.
		r.flushAt = max(2*r.rows, flushRows)
	}
	return nil
}

// hold holds fast simulators back, or lets them go again.
func (r *run) hold() {
	if holding := r.rows >= heldRows; holding || r.holding {
		r.holding = holding
		r.setLimit()
	}
}

// settled returns a time before which nothing happens any more.
func (r *run) settled() Time {
	switch {
	case !r.looping:
		return 0
	case r.pace > 0: // events from outside come after the present
		return min(r.coord.Now(), r.clock.now()+1)
	}
	return r.coord.Now()
}

// flushOld writes recorded rows if they have waited for long.
func (r *run) flushOld() error {
	if r.rows == 0 || time.Since(r.flushed) < flushEvery {
		return nil
	}
	return r.flush(r.settled())
}

func (r *run) flush(before Time) error {
	r.rows = 0
	r.flushed, r.flushedTo = time.Now(), before
	for _, out := range r.w.outputs {
		if err := out.flush(min(before, r.until), r.until); err != nil {
			return err
		}
		r.rows += out.held()
	}
	if r.tracing != nil {
		if err := r.tracing.flush(min(before, r.until)); err != nil {
			return err
		}
		r.rows += r.tracing.held
	}
	return nil
}

// end stops what is under way and writes what was recorded.
func (r *run) end(err error) error {
	if err != nil {
		r.cancel()
	}
	r.sampler.end()
	r.stopSteps()
	r.w.run.Store(nil)
	// Requests that have found the run before may still be made.
	r.mu.Lock()
	defer r.mu.Unlock()
	if sinkErr := (*SinkError)(nil); errors.As(err, &sinkErr) {
		return err
	}
	if ferr := r.flush(r.settled()); ferr != nil {
		return errors.Join(err, ferr)
	}
	if err == nil {
		return nil
	}
	if r.failing != nil {
		r.forgetLater()
	}
	if r.tracing != nil {
		if ferr := r.tracing.rest(r); ferr != nil {
			return errors.Join(err, ferr)
		}
	}
	// Values beyond what all have reached are kept too. Samples end where all have arrived.
	for _, out := range r.w.outputs {
		for _, rec := range out.recordings {
			rec.broken = true
		}
		if ferr := out.flush(r.until, r.until); ferr != nil {
			return errors.Join(err, ferr)
		}
	}
	return err
}

// stopSteps waits for the steps under way, but not for ever, and ends the
// goroutines that make them.
func (r *run) stopSteps() {
	grace := time.NewTimer(stopGrace)
	defer grace.Stop()
	for waiting := true; waiting && r.busy > 0; {
		select {
		case in := <-r.done:
			r.mu.Lock()
			if in.beginner != nil {
				in.endStep(r.ctx)
			}
			in.stepping = false
			in.stats.Own += in.stepTook
			r.mu.Unlock()
			r.busy--
		case <-grace.C:
			waiting = false
		}
	}
	r.mu.Lock()
	for _, in := range r.w.instances {
		if in.abandoned = in.stepping && (in.work != nil || in.beginner != nil); in.abandoned {
			in.stats.Own += time.Since(in.doneAt)
		}
		if in.work != nil {
			close(in.work)
		}
	}
	r.mu.Unlock()
	if r.busy == 0 {
		r.workers.Wait()
	}
}

func (r *run) summary(complete bool) *Summary {
	r.mu.Lock() // see end
	defer r.mu.Unlock()
	s := &Summary{Until: r.until, Reached: min(r.settled(), r.until), Complete: complete, Wall: time.Since(r.began),
		MaxLag: r.lag, Instances: r.w.instances}
	for _, out := range r.w.outputs {
		s.Rows += out.count
	}
	if complete {
		s.Digest = digestOf(r.w.instances)
	}
	r.w.status.set(s.Reached, r.steps)
	return s
}
