package models

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/simrun/simrun/internal/format"
	"github.com/simrun/simrun/internal/suggest"
	"github.com/simrun/simrun/sim"
)

// TimeSeries is a simulator that replays a CSV file: measured weather, a load
// profile, prices.
//
// The file's first column is time, either dates (RFC 3339, such as
// 2025-01-01T05:00:00Z) or seconds since the start of the run, rising. Each
// other column is an output, by its header: its name, perhaps with a unit in
// brackets, as in "power [kW]". Lines that begin with # are comments. Cells are
// finite numbers; a missing one is an error, since what to put in its place is
// the modeller's decision.
//
// The row of a time is valid from that time until the next row's. The
// simulator steps at the times of the rows, and before the first row nothing
// is put out. With interpolation linear it steps every step (a parameter then
// required) and puts out the straight line between rows; after the last row
// the last values hold.
//
// With repeat year, the file covers one year, of any number, and stands for
// all years: a typical year. A date is looked up by its month, day and time of
// day; 29 February, if the file has none, is the 28th again. With an offset
// the file is read later by so much: the row of 12:00 is put out at 12:00 +
// offset.
//
// At first only the header is read. The whole file, at most 10 million values
// (80 MB), is loaded when the run starts, or by [TimeSeries.Check].
type TimeSeries struct {
	open     func() (*seriesReader, error)
	file     string
	start    time.Time
	columns  []string // to offer; nil: all
	linear   bool
	step     time.Duration
	yearly   bool
	offset   time.Duration
	header   []column
	size     int64 // of the file, in bytes
	series   *series
	entities []map[string]*sim.Output
}

// NewTimeSeries returns a [TimeSeries] simulator.
func NewTimeSeries() sim.Simulator { return &TimeSeries{} }

// SimulatorParams lists the parameters that the simulator itself takes.
func (*TimeSeries) SimulatorParams() []sim.Param {
	return []sim.Param{
		{Name: "file", Doc: "CSV file, relative to the scenario: first column time, dates like 2026-01-01T00:00:00Z or seconds; the others headed NAME or NAME [UNIT]"},
		{Name: "columns", Doc: "names of the columns to offer; all if not given"},
		{Name: "interpolation", Default: "hold", Doc: "between rows: hold or linear"},
		{Name: "step", Doc: "time between two outputs, with interpolation linear"},
		{Name: "repeat", Default: "never", Doc: "never, or year: one year stands for all"},
		{Name: "offset", Default: "0s", Doc: "how much later than it says the file is read; may be negative"},
	}
}

// Init reads the parameters and the header of the file.
func (ts *TimeSeries) Init(_ context.Context, env *sim.Env) (sim.Meta, error) {
	if err := ts.configure(env); err != nil {
		return sim.Meta{}, err
	}
	r, err := ts.open()
	if err != nil {
		return sim.Meta{}, err
	}
	ts.header, ts.size = r.columns, r.size
	model := sim.Model{Name: "Series", Doc: "the columns of " + ts.file}
	for _, c := range r.columns {
		model.Attrs = append(model.Attrs, sim.Attr{Name: c.name, Unit: c.unit, Doc: "column of " + ts.file, Output: true})
	}
	// Hybrid, since a time-based simulator would have to step on after the
	// last row.
	return sim.Meta{Type: sim.Hybrid, Models: []sim.Model{model}}, r.Close()
}

func (ts *TimeSeries) configure(env *sim.Env) error {
	if err := unknownParams(env.Params, ts.SimulatorParams()); err != nil {
		return err
	}
	var errs [6]error
	var interpolation, repeat string
	ts.file, errs[0] = textParam(env.Params, "file", "")
	ts.columns, errs[1] = listParam(env.Params, "columns")
	interpolation, errs[2] = choiceParam(env.Params, "interpolation", "hold", "linear")
	ts.step, errs[3] = durationParam(env.Params, "step")
	repeat, errs[4] = choiceParam(env.Params, "repeat", "never", "year")
	ts.offset, errs[5] = durationParam(env.Params, "offset")
	if err := errors.Join(errs[:]...); err != nil {
		return err
	}
	ts.linear, ts.yearly, ts.start = interpolation == "linear", repeat == "year", env.Start
	switch {
	case ts.file == "":
		return errors.New("parameter file is missing; name a CSV file")
	case ts.linear && ts.step <= 0:
		return fmt.Errorf("parameter step = %v is out of range; interpolation linear needs one above 0s", ts.step)
	case !ts.linear && ts.step != 0:
		return errors.New("parameter step is of no use with interpolation hold, which follows the file's rows; remove it, or set interpolation: linear")
	case ts.yearly && ts.start.IsZero():
		return errors.New("parameter repeat: year needs dates; give the scenario a start")
	}
	ts.open = func() (*seriesReader, error) {
		f, err := env.Open(ts.file)
		if err != nil {
			return nil, fmt.Errorf("parameter file: %w; its path is relative to the scenario", err)
		}
		r, err := newSeriesReader(f, ts.file)
		if err == nil {
			err = r.choose(ts.columns)
		}
		if err != nil {
			return nil, errors.Join(err, f.Close())
		}
		return r, nil
	}
	return nil
}

