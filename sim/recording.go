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
	broken bool // the run has failed: there are no samples and means any more

	means *means // of RecordMeans
}

// series is one attribute of a recording.
type series struct {
	recording *recording
	index     int // in output.infos
	slot      *slot
}

// sortRows puts rows in order of time and series. Mostly they are already, which is quick
// to see.
func sortRows(rows []Row) {
	for i := 1; i < len(rows); i++ {
		a, b := &rows[i-1], &rows[i]
		if b.Time < a.Time || b.Time == a.Time && b.Series < a.Series {
			slices.SortStableFunc(rows, byTimeAndSeries)
			return
		}
	}
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
		if r.means != nil {
			r.means.begin(len(r.series))
		}
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
		if r.means != nil {
			n += len(r.means.ready)
		}
	}
	return n
}

// flush writes what was recorded before the given time, at which all
// simulators have arrived, so that nothing earlier can come any more; but not what comes
// after the beginning of an interval whose mean is not known.
func (o *output) flush(before, until Time) error {
	write := before
	for _, r := range o.recordings {
		if r.means != nil && !r.broken {
			write = min(write, r.means.open(r, before, until))
		}
	}
	rows := o.rows[:0]
	for _, r := range o.recordings {
		rows = r.take(rows, before, write, until)
	}
	sortRows(rows)
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

// rowsBefore is how many rows, in order, are before a time.
func rowsBefore(rows []Row, before Time) int {
	n, _ := slices.BinarySearchFunc(rows, before, func(row Row, t Time) int {
		if row.Time < t {
			return -1
		}
		return 1
	})
	return n
}

// take appends the rows before the time write to dst, and forgets them. All rows before
// the time before are there.
func (r *recording) take(dst []Row, before, write, until Time) []Row {
	sortRows(r.rows)
	n := rowsBefore(r.rows, write)
	switch {
	case r.means != nil:
		if n = rowsBefore(r.rows, before); r.broken {
			r.means.cut(r)
		} else {
			r.means.take(r, r.rows[:n], before, until)
		}
		dst = r.means.flush(dst, write)
	case r.every > 0:
		dst = r.samples(dst, r.rows[:n], write)
	default:
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
		for ; r.sample < to && !r.broken; r.sample += r.every {
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
