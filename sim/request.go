package sim

import (
	"context"
	"fmt"

	"github.com/simrun/simrun/scheduler"
)

// requester answers the requests of one simulator. It works on the caller's
// goroutine, under the lock of the run.
type requester struct{ in *Instance }

var _ Requests = requester{}

func (q requester) run() (*run, error) {
	r := q.in.world.run.Load()
	if r == nil {
		return nil, fmt.Errorf("simulator %q asks the world for something before the run or after it; do so in setup_done or in step", q.in.name)
	}
	return r, nil
}

// Progress implements Requests.
func (q requester) Progress(context.Context) (float64, error) {
	r, err := q.run()
	if err != nil {
		return 0, err
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	sum := 0.0
	for _, in := range r.w.instances {
		sum += min(1, float64(r.coord.Progress(in.lp))/float64(r.until))
	}
	return 100 * sum / float64(len(r.w.instances)), nil
}

// Related implements Requests.
func (q requester) Related(_ context.Context, ids ...string) (*EntityGraph, error) {
	r, err := q.run()
	if err != nil {
		return nil, err
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.w.EntityGraph(ids...)
}

// GetData implements Requests.
func (q requester) GetData(ctx context.Context, fullID, attr string) (Value, error) {
	r, err := q.run()
	if err != nil {
		return Null, err
	}
	e, link, err := q.target("get data", fullID)
	if err != nil {
		return Null, err
	}
	if a := e.model.Attr(attr); a == nil || !a.Output {
		return Null, noOutput(e, attr)
	}
	var v Value
	known := false
	err = q.inStep(r, func() error {
		if s := e.slots[attr]; s != nil {
			v, known = s.asOf(q.in.stamp, link.delay())
		}
		return nil
	})
	if err != nil {
		return Null, err
	}
	// The source waits until the requester's step is complete, so nobody else
	// touches it now; the run goes on meanwhile, however long the answer takes.
	if !known {
		values, err := r.w.Get(ctx, Ref{Entity: e, Attr: attr})
		if err != nil {
			return Null, err
		}
		v = values[0]
	}
	if r.debug {
		r.w.cfg.Logger.Debug("get data", "t", q.in.step.time, "simulator", q.in.name, "entity", fullID, "attr", attr, "value", v)
	}
	if r.tracing != nil {
		r.mu.Lock()
		defer r.mu.Unlock()
		r.tracing.note(q.in, TraceRequest{Entity: fullID, Attr: attr, Value: v})
	}
	return v, nil
}

// SetData implements Requests.
func (q requester) SetData(_ context.Context, src, fullID, attr string, v Value) error {
	r, err := q.run()
	if err != nil {
		return err
	}
	e, _, err := q.target("set data", fullID)
	if err != nil {
		return err
	}
	if a := e.model.Attr(attr); (a == nil || !a.Input) && !e.model.AnyInputs {
		return fmt.Errorf("set data: %s has no input %q; %s", fullID, attr,
			didYouMean(attr, attrNames(e.model, func(a *Attr) bool { return a.Input })))
	}
	return q.inStep(r, func() error {
		p := e.ports[attr]
		if p == nil {
			p = e.port(attr)
			e.lp.rewire = true
		}
		if len(p.later) == 0 {
			e.lp.laterPorts = append(e.lp.laterPorts, p)
		}
		at := q.in.stamp
		if !r.looping {
			at = scheduler.At(-1) // before all steps
		}
		if r.debug {
			r.w.cfg.Logger.Debug("set data", "t", q.in.step.time, "simulator", q.in.name, "entity", fullID, "attr", attr, "value", v)
		}
		if r.tracing != nil {
			r.tracing.note(q.in, TraceRequest{Set: true, Entity: fullID, Attr: attr, Source: src, Value: v})
		}
		p.put(setValue{src: src, value: v, by: q.in, first: at, last: at})
		return nil
	})
}

// inStep does something under the lock of the run, while the requester is in
// SetupDone or Step: at other times those that it asks may be stepping.
func (q requester) inStep(r *run, do func() error) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.looping && !q.in.stepping {
		return fmt.Errorf("simulator %q asks for data, or sets data, after its step is complete; do so during step", q.in.name)
	}
	return do()
}

// SetEvent implements Requests.
func (q requester) SetEvent(_ context.Context, t Time) error {
	r, err := q.run()
	if err != nil {
		return err
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.pace == 0 {
		return fmt.Errorf("set_event: simulator %q asks for a step at %v because of an event from outside, but the run is not paced by real time; set a pace", q.in.name, t)
	}
	if t >= r.until {
		r.w.warn("simulator %q asked for a step at %v, after the end of the run; it is not made", q.in.name, t)
		return nil
	}
	// What is due at the present instant may be under way already, so the event
	// happens at the next one that the simulator can count.
	res := Time(q.in.resolution)
	if !r.looping {
		t = max(t, 0)
	} else if now := max(r.coord.Limit(), r.clock.now()); t <= now {
		t = (now/res + 1) * res
	}
	if t < r.until {
		r.w.cfg.Logger.Info("event from outside", "t", t, "simulator", q.in.name)
		if r.tracing != nil {
			q.in.external = append(q.in.external, t)
		}
		r.coord.Schedule(q.in.lp, stampAt(t))
		r.wakeUp()
	}
	return nil
}

// target finds the entity and checks that the requester may ask it.
func (q requester) target(what, fullID string) (*Entity, *asyncLink, error) {
	w := q.in.world
	e := w.Entity(fullID)
	if e == nil {
		return nil, nil, fmt.Errorf("%s: there is no entity %q", what, fullID)
	}
	for i := range w.async {
		if a := &w.async[i]; a.source.lp == e.lp && a.requester.lp == q.in {
			return e, a, nil
		}
	}
	return nil, nil, fmt.Errorf("%s: simulator %q may not ask %q; connect %s to %s with async requests to allow it",
		what, q.in.name, fullID, e.lp.name, q.in.name)
}
