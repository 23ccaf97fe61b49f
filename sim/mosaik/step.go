package mosaik

import (
	"context"
	"fmt"
	"math"
	"time"

	"github.com/simrun/simrun/channel"
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
	request, err := s.stepRequest(step)
	if err != nil {
		return 0, err
	}
	ctx, cancel := withLimit(ctx, s.cfg.StepTimeout, stepTimeout)
	defer cancel()
	stepping, getting, err := s.send(ctx, request)
	if err != nil {
		return 0, s.lost(ctx, "step", err)
	}
	reply, err := stepping.Wait(ctx)
	if err != nil {
		return 0, s.lost(ctx, "step", err) // the reply to get_data is dropped
	}
	next, err := s.next(reply, step.Time())
	if err != nil {
		return 0, s.lost(ctx, "step", err)
	}
	if s.outputs.request == nil {
		return next, nil
	}
	if getting == nil {
		if getting, err = s.start(ctx, s.outputs.request); err != nil {
			return 0, s.lost(ctx, "get_data", err)
		}
	}
	if reply, err = getting.Wait(ctx); err != nil {
		return 0, s.lost(ctx, "get_data", err)
	}
	begin := time.Now()
	err = s.take(reply, step)
	s.messaging.Add(int64(time.Since(begin)))
	if err != nil {
		return 0, s.lost(ctx, "get_data", err)
	}
	return next, nil
}

// send sends the requests of a step in one write. getting is nil if get_data is
// not among them.
func (s *Simulator) send(ctx context.Context, r *stepRequest) (stepping, getting *channel.Pending, err error) {
	if s.outputs.request == nil || s.cfg.SeparateGetData {
		stepping, err = s.start(ctx, r)
		return stepping, nil, err
	}
	begin := time.Now()
	both, err := s.conn.Start(ctx, r, s.outputs.request)
	s.messaging.Add(int64(time.Since(begin)))
	if err != nil {
		return nil, nil, err
	}
	return both[0], both[1], nil
}

func (s *Simulator) start(ctx context.Context, r codec.Array) (*channel.Pending, error) {
	begin := time.Now()
	sent, err := s.conn.Start(ctx, r)
	s.messaging.Add(int64(time.Since(begin)))
	if err != nil {
		return nil, err
	}
	return sent[0], nil
}

func (s *Simulator) stepRequest(step *sim.Step) (*stepRequest, error) {
	unit := sim.Time(s.env.Resolution)
	t := step.Time()
	if t%unit != 0 {
		return nil, fmt.Errorf("the time of the step, %v, is not a multiple of the simulator's resolution, %v; it was triggered by a simulator that counts finer: give it a resolution that divides %v", t, s.env.Resolution, t)
	}
	r := &stepRequest{time: int64(t / unit), inputs: s.inputs}
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
