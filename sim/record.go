package sim

import (
	"errors"
	"fmt"
	"time"
)

// Ref names an output attribute of an entity.
type Ref struct {
	Entity *Entity
	Attr   string
	// Name is what the recording calls the entity. Default: its full ID.
	Name string
}

// Series describes one recorded attribute.
type Series struct {
	Entity string // Ref.Name, or the full ID
	FullID string
	Attr   string
	Unit   string // "" if not stated
	Event  bool   // values happen at one time; otherwise they are valid until the next
}

// Row is one recorded value.
type Row struct {
	Time   Time
	Series int // index into the slice given to Sink.Begin
	Value  Value
}

// Sink receives what is recorded; it must be comparable. Its methods are called from one goroutine,
// the one that called Run. An error ends the run with a [SinkError].
type Sink interface {
	// Begin is called once, before the first step, with the series of all
	// recordings into the sink.
	Begin(series []Series) error
	// Write gets rows in order of (Time, Series). The slice is reused.
	Write(rows []Row) error
}

// Record records the attributes into the sink: every value if every is 0;
// otherwise persistent attributes are sampled at 0, every, 2*every, ..., at each
// with the value that is valid then (nothing before there is one), and events
// are recorded one by one. Several recordings may go into one sink. Rows reach it
// in the same order in every run.
func (w *World) Record(sink Sink, every time.Duration, refs ...Ref) error {
	if every < 0 {
		return fmt.Errorf("record: every %v is negative", every)
	}
	return w.record(sink, &recording{every: Time(every)}, refs)
}

func (w *World) record(sink Sink, r *recording, refs []Ref) error {
	if w.phase != composing {
		return fmt.Errorf("record: the world has already run; record before Run")
	}
	if sink == nil {
		return errors.New("record: the sink is nil; give one, such as a *sim.Memory")
	}
	out := w.output(sink)
	r.first = len(out.infos)
	for _, ref := range refs {
		if ref.Entity == nil {
			return fmt.Errorf("record %s: the entity is nil; World.Entity gives nil for an ID that nobody has", ref.Attr)
		}
		if ref.Entity.lp.world != w {
			return fmt.Errorf("record: %s is of another world", ref.Entity.full)
		}
		a := ref.Entity.model.Attr(ref.Attr)
		if a == nil || !a.Output {
			return fmt.Errorf("record: %s has no output %q; %s", ref.Entity.full, ref.Attr,
				didYouMean(ref.Attr, attrNames(ref.Entity.model, func(a *Attr) bool { return a.Output })))
		}
	}
	for _, ref := range refs {
		a := ref.Entity.model.Attr(ref.Attr)
		s := &series{recording: r, index: len(out.infos), slot: ref.Entity.slot(a)}
		s.slot.series = append(s.slot.series, s)
		r.by = append(r.by, ref.Entity.lp)
		name := ref.Name
		if name == "" {
			name = ref.Entity.full
		}
		info := Series{Entity: name, FullID: ref.Entity.full, Attr: ref.Attr, Unit: a.Unit, Event: a.Event}
		if r.means != nil {
			info.Attr += meanSuffix
		}
		out.infos = append(out.infos, info)
	}
	r.series = out.infos[r.first:]
	out.recordings = append(out.recordings, r)
	return nil
}

// output returns what goes into the sink so far.
func (w *World) output(sink Sink) *output {
	for _, o := range w.outputs {
		if o.sink == sink {
			return o
		}
	}
	o := &output{sink: sink}
	w.outputs = append(w.outputs, o)
	return o
}

// Memory is a Sink that keeps everything in memory, for tests and small runs.
type Memory struct {
	Series []Series
	Rows   []Row
}

// Begin implements Sink.
func (m *Memory) Begin(series []Series) error { m.Series = series; return nil }

// Write implements Sink.
func (m *Memory) Write(rows []Row) error { m.Rows = append(m.Rows, rows...); return nil }

// Floats returns the times and values of the series with the given entity (as
// the recording calls it) and attribute, nil if it was not recorded. Values that are not
// numbers are left out.
func (m *Memory) Floats(entity, attr string) (times []Time, values []float64) {
	for _, row := range m.Rows {
		if s := m.Series[row.Series]; s.Entity == entity && s.Attr == attr {
			if f, err := row.Value.Float64(); err == nil {
				times, values = append(times, row.Time), append(values, f)
			}
		}
	}
	return times, values
}
