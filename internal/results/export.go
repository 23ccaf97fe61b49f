package results

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"iter"
	"os"
	"slices"
	"time"

	"github.com/simrun/simrun/sim"
)

// Source is a run of which some series are exported.
type Source struct {
	*Stored
	Label string // is put before the names of entities: LABEL/ENTITY; "" for none
	Pick  []int  // indices of series
}

// Selection is what is exported, of one run or of several side by side.
type Selection struct {
	Sources []Source
	// Every samples persistent series at 0, Every, 2*Every, ...: the values that
	// are valid then. Events stay as they are. 0: every value. What is valid at the
	// end of a run is not valid any more when another one goes on.
	Every time.Duration
	// Join gives every persistent series a value at each time at which any series
	// has one, the one that is valid then, until its run ends, in a file with a
	// column for each. For CSV only.
	Join bool
}

// Export writes the selection to a new file. If that fails, there is none.
func (s *Selection) Export(path string, format Format) error {
	if s.Join {
		format = WideCSV
	}
	t, err := openTarget(format, path, about{start: s.start(), manifest: s.manifest()})
	if errors.Is(err, fs.ErrExist) {
		return fmt.Errorf("%s is there already; choose another name", path)
	}
	if err == nil {
		err = s.writeTo(t)
	}
	if err != nil {
		err = errors.Join(err, remove(path))
	}
	return err
}

// remove removes a file of values with what SQLite puts beside it, as far as they
// are there.
func remove(path string) error {
	var failures []error
	for _, name := range []string{path, path + "-wal", path + "-shm"} {
		if err := os.Remove(name); err != nil && !errors.Is(err, fs.ErrNotExist) {
			failures = append(failures, err)
		}
	}
	return errors.Join(failures...)
}

// Print writes the selection as CSV.
func (s *Selection) Print(w io.Writer) error {
	out := newLineFile("standard output", pipe{unclosed{w}})
	if s.Join {
		return s.writeTo(&wideFile{out: out, clock: clock{start: s.start()}})
	}
	return s.writeTo(newCSVFile(out, s.start()))
}

// unclosed is a writer that others use, too.
type unclosed struct{ io.Writer }

func (unclosed) Close() error { return nil }

func (s *Selection) writeTo(t target) error {
	err := t.begin(s.series(), Topology{})
	if err == nil {
		h := holder{Selection: s, series: s.series(), write: t.write}
		err = h.run()
	}
	if closeErr := t.close(s.manifest()); err == nil {
		err = closeErr
	}
	return err
}

// start is the date of time 0, zero if the runs do not agree on one.
func (s *Selection) start() time.Time {
	start := s.Sources[0].Start()
	for _, source := range s.Sources {
		if !source.Start().Equal(start) {
			return time.Time{}
		}
	}
	return start
}

// manifest is that of the run, of several a list.
func (s *Selection) manifest() []byte {
	if len(s.Sources) == 1 {
		return s.Sources[0].Manifest.compact()
	}
	var all [][]byte
	for _, source := range s.Sources {
		all = append(all, source.Manifest.compact())
	}
	return append(append([]byte{'['}, bytes.Join(all, []byte{','})...), ']')
}

// series are those of all sources, one after the other.
func (s *Selection) series() []sim.Series {
	var all []sim.Series
	for _, source := range s.Sources {
		for _, i := range source.Pick {
			one := source.Series[i]
			if source.Label != "" {
				one.Entity, one.FullID = source.Label+"/"+one.Entity, source.Label+"/"+one.FullID
			}
			all = append(all, one)
		}
	}
	return all
}

// steps calls do with the rows of each time, in order of time. The slice is reused.
func (s *Selection) steps(do func([]sim.Row) error) error {
	type input struct {
		next func() (sim.Row, error, bool)
		row  sim.Row
		ok   bool
	}
	var inputs []*input
	from := 0
	for _, source := range s.Sources {
		next, stop := iter.Pull2(source.picked(from))
		defer stop()
		inputs = append(inputs, &input{next: next})
		from += len(source.Pick)
	}
	advance := func(in *input) (err error) {
		in.row, err, in.ok = in.next()
		return err
	}
	for _, in := range inputs {
		if err := advance(in); err != nil {
			return err
		}
	}
	var rows []sim.Row
	for {
		first := (*input)(nil)
		for _, in := range inputs {
			if in.ok && (first == nil || in.row.Time < first.row.Time) {
				first = in
			}
		}
		if first == nil {
			return nil
		}
		at := first.row.Time
		rows = rows[:0]
		for _, in := range inputs {
			for in.ok && in.row.Time == at {
				rows = append(rows, in.row)
				if err := advance(in); err != nil {
					return err
				}
			}
		}
		if err := do(rows); err != nil {
			return err
		}
	}
}

