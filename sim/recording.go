package sim

import (
	"cmp"
	"slices"
)

// output is all that goes into one sink.
type output struct {
	sink       Sink
	infos      []Series
	recordings []*recording
	rows       []Row // scratch
	count      int64 // rows written
}

// recording is one call of Record: some series, and what of them has not gone
// to the sink yet.
type recording struct {
	every  Time     // 0: every value
	series []Series // a part of output.infos, from index first on
	first  int
	by     []*Instance // who makes them

	rows   []Row // recorded, not yet written, in order of arrival
	valid  []Value
	has    []bool
	sample Time // the next one, if every > 0
}

// series is one attribute of a recording.
type series struct {
	recording *recording
	index     int // in output.infos
	slot      *slot
}

func byTimeAndSeries(a, b Row) int {
	if c := cmp.Compare(a.Time, b.Time); c != 0 {
		return c
	}
	return cmp.Compare(a.Series, b.Series)
}

// begin prepares the output for a run.
func (o *output) begin() error {
	for _, r := range o.recordings {
		r.valid, r.has = make([]Value, len(r.series)), make([]bool, len(r.series))
	}
	if err := o.sink.Begin(o.infos); err != nil {
		return &SinkError{err}
	}
	return nil
}

// held is how many rows wait to be written.
func (o *output) held() int {
	n := 0
	for _, r := range o.recordings {
		n += len(r.rows)
	}
	return n
}

// flush writes what was recorded before the given time, at which all
// simulators have arrived, so that nothing earlier can come any more.
func (o *output) flush(before Time) error {
	rows := o.rows[:0]
	for _, r := range o.recordings {
		rows = r.take(rows, before)
	}
	slices.SortStableFunc(rows, byTimeAndSeries)
	o.rows = rows
	if len(rows) > 0 {
		if err := o.sink.Write(rows); err != nil {
			return &SinkError{err}
		}
		o.count += int64(len(rows))
	}
	clear(rows) // lets go of what the values refer to
	return nil
}

// take appends the rows before the given time to dst, and forgets them.
func (r *recording) take(dst []Row, before Time) []Row {
	slices.SortStableFunc(r.rows, byTimeAndSeries)
	n, _ := slices.BinarySearchFunc(r.rows, before, func(row Row, t Time) int {
		if row.Time < t {
			return -1
		}
		return 1
	})
	if r.every > 0 {
		dst = r.samples(dst, r.rows[:n], before)
	} else {
		dst = append(dst, r.rows[:n]...)
	}
	rest := copy(r.rows, r.rows[n:])
	clear(r.rows[rest:])
	r.rows = r.rows[:rest]
	return dst
}

// samples turns rows into what is to be written: events as they are, the values
// of persistent attributes as they are valid at each multiple of every.
func (r *recording) samples(dst, rows []Row, before Time) []Row {
	sample := func(to Time) {
		for ; r.sample < to; r.sample += r.every {
			for i, v := range r.valid {
				if r.has[i] {
					dst = append(dst, Row{r.sample, r.first + i, v})
				}
			}
		}
	}
	for _, row := range rows {
		sample(row.Time)
		i := row.Series - r.first
		if r.series[i].Event {
			dst = append(dst, row)
			continue
		}
		r.valid[i], r.has[i] = row.Value, true
	}
	sample(before)
	return dst
}
