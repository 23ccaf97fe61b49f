package mosaik

import (
	"context"
	"fmt"
	"math"
	"time"

	"github.com/simrun/simrun/codec"
	"github.com/simrun/simrun/sim"
)

// Wire prepares the messages of steps.
func (s *Simulator) Wire(w sim.Wiring) {
	s.inputs = wireInputs(w.Inputs)
	s.outputs = s.wireOutputs(w.Outputs)
}

// Step makes the program step, and gets its data if anybody reads them.
func (s *Simulator) Step(ctx context.Context, step *sim.Step) (sim.Time, error) {
	done := make(chan struct{})
	if err := s.BeginStep(ctx, step, func() { close(done) }); err != nil {
		return 0, err
	}
	<-done
	return s.EndStep(ctx, step)
}

// BeginStep sends step, and get_data if anybody reads its data, in one write.
func (s *Simulator) BeginStep(ctx context.Context, step *sim.Step, done func()) error {
	begin := time.Now()
	defer func() { s.messaging.Add(int64(time.Since(begin))) }()
	request, err := s.stepRequest(step)
	if err != nil {
		return err
	}
	data := s.outputs.request != nil
	replies := 1
	if data {
		replies = 2
	}
	s.under.begin(ctx, s, replies, done)
	if ctx.Err() != nil { // perhaps before the call was there to be told
		if s.under.abandon() {
			return context.Cause(ctx)
		}
		return nil
	}
	s.conn.Cork()
	err = s.conn.Begin(request, (*stepReply)(s))
	if err == nil && data && !s.cfg.SeparateGetData {
		err = s.conn.Begin(s.outputs.request, (*dataReply)(s))
	}
	s.conn.Uncork()
	if err != nil && s.under.abandon() {
		return s.lost(ctx, "step", err)
	}
	return nil
}

// EndStep takes in the replies.
func (s *Simulator) EndStep(ctx context.Context, step *sim.Step) (sim.Time, error) {
	begin := time.Now()
	defer func() { s.messaging.Add(int64(time.Since(begin))) }()
	r := s.under.take()
	if r.next == nil {
		return 0, s.lost(ctx, r.request, r.err)
	}
	next, err := s.next(r.next, step.Time())
	switch {
	case err != nil:
		return 0, s.lost(ctx, "step", err)
	case r.err != nil:
		return 0, s.lost(ctx, r.request, r.err)
	case r.data == nil:
		return next, nil
	}
	if err := s.take(r.data, step); err != nil {
		return 0, s.lost(ctx, "get_data", err)
	}
	return next, nil
}

func (s *Simulator) stepRequest(step *sim.Step) (*stepRequest, error) {
	unit := sim.Time(s.env.Resolution)
	t := step.Time()
	if t%unit != 0 {
		return nil, fmt.Errorf("the time of the step, %v, is not a multiple of the simulator's resolution, %v; it was triggered by a simulator that counts finer: give it a resolution that divides %v", t, s.env.Resolution, t)
	}
	r := &s.request
	*r = stepRequest{time: int64(t / unit), inputs: s.inputs}
	if r.hasMaxAdvance = s.version.hasMaxAdvance(); r.hasMaxAdvance {
		most := step.MaxAdvance()
		r.maxAdvance = int64(most / unit)
		if most < 0 {
			r.maxAdvance = -1 // at time 0 another round is due
		}
	}
	return r, nil
}

// next reads what the program answers to step: an integer, or null if it waits
// for inputs. That a time-based one may not do so is for the World to say.
func (s *Simulator) next(reply codec.Raw, now sim.Time) (sim.Time, error) {
	if codec.JSON.Kind(reply) == codec.Null {
		if s.meta.Type == sim.TimeBased {
			return 0, fmt.Errorf("it answered null for its next step, but is time-based; it must return a time, or be event-based or hybrid")
		}
		return sim.Never, nil
	}
	t, err := s.time(reply)
	if err != nil {
		return 0, fmt.Errorf("its next step %w", err)
	}
	if t <= now {
		return 0, fmt.Errorf("its next step, %s, is not after the present step, %d; it must return a later time", excerpt(reply), now/sim.Time(s.env.Resolution))
	}
	return t, nil
}

// time reads a time in units of the resolution. As in Python, true is 1. The
// error continues a sentence.
func (s *Simulator) time(raw codec.Raw) (sim.Time, error) {
	var n int64
	switch kind := codec.JSON.Kind(raw); kind {
	case codec.Bool:
		if string(raw) == "true" {
			n = 1
		}
	case codec.Int:
		var err error
		if n, err = codec.JSON.Int(raw); err != nil {
			// More digits than 64 bits have: after all that can happen, or before.
			n = math.MaxInt64
			if raw[0] == '-' {
				n = math.MinInt64
			}
		}
	default:
		return 0, fmt.Errorf("is %v, %s; it must be an integer, in units of the time resolution (%v)", kind, excerpt(raw), s.env.Resolution)
	}
	unit := int64(s.env.Resolution)
	switch {
	case n < 0:
		return 0, fmt.Errorf("is negative: %s; it must be a later time", excerpt(raw))
	case n > (math.MaxInt64-1)/unit:
		return sim.Never - 1, nil // beyond every run, but a time
	}
	return sim.Time(n * unit), nil
}