// picked gives the rows of the picked series, numbered from first on. After an
// error there are no more.
func (s *Source) picked(first int) iter.Seq2[sim.Row, error] {
	number := make([]int, len(s.Series))
	for i := range number {
		number[i] = -1
	}
	for k, i := range s.Pick {
		number[i] = first + k
	}
	return func(yield func(sim.Row, error) bool) {
		err := s.Rows(func(row sim.Row) error {
			if number[row.Series] < 0 {
				return nil
			}
			row.Series = number[row.Series]
			if !yield(row, nil) {
				return errStopped
			}
			return nil
		})
		if err != nil && !errors.Is(err, errStopped) {
			yield(sim.Row{}, err)
		}
	}
}

// holder knows which values are valid, and writes what a selection asks for.
type holder struct {
	*Selection
	series []sim.Series
	write  func([]sim.Row) error

	valid  []sim.Value
	has    []bool
	source []int      // of each series, an index into ends
	ends   []sim.Time // of the runs; no value is valid then or later
	sample sim.Time   // the next one
	out    []sim.Row
}

func (h *holder) run() error {
	h.valid, h.has = make([]sim.Value, len(h.series)), make([]bool, len(h.series))
	if h.Every > 0 || h.Join {
		for i, source := range h.Sources {
			end, err := source.End()
			if err != nil {
				return err
			}
			h.ends = append(h.ends, end)
			for range source.Pick {
				h.source = append(h.source, i)
			}
		}
	}
	if err := h.steps(h.step); err != nil {
		return err
	}
	if h.Every == 0 {
		return nil
	}
	return h.samplesTo(slices.Max(h.ends))
}

// step takes in what was recorded at one time.
func (h *holder) step(rows []sim.Row) error {
	if h.Every > 0 {
		if err := h.samplesTo(rows[0].Time); err != nil {
			return err
		}
	}
	h.out = h.out[:0]
	var events []sim.Row
	for _, row := range rows {
		event := h.series[row.Series].Event
		if !event {
			h.valid[row.Series], h.has[row.Series] = row.Value, true
		}
		if h.ends != nil { // a run that is under way may have got further meanwhile
			end := &h.ends[h.source[row.Series]]
			*end = max(*end, row.Time+1)
		}
		switch {
		case h.Every == 0 && !h.Join:
			h.out = append(h.out, row)
		case event:
			events = append(events, row)
		}
	}
	// What is valid comes into the first line of a table that this time has, together with
	// the first event of each series.
	switch at := rows[0].Time; {
	case h.Every > 0 && at == h.sample && len(events) > 0:
		h.hold(at)
		h.sample += sim.Time(h.Every)
	case h.Every == 0 && h.Join:
		h.hold(at)
	}
	h.out = append(h.out, events...)
	if h.Every > 0 && !h.Join {
		slices.SortStableFunc(h.out, func(a, b sim.Row) int { return cmp.Compare(a.Series, b.Series) })
	}
	if len(h.out) == 0 {
		return nil
	}
	return h.write(h.out)
}

// hold adds the values that are valid.
func (h *holder) hold(at sim.Time) {
	for i, has := range h.has {
		if has && at < h.ends[h.source[i]] {
			h.out = append(h.out, sim.Row{Time: at, Series: i, Value: h.valid[i]})
		}
	}
}

// samplesTo writes the samples before a time.
func (h *holder) samplesTo(before sim.Time) error {
	for ; h.sample < before; h.sample += sim.Time(h.Every) {
		h.out = h.out[:0]
		h.hold(h.sample)
		if len(h.out) > 0 {
			if err := h.write(h.out); err != nil {
				return err
			}
		}
	}
	return nil
}

// errStopped ends reading when nobody wants more.
var errStopped = errors.New("stopped")
