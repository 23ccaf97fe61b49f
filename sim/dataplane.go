package sim

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/simrun/simrun/scheduler"
)

// begin prepares a step: inputs that have become visible are moved to where
// the simulator will read them.
func (in *Instance) begin(g scheduler.Grant) {
	now := time.Now()
	if !in.doneAt.IsZero() {
		in.waited = now.Sub(in.doneAt)
		in.stats.Waiting += in.waited
		if in.waitedFor = nil; in.waitsFor != nil {
			in.waitedFor, in.waitsFor = in.waitsFor, nil
		}
	}
	in.doneAt = now
	in.stepping = true
	in.stamp = g.Stamp
	if in.step.elapsed = 0; in.stats.Steps > 0 {
		in.step.elapsed = g.Stamp.Time.Sub(in.step.time)
		if g.Stamp.Time < in.next {
			in.stats.Early++
		}
	}
	in.step.time, in.step.output = g.Stamp.Time, g.Stamp.Time
	in.step.maxAdvance = g.MaxAdvance
	if len(in.laterPorts) > 0 {
		in.settle()
	}
	if len(in.pending) == 0 {
		return
	}
	waiting := in.pending[:0]
	for _, c := range in.pending {
		if n := c.queue.visible(g.Stamp); n > 0 {
			v, size := c.queue.take(n) // of several, the newest
			c.see(v.value, v.news)
			if c.rival != nil {
				c.rival.at, c.rival.made = v.at.Time, v.made
			}
			c.src.lp.queued -= size
		}
		if c.waiting = !c.queue.empty(); c.waiting {
			waiting = append(waiting, c)
		}
	}
	clear(in.pending[len(waiting):])
	in.pending = waiting
}

// makeStep has the simulator make its step. It is the only part of a step that
// runs outside the run loop.
func (in *Instance) makeStep(ctx context.Context) {
	in.stepErr = nil // reading an input may set it
	err := guard(func() (err error) {
		in.next, err = in.sim.Step(ctx, &in.step)
		return err
	})
	if err != nil {
		in.stepErr = err
	}
	in.stepTook = time.Since(in.doneAt)
}

// beginStep is makeStep for simulators whose steps others make.
func (in *Instance) beginStep(ctx context.Context) error {
	in.stepErr = nil
	err := guard(func() error { return in.beginner.BeginStep(ctx, &in.step, in.told) })
	if err != nil {
		in.stepErr, in.stepTook = err, time.Since(in.doneAt)
	}
	return err
}

// endStep is the rest of it.
func (in *Instance) endStep(ctx context.Context) {
	err := guard(func() (err error) {
		in.next, err = in.beginner.EndStep(ctx, &in.step)
		return err
	})
	if err != nil {
		in.stepErr = err
	}
	in.stepTook = time.Since(in.doneAt)
}

// complete takes in the results of a step: values go to their readers and
// recordings, and those that they trigger are scheduled.
func (r *run) complete(in *Instance) error {
	in.stepping = false
	r.account(in)
	if err := in.judge(); err != nil {
		if r.tracing != nil {
			r.tracing.step(in, err)
		}
		return err
	}
	for _, c := range in.delivered {
		c.fresh = false
		if c.event {
			c.cur, c.present = Null, false
		}
	}
	in.delivered = in.delivered[:0]
	for _, p := range in.setPorts {
		clear(p.set)
		p.set = p.set[:0]
	}
	in.setPorts = in.setPorts[:0]

	out := in.stamp
	if in.step.output != out.Time {
		out = stampAt(in.step.output)
	}
	in.digest.time(in.stamp.Time)
	in.digest.time(out.Time)
	if in.mixed {
		// Which output a simulator sets first often follows the order of Create.
		slices.SortFunc(in.dirty, func(a, b *slot) int { return int(a.index) - int(b.index) })
		in.mixed = false
	}
	if r.tracing != nil {
		r.rows += r.tracing.step(in, nil)
	}
	if r.debug {
		r.logStep(in)
	}
	sent := 0
	for _, s := range in.dirty {
		s.written = false
		sent += len(s.dests)
		in.digest.value(s.index, s.value)
		for _, c := range s.dests {
			if err := r.send(c, s, out, out == in.stamp); err != nil {
				return in.failed("step", err)
			}
		}
		s.omitted = false
		if in.asked {
			s.remember(out, in.stamp.Time)
		}
		if out.Time >= r.until {
			continue // nobody will see it
		}
		for _, se := range s.series {
			rec := se.recording
			rec.rows = append(rec.rows, Row{out.Time, se.index, s.value.detached()})
			r.rows++
		}
	}
	r.lead(in, sent)
	in.dirty = in.dirty[:0]
	if in.next < r.until {
		r.coord.Schedule(in.lp, stampAt(in.next))
	}
	if in.next != Never {
		in.stats.Requests++
		in.stats.Requested += float64(in.next - in.step.time)
	}
	r.coord.Done(in.lp)
	r.steps++
	r.w.status.set(r.settled(), r.steps)
	return nil
}

