package mosaik

import (
	"bytes"
	"context"
	"fmt"
	"math"
	"strconv"
	"time"

	"github.com/simrun/simrun/codec"
	"github.com/simrun/simrun/rpc"
	"github.com/simrun/simrun/sim"
)

// step answers step [time, {eid: {attr: {source: value}}}, max_advance] with the
// next step, or null.
func (srv *server) step(ctx context.Context, in *rpc.Invocation) (any, error) {
	n, err := in.Int(0)
	if err != nil {
		return nil, err
	}
	if n < 0 || n > int64(sim.Never-1)/int64(srv.unit) {
		return nil, fmt.Errorf("step: the time %d, in units of %v, cannot be counted: virtual time ends after 292 years", n, time.Duration(srv.unit))
	}
	most := int64(math.MaxInt64) // nothing triggers a time-based simulator
	if srv.version.hasMaxAdvance() {
		if most, err = in.Int(2); err != nil {
			return nil, err
		}
	} else if err := srv.setUp(ctx); err != nil { // some do not say when composition is complete
		return nil, err
	}
	if srv.room, err = stepInputs(srv.room[:0], in.Args[1]); err != nil {
		return nil, fmt.Errorf("step: inputs: %w", err)
	}
	t := sim.Time(n) * srv.unit
	srv.now, srv.output = t, t
	first := !srv.stepped
	srv.stepped = true
	if first && t == 0 && srv.waiting && !srv.triggered() {
		return nil, nil // a hybrid simulator begins at 0, an event-based one does not
	}
	next, output, err := srv.guest.Step(ctx, t, srv.lastBefore(most), srv.room)
	if err != nil {
		return nil, srv.failing(ctx, err)
	}
	for i := range srv.room {
		srv.room[i].Value = sim.Null // the message need not be kept
	}
	if err := srv.counted(next, "its next step"); err != nil {
		return nil, srv.failing(ctx, err)
	}
	if err := srv.counted(output, "its outputs"); err != nil {
		return nil, srv.failing(ctx, err)
	}
	srv.output = output
	if next == sim.Never {
		return nil, nil
	}
	return int64(next / srv.unit), nil
}

// counted checks that mosaik can be told a time.
func (srv *server) counted(t sim.Time, what string) error {
	if t == sim.Never || t%srv.unit == 0 {
		return nil
	}
	return fmt.Errorf("t=%v: %s would be at %v, which is not a multiple of the time resolution, %v; give the World a time_resolution that divides it, or the simulator other steps",
		srv.now, what, t, time.Duration(srv.unit))
}

// lastBefore is the last instant before the unit of time after max_advance, which
// counts units. It is -1 at time 0 if another round is due.
func (srv *server) lastBefore(maxAdvance int64) sim.Time {
	if maxAdvance >= int64(sim.Never-1)/int64(srv.unit)-1 {
		return sim.Never - 1
	}
	return sim.Time(max(maxAdvance, -1)+1)*srv.unit - 1
}

// triggered reports whether there is a value for an input that triggers.
func (srv *server) triggered() bool {
	for i := range srv.room {
		v := &srv.room[i]
		e := srv.guest.Instance().Entity(v.Entity)
		if v.Value.IsNull() || e == nil {
			continue
		}
		if a := e.Model().Attr(v.Attr); a != nil && a.Input {
			if a.Trigger {
				return true
			}
		} else if e.Model().AnyInputsTrigger {
			return true
		}
	}
	return false
}