// Create implements [sim.Simulator].
func (ts *TimeSeries) Create(_ context.Context, num int, model string, _ sim.Params) ([]sim.NewEntity, error) {
	made := make([]sim.NewEntity, num)
	for i := range made {
		outputs := make(map[string]*sim.Output)
		for _, c := range ts.header {
			outputs[c.name] = new(sim.Output)
		}
		made[i] = sim.NewEntity{ID: fmt.Sprintf("%s-%d", model, len(ts.entities)), Model: model, Outputs: outputs}
		ts.entities = append(ts.entities, outputs)
	}
	return made, nil
}

// SetupDone loads the file, if Check has not.
func (ts *TimeSeries) SetupDone(context.Context) error {
	if ts.series != nil {
		return nil
	}
	return ts.load()
}

// maxChecked is the size in bytes of the largest file that Check reads: so much
// takes a fraction of a second.
const maxChecked = 8 << 20

// Check says what is wrong with the file for a run until the given time, or that
// it has nothing to say of that time. Larger files are left for SetupDone.
func (ts *TimeSeries) Check(until sim.Time) error {
	if ts.size > maxChecked {
		return nil
	}
	if err := ts.load(); err != nil {
		return err
	}
	if ts.yearly {
		return nil
	}
	if wait := -ts.position(until); wait >= 0 {
		return fmt.Errorf("parameter file: %s begins %s after the run has ended; start later, set an offset, or repeat: year for a typical year",
			ts.file, format.Exact(wait))
	}
	return nil
}

// load reads the file, and looks whether it fits the run's beginning.
func (ts *TimeSeries) load() error {
	r, err := ts.open()
	if err != nil {
		return err
	}
	all, err := r.readAll()
	if err := errors.Join(err, r.Close()); err != nil {
		return fmt.Errorf("parameter file: %w", err)
	}
	ts.series = all
	switch {
	case all.dated && ts.start.IsZero():
		err = fmt.Errorf("parameter file: %s has dates, the run has none; give the scenario a start, or seconds in column time", ts.file)
	case ts.yearly:
		if err = all.checkYear(); err != nil {
			err = fmt.Errorf("parameter file: %s: %w", ts.file, err)
		}
	case ts.position(0) > all.last():
		err = fmt.Errorf("parameter file: %s ends %s before the run starts; start earlier, set an offset, or repeat: year for a typical year",
			ts.file, format.Exact(ts.position(0)-all.last()))
	}
	if err != nil {
		ts.series = nil
	}
	return err
}

// position returns where in the series the run is at time t: the time since
// the series' first row.
func (ts *TimeSeries) position(t sim.Time) time.Duration {
	at := time.Duration(t) - ts.offset
	switch {
	case ts.yearly:
		return ts.series.inYear(ts.start.Add(at))
	case ts.series.dated:
		return ts.start.Add(at).Sub(ts.series.origin)
	}
	return at - ts.series.delay
}

// Step puts out what is valid from now.
func (ts *TimeSeries) Step(_ context.Context, s *sim.Step) (sim.Time, error) {
	p := ts.position(s.Time())
	row := ts.series.find(p)
	until, end := ts.series.until(row, ts.yearly)
	var next sim.Time
	switch {
	case row >= 0 && end:
		next = sim.Never
	case ts.linear:
		next = s.Time() - s.Time()%sim.Time(ts.step) + sim.Time(ts.step)
	default:
		next = s.Time().Add(until - p)
	}
	if row < 0 {
		return next, nil
	}
	share := 0.0 // of the way to the next row
	if ts.linear && !end {
		share = float64(p-ts.series.times[row]) / float64(until-ts.series.times[row])
	}
	for i, c := range ts.header {
		value := ts.series.values[i][row]
		if share > 0 {
			value += share * (ts.series.values[i][(row+1)%len(ts.series.times)] - value)
		}
		for _, e := range ts.entities {
			e[c.name].Set(value)
		}
	}
	return next, nil
}

// choose reduces the columns to those with the given names, all if there are
// none.
func (r *seriesReader) choose(names []string) error {
	if len(names) == 0 {
		return nil
	}
	var known []string
	for _, c := range r.columns {
		known = append(known, c.name)
	}
	var chosen []column
	for _, name := range names {
		found := false
		for _, c := range r.columns {
			if c.name == name {
				chosen, found = append(chosen, c), true
			}
		}
		if !found {
			return fmt.Errorf("parameter columns: %s has no column %q; %s", r.name, name, suggest.Sentence(name, known))
		}
	}
	r.columns = chosen
	return nil
}
