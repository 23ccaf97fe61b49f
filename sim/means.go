package sim

import (
	"fmt"
	"math"
	"time"
)

// meanSuffix is what RecordMeans adds to the names of attributes.
const meanSuffix = "_mean"

// RecordMeans records, for each interval [0, every), [every, 2*every), ..., the mean
// over time of each attribute: what was valid for longer counts for more. Times without a
// finite number do not count. An interval that has none but those has null, so that nobody
// takes the mean before it for one that is still valid; where there is no such mean, it has
// no row. The row has the time at which its interval begins, and the series the name of the
// attribute followed by "_mean", so that it is not taken for the values themselves.
// The last interval ends with the run; of a run that fails or is interrupted, an interval that has not ended has null.
//
// Attributes that are events have no mean over time. Whatever else is recorded into the same sink waits in
// memory until the interval that it is in has ended, because rows go there in order.
func (w *World) RecordMeans(sink Sink, every time.Duration, refs ...Ref) error {
	if every <= 0 {
		return fmt.Errorf("record: a mean over %v; it needs a positive time", every)
	}
	for _, ref := range refs {
		switch a := ref.Entity.model.Attr(ref.Attr); {
		case a == nil: // Record tells
		case a.Event:
			return fmt.Errorf("record: %s of %s is an event, which has no mean over time; record its values", ref.Attr, ref.Entity.full)
		case ref.Entity.model.Attr(ref.Attr+meanSuffix) != nil:
			return fmt.Errorf("record: the mean of %s of %s would have the name of another attribute, %s", ref.Attr, ref.Entity.full, ref.Attr+meanSuffix)
		}
	}
	return w.record(sink, &recording{every: Time(every), means: new(means)}, refs)
}

// means works out the means of a recording.
type means struct {
	from   Time // the beginning of the interval that has not ended
	series []mean
	ready  []Row // of intervals that have ended
}

// mean is that of one series in the present interval.
type mean struct {
	value   float64
	covered Time // for how long there was a number
	valid   float64
	since   Time // valid has been counted up to here
	told    bool // the interval before has a mean
}

// count takes in that what is valid has been so up to a time.
func (m *mean) count(to Time) {
	if d := to - m.since; d > 0 && !math.IsNaN(m.valid) {
		m.covered += d
		// So the mean of a constant is the constant itself.
		share := float64(d) / float64(m.covered)
		if apart := m.valid - m.value; !math.IsInf(apart, 0) {
			m.value += apart * share
		} else {
			m.value = m.value*(1-share) + m.valid*share
		}
	}
	m.since = to
}

func (m *means) begin(n int) {
	m.series = make([]mean, n)
	for i := range m.series {
		m.series[i].valid = math.NaN()
	}
}

// take takes in rows, all that there are before a time. If that is the end of the run, the
// present interval ends with it.
func (m *means) take(r *recording, rows []Row, before, until Time) {
	for _, row := range rows {
		m.advance(r, row.Time)
		s := &m.series[row.Series-r.first]
		s.count(row.Time)
		s.valid = math.NaN()
		if f, err := row.Value.Float64(); err == nil && !math.IsInf(f, 0) {
			s.valid = f
		}
	}
	m.advance(r, before)
	if before == until && m.from < until {
		m.end(r, until)
	}
}

// advance ends the intervals that end at t or before.
func (m *means) advance(r *recording, t Time) {
	for t-m.from >= r.every {
		m.end(r, m.from+r.every)
	}
}

// end ends the present interval at t.
func (m *means) end(r *recording, t Time) {
	for i := range m.series {
		s := &m.series[i]
		s.count(t)
		switch {
		case s.covered > 0:
			m.ready = append(m.ready, Row{m.from, r.first + i, Float(s.value)})
		case s.told:
			m.ready = append(m.ready, Row{m.from, r.first + i, Null})
		}
		s.told = s.covered > 0
		s.value, s.covered = 0, 0
	}
	m.from = t
}

// cut ends the means when the present interval will not end, because the run has failed.
func (m *means) cut(r *recording) {
	for i := range m.series {
		if m.series[i].told {
			m.ready = append(m.ready, Row{m.from, r.first + i, Null})
		}
		m.series[i].told = false
	}
}

// flush appends the rows before a time to dst, and forgets them.
func (m *means) flush(dst []Row, before Time) []Row {
	n := rowsBefore(m.ready, before)
	dst = append(dst, m.ready[:n]...)
	m.ready = m.ready[:copy(m.ready, m.ready[n:])]
	return dst
}

// open is the time from which on there may be rows to come.
func (m *means) open(r *recording, before, until Time) Time {
	if before == until {
		return until
	}
	return before / r.every * r.every
}
