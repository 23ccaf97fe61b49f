package sim

import (
	"fmt"
	"time"
)

// Ref names an output attribute of an entity.
type Ref struct {
	Entity *Entity
	Attr   string
}

// Series describes one recorded attribute.
type Series struct {
	Entity string // full ID
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

// Sink receives what is recorded. Its methods are called from one goroutine,
// the one that called Run. An error ends the run with a [SinkError].
type Sink interface {
	// Begin is called once, before the first step.
	Begin(series []Series) error
	// Write gets rows in order of (Time, Series). The slice is reused.
	Write(rows []Row) error
}

// Record records the attributes into the sink: every value if every is 0;
// otherwise persistent attributes are sampled at 0, every, 2*every, ..., at each
// with the value that is valid then (nothing before there is one), and events
// are recorded one by one. Rows reach the sink in the same order in every run.
func (w *World) Record(sink Sink, every time.Duration, refs ...Ref) error {
	if w.phase != composing {
		return fmt.Errorf("record: the world has already run; record before Run")
	}
	if every < 0 {
		return fmt.Errorf("record: every %v is negative", every)
	}
	r := &recording{sink: sink, every: Time(every)}
	for _, ref := range refs {
		a := ref.Entity.model.Attr(ref.Attr)
		if a == nil || !a.Output {
			return fmt.Errorf("record: %s has no output %q; %s", ref.Entity.full, ref.Attr,
				didYouMean(ref.Attr, attrNames(ref.Entity.model, func(a *Attr) bool { return a.Output })))
		}
		s := &series{recording: r, index: len(r.list), slot: ref.Entity.slot(a)}
		s.slot.series = append(s.slot.series, s)
		r.list = append(r.list, s)
		r.infos = append(r.infos, Series{Entity: ref.Entity.full, Attr: ref.Attr, Unit: a.Unit, Event: a.Event})
	}
	w.recorders = append(w.recorders, r)
	return nil
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

// Floats returns the times and values of the series with the given entity (by
// full ID) and attribute, nil if it was not recorded. Values that are not
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
