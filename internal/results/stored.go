package results

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"github.com/simrun/simrun/sim"
)

// Stored is a run folder that is read. The run may be complete, under way, or
// have been killed: there is what was written until then.
type Stored struct {
	Dir      string
	Manifest Manifest
	Series   []sim.Series // no two with the same entity and attribute
}

// ReadManifest reads what a run folder says about its run.
func ReadManifest(dir string) (*Manifest, error) {
	text, err := os.ReadFile(filepath.Join(dir, manifestName))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("%s is no run folder: there is no %s in it", dir, manifestName)
	}
	if err != nil {
		return nil, err
	}
	m := new(Manifest)
	if err := json.Unmarshal(text, m); err != nil {
		return nil, fmt.Errorf("%s: %w", filepath.Join(dir, manifestName), err)
	}
	return m, nil
}

// Open reads what a run folder says about its values.
func Open(dir string) (*Stored, error) {
	m, err := ReadManifest(dir)
	if err != nil {
		return nil, err
	}
	series, err := readSeries(dir)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("%s: the run has recorded nothing: its scenario has no section record, or an empty one, or it ended before its first step", dir)
	}
	if err != nil {
		return nil, err
	}
	return &Stored{Dir: dir, Manifest: *m, Series: series}, nil
}

// Start is the date of time 0, zero if there is none.
func (s *Stored) Start() time.Time {
	if s.Manifest.Virtual.Start == nil {
		return time.Time{}
	}
	return *s.Manifest.Virtual.Start
}

// End is how far the values reach: every recorded time is before it. Of a run that is
// not complete it is just after the last value, whatever time the run got to: what
// came later may not have been written.
func (s *Stored) End() (sim.Time, error) {
	if !s.Manifest.Complete {
		var end sim.Time
		err := s.Rows(func(row sim.Row) error { end = row.Time + 1; return nil })
		return end, err
	}
	end, err := parseSeconds(s.Manifest.Virtual.Reached.String())
	if err != nil {
		return 0, fmt.Errorf("%s: the time that the run got to: %w", filepath.Join(s.Dir, manifestName), err)
	}
	return end, nil
}

// Rows calls yield with each value, in order of time; Row.Series is an index into
// s.Series. An error of yield ends it and is returned. Memory does not grow with
// the number of values. The end of the file may be missing, of a line or a row
// group that was being written when the run was killed.
func (s *Stored) Rows(yield func(sim.Row) error) error {
	path := filepath.Join(s.Dir, filepath.FromSlash(s.Manifest.Values.Path))
	read, ok := map[Format]func(io.Reader, string, *seriesIndex, func(sim.Row) error) error{
		CSV: readLong, WideCSV: readWide, JSONLines: readJSONLines}[s.Manifest.Values.Format]
	index := newSeriesIndex(s.Series, s.Start())
	var err error
	switch {
	case s.Manifest.Values.Format == SQLite:
		err = readSQLite(path, yield)
	case s.Manifest.Values.Format == Parquet:
		err = readParquet(path, index, yield)
	case !ok:
		return fmt.Errorf("%s: the values have the format %q, which this simrun does not know", s.Dir, s.Manifest.Values.Format)
	default:
		var f *os.File
		if f, err = os.Open(path); err != nil {
			return err
		}
		defer f.Close()
		err = read(f, path, index, yield)
	}
	if err != nil {
		return fmt.Errorf("%s: %w", path, err)
	}
	return nil
}

// seriesIndex finds series by name.
type seriesIndex struct {
	by    map[seriesKey]int
	named map[string]int // by "entity.attribute"
	start time.Time
}

func newSeriesIndex(series []sim.Series, start time.Time) *seriesIndex {
	x := &seriesIndex{by: make(map[seriesKey]int), named: make(map[string]int), start: start}
	for i, s := range series {
		x.by[keyOf(s)] = i
		x.named[s.Entity+"."+s.Attr] = i
	}
	return x
}

func (x *seriesIndex) find(entity, attr string) (int, error) {
	if i, ok := x.by[seriesKey{entity, attr}]; ok {
		return i, nil
	}
	return 0, fmt.Errorf("a value of %s of %s, which is not in %s", attr, entity, seriesName)
}

// readSeries reads which series there are, of which entities.
func readSeries(dir string) ([]sim.Series, error) {
	f, err := os.Open(filepath.Join(dir, seriesName))
	if err != nil {
		return nil, err
	}
	defer f.Close()
	ids := make(map[string]string)
	if g, err := os.Open(filepath.Join(dir, entitiesName)); err == nil {
		defer g.Close()
		if err := eachRecord(g, 2, func(r []field) error { ids[r[0].text()] = r[1].text(); return nil }); err != nil {
			return nil, fmt.Errorf("%s: %w", g.Name(), err)
		}
	}
	var all []sim.Series
	err = eachRecord(f, 4, func(r []field) error {
		s := sim.Series{Entity: r[0].text(), Attr: r[1].text(), Unit: r[2].text(), Event: string(r[3].data) == kindEvent}
		s.FullID = ids[s.Entity]
		all = append(all, s)
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("%s: %w", f.Name(), err)
	}
	return all, nil
}

// LogDir is where the logs of simulators are.
func (s *Stored) LogDir() string { return filepath.Join(s.Dir, logsName) }