// stepInputs takes inputs apart, in the order in which mosaik lists them, into the
// slice that holds those of the step before: names are mostly the same.
func stepInputs(dst []sim.GuestInput, inputs codec.Raw) ([]sim.GuestInput, error) {
	var before sim.GuestInput // at the place of the next one
	look := func() {
		if before = (sim.GuestInput{}); len(dst) < cap(dst) {
			before = dst[:len(dst)+1][len(dst)]
		}
	}
	look()
	for entity, err := range codec.JSON.Members(inputs) {
		if err != nil {
			return dst, err
		}
		eid := again(before.Entity, entity.Key)
		for attr, err := range codec.JSON.Members(entity.Value) {
			if err != nil {
				return dst, fmt.Errorf("of %s: %w", eid, err)
			}
			name := again(before.Attr, attr.Key)
			for source, err := range codec.JSON.Members(attr.Value) {
				if err != nil {
					return dst, fmt.Errorf("%s of %s: %w", name, eid, err)
				}
				dst = append(dst, sim.GuestInput{Entity: eid, Attr: name, Source: again(before.Source, source.Key), Value: sim.RawValue(source.Value)})
				look()
			}
		}
	}
	return dst, nil
}

// again returns a name as text, without making a new one if it is the old one.
func again(old string, name []byte) string {
	if old == string(name) {
		return old
	}
	return string(name)
}

// wanted is what the last get_data asked for. mosaik asks for the same each time.
type wanted struct {
	request  codec.Raw
	entities []wantedEntity
}

type wantedEntity struct {
	entity *sim.Entity
	key    []byte // `"eid": {`
	attrs  []wantedAttr
}

type wantedAttr struct {
	name string
	key  []byte // `"attr": `
}

// want reads {eid: [attr]}. mosaik lists an attribute once for each connection.
func (srv *server) want(request codec.Raw) error {
	decoded, err := codec.JSON.Decode(request)
	if err != nil {
		return fmt.Errorf("get_data: %w", err)
	}
	o, isObject := decoded.(codec.Object)
	if !isObject {
		return fmt.Errorf("get_data takes an object {entity: [attribute]}, not %s", excerpt(request))
	}
	w := wanted{request: request}
	for _, m := range o {
		e := srv.guest.Instance().Entity(m.Key)
		if e == nil {
			return fmt.Errorf("get_data: there is no entity %q", m.Key)
		}
		attrs, err := names(o, m.Key, "get_data")
		if err != nil {
			return err
		}
		we := wantedEntity{entity: e, key: opening(m.Key)}
		for _, a := range attrs {
			key := opening(a)
			we.attrs = append(we.attrs, wantedAttr{a, key[:len(key)-1]})
		}
		w.entities = append(w.entities, we)
	}
	srv.wanted = w
	return nil
}

// getData answers get_data [{eid: [attr]}] with {eid: {attr: value}, "time": time}.
// Events that have not happened are left out, as are values that have not been
// given yet, but for those that mosaik asks for before the first step.
func (srv *server) getData(ctx context.Context, in *rpc.Invocation) (any, error) {
	if srv.wanted.request == nil || !bytes.Equal(srv.wanted.request, in.Args[0]) {
		if err := srv.want(in.Args[0]); err != nil {
			return nil, err
		}
	}
	dst := []byte{'{'}
	for i := range srv.wanted.entities {
		e := &srv.wanted.entities[i]
		dst = separate(dst, i == 0)
		dst = append(dst, e.key...)
		first := true
		for _, a := range e.attrs {
			v, present, err := srv.guest.Output(ctx, e.entity, a.name)
			if err != nil {
				return nil, fmt.Errorf("get_data: %w", err)
			}
			if !present && srv.stepped {
				continue
			}
			dst = separate(dst, first)
			first = false
			dst = append(dst, a.key...)
			if dst, err = v.Append(dst); err != nil {
				return nil, fmt.Errorf("get_data: %s of %s cannot be sent: %w", a.name, e.entity.FullID(), err)
			}
		}
		dst = append(dst, '}')
	}
	if srv.output != srv.now {
		dst = separate(dst, len(srv.wanted.entities) == 0)
		dst = append(dst, `"time": `...)
		dst = strconv.AppendInt(dst, int64(srv.output/srv.unit), 10)
	}
	return codec.Raw(append(dst, '}')), nil
}