// send brings a value from its source to a connection's reader.
func (r *run) send(c *conn, s *slot, out scheduler.Stamp, present bool) error {
	v := s.value
	if c.change != nil {
		var err error
		if v, err = c.changed(v); err != nil {
			return err
		}
	}
	arrival := scheduler.At(out.Time)
	if c.delayed {
		arrival = out.Plus(c.delay)
	}
	reader, news := c.reader, !s.omitted
	if present && arrival.Time == out.Time && !c.waiting && !r.coord.Bound(reader.lp).Before(arrival) {
		// The reader has completed all its steps before this stamp and cannot
		// begin one at it before this source is done.
		c.see(v, news)
		if c.rival != nil {
			c.rival.at, c.rival.made = arrival.Time, uint32(s.lp.stats.Steps)
		}
		if c.trigger && news {
			r.coord.Schedule(reader.lp, arrival)
		}
		return nil
	}
	if arrival.Time > r.until {
		return nil
	}
	visible := arrival
	if !present || c.delay.Time > 0 {
		// What comes from another time is there in all rounds. Still, it is in the
		// round of arrival that it causes a step.
		visible = scheduler.At(arrival.Time)
	}
	if !c.waiting {
		c.waiting = true
		reader.pending = append(reader.pending, c)
	} else {
		bound := r.coord.Bound(reader.lp)
		if r.pace > 0 {
			// Events from outside may make it step earlier, but after the present.
			if now := scheduler.At(s.lp.stamp.Time); now.Before(bound) {
				bound = now
			}
		}
		c.forget(bound)
	}
	waiting := timed{visible, v, news, uint32(s.lp.stats.Steps)}
	c.queue.push(waiting)
	s.lp.queued += waiting.size()
	if c.trigger && news {
		r.coord.Schedule(reader.lp, arrival)
	}
	return nil
}

// forget makes room in the queue: of what is visible at a stamp before which the
// reader makes no further step only the newest counts.
func (c *conn) forget(bound scheduler.Stamp) {
	if n := c.queue.visible(bound); n > 1 {
		_, size := c.queue.take(n - 1)
		c.src.lp.queued -= size
	}
}

// lead lets the simulator run ahead of its readers, unless too much waits for them, or
// its step took less time than to keep the values that it sent.
func (r *run) lead(in *Instance, sent int) {
	window := maxLead
	if in.queued > maxQueued || r.pace > 0 || in.stepTook < time.Duration(sent)*keepingTakes {
		window = 0
	}
	r.coord.SetWindow(in.lp, window)
}

// see makes v what the reader sees.
func (c *conn) see(v Value, news bool) {
	c.cur, c.present, c.initial = v, true, false
	if news && (c.event || c.trigger) && !c.fresh {
		c.fresh = true
		c.reader.delivered = append(c.reader.delivered, c)
	}
}

// account books the time of a step.
func (r *run) account(in *Instance) {
	in.stats.Steps++
	in.stats.Advanced += in.step.elapsed
	own := in.stepTook
	if in.messenger != nil {
		spent := in.messenger.Messaging()
		own -= spent - in.stats.Messaging
		in.stats.Messaging = spent
	}
	in.stats.Own += own
	if r.observe != nil {
		r.observe(in, Span{At: in.stamp.Time, Began: in.doneAt, Took: in.stepTook, Waited: in.waited, For: in.waitedFor})
	}
	in.doneAt = in.doneAt.Add(in.stepTook)
	switch {
	case in.stepTook > quickStep:
		in.quick = 0
	case in.quick < quickSteps && in.messenger == nil:
		in.quick++
	}
	r.measureLag(in)
}

// judge says whether the step was one that a simulator may make.
func (in *Instance) judge() error {
	t := in.step.time
	switch {
	case in.stepErr != nil:
		return in.failed("step", in.stepErr)
	case in.next <= t:
		return in.failed("step", fmt.Errorf("it wants to step next at %v, which is not after the present %v; it must name a later time", in.next, t))
	case in.next == Never && in.meta.Type == TimeBased:
		return in.failed("step", fmt.Errorf("it names no next step, but is time-based; it must name one, or be event-based or hybrid"))
	}
	return nil
}

func (in *Instance) failed(op string, err error) error {
	t := in.step.time
	return &SimulatorError{Sim: in.name, Op: op, At: &t, Err: err}
}
