package sim

import (
	"cmp"
	"slices"
)

// recording is one call of Record: some series, a sink, and what has not gone
// there yet.
type recording struct {
	sink  Sink
	every Time // 0: every value
	infos []Series
	list  []*series

	rows   []Row // recorded, not yet written, in order of arrival
	out    []Row // scratch
	valid  []Value
	has    []bool
	sample Time // the next one, if every > 0
	count  int64
}

// series is one attribute of a recording.
type series struct {
	recording *recording
	index     int
	slot      *slot
}

func byTimeAndSeries(a, b Row) int {
	if c := cmp.Compare(a.Time, b.Time); c != 0 {
		return c
	}
	return cmp.Compare(a.Series, b.Series)
}

// flush writes what was recorded before the given time, at which all
// simulators have arrived, so that nothing earlier can come any more.
func (r *recording) flush(before Time) error {
	slices.SortStableFunc(r.rows, byTimeAndSeries)
	n, _ := slices.BinarySearchFunc(r.rows, before, func(row Row, t Time) int {
		if row.Time < t {
			return -1
		}
		return 1
	})
	out := r.rows[:n]
	if r.every > 0 {
		out = r.samples(out, before)
	}
	if len(out) > 0 {
		if err := r.sink.Write(out); err != nil {
			return &SinkError{err}
		}
		r.count += int64(len(out))
	}
	rest := copy(r.rows, r.rows[n:])
	clear(r.rows[rest:])
	r.rows = r.rows[:rest]
	return nil
}

// samples turns rows into what is to be written: events as they are, the values
// of persistent attributes as they are valid at each multiple of every.
func (r *recording) samples(rows []Row, before Time) []Row {
	out := r.out[:0]
	take := func(to Time) {
		for ; r.sample < to; r.sample += r.every {
			for i, v := range r.valid {
				if r.has[i] {
					out = append(out, Row{r.sample, i, v})
				}
			}
		}
	}
	for _, row := range rows {
		take(row.Time)
		if r.infos[row.Series].Event {
			out = append(out, row)
			continue
		}
		r.valid[row.Series], r.has[row.Series] = row.Value, true
	}
	take(before)
	slices.SortStableFunc(out, byTimeAndSeries)
	r.out = out
	return out
}

// begin prepares the recording for a run.
func (r *recording) begin() error {
	r.valid, r.has = make([]Value, len(r.list)), make([]bool, len(r.list))
	if err := r.sink.Begin(r.infos); err != nil {
		return &SinkError{err}
	}
	return nil
}
