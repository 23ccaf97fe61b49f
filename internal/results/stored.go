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
	if info, err := os.Stat(dir); err == nil && !info.IsDir() {
		return nil, fmt.Errorf("%s is a file, not the folder of a run", dir)
	}
	path := filepath.Join(dir, manifestName)
	text, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("%s is no run folder: there is no %s in it", dir, manifestName)
	}
	if err != nil {
		return nil, err
	}
	m := new(Manifest)
	if err := json.Unmarshal(text, m); err != nil {
		return nil, damaged(path, err)
	}
	if m.Format != manifestFormat {
		return nil, fmt.Errorf("%s has format %d, and this simrun reads format %d; read it with simrun %s, which wrote it",
			path, m.Format, manifestFormat, m.Versions.Simrun)
	}
	return m, nil
}

// damaged says of a file of a run that it cannot be read, and what to do about it.
func damaged(path string, err error) error {
	var failed *fs.PathError
	if errors.As(err, &failed) {
		err = failed.Err // the path is told below
	}
	if errors.Is(err, fs.ErrPermission) {
		return fmt.Errorf("%s: %w", path, err)
	}
	return fmt.Errorf("%s: %w; copy the folder of the run again if it was not copied whole, or run the scenario again", path, err)
}

// Open reads what a run folder says about its values.
func Open(dir string) (*Stored, error) {
	m, err := ReadManifest(dir)
	if err != nil {
		return nil, err
	}
	series, err := readSeries(dir)
	if errors.Is(err, fs.ErrNotExist) && m.Rows == 0 {
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
		return 0, damaged(filepath.Join(s.Dir, manifestName), fmt.Errorf("the time that the run got to: %w", err))
	}
	return end, nil
}

// ReadError is returned for values that cannot be read.
type ReadError struct{ err error }

func (e *ReadError) Error() string { return e.err.Error() }
func (e *ReadError) Unwrap() error { return e.err }

// Rows calls yield with each value, in order of time; Row.Series is an index into
// s.Series. An error of yield ends it and is returned; others are *ReadError. Memory
// does not grow with the number of values. If the run is not complete, the end of the
// file may be missing, of a line or a row group that was being written when it was killed.
func (s *Stored) Rows(yield func(sim.Row) error) error {
	path := filepath.Join(s.Dir, filepath.FromSlash(s.Manifest.Values.Path))
	var stopped error
	err := s.checkSize(path)
	if err == nil {
		err = s.rows(path, func(row sim.Row) error { stopped = yield(row); return stopped })
	}
	switch {
	case err == nil:
		return nil
	case stopped != nil:
		return stopped
	}
	return &ReadError{damaged(path, err)}
}

// checkSize finds that the file of values of a complete run has lost its end.
func (s *Stored) checkSize(path string) error {
	info, err := os.Stat(path)
	if err != nil {
		return err
	}
	for _, f := range s.Manifest.Files {
		if s.Manifest.Complete && f.Path == s.Manifest.Values.Path && info.Size() < f.Bytes {
			return fmt.Errorf("it has %d bytes, and had %d at the end of the run", info.Size(), f.Bytes)
		}
	}
	return nil
}

// rows reads the file of values, whatever its format.
func (s *Stored) rows(path string, yield func(sim.Row) error) error {
	index := newSeriesIndex(s.Series, s.Start())
	kind := s.Manifest.Values.Format
	switch kind {
	case SQLite:
		return readSQLite(path, len(s.Series), yield)
	case Parquet:
		return readParquet(path, index, yield)
	}
	read, ok := map[Format]func(io.Reader, string, *seriesIndex, func(sim.Row) error) error{
		CSV: readLong, WideCSV: readWide, JSONLines: readJSONLines}[kind]
	if !ok {
		return fmt.Errorf("this simrun does not know the format %q", kind)
	}
	f, err := os.Open(path)
	if err != nil {
		return err
	}
	defer f.Close()
	return read(f, path, index, yield)
}

// seriesIndex finds series by name.
type seriesIndex struct {
	by      map[seriesKey]int
	columns []string // "entity.attribute", of a file with a column for each
	start   time.Time
}

func newSeriesIndex(series []sim.Series, start time.Time) *seriesIndex {
	x := &seriesIndex{by: make(map[seriesKey]int), start: start}
	for i, s := range series {
		x.by[keyOf(s)] = i
		x.columns = append(x.columns, s.Entity+"."+s.Attr)
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
	path := filepath.Join(dir, seriesName)
	f, err := os.Open(path)
	if err != nil {
		return nil, damaged(path, err)
	}
	defer f.Close()
	ids := make(map[string]string)
	if g, err := os.Open(filepath.Join(dir, entitiesName)); err == nil {
		defer g.Close()
		if err := eachRecord(g, 2, func(r []field) error { ids[r[0].text()] = r[1].text(); return nil }); err != nil {
			return nil, damaged(g.Name(), err)
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
		return nil, damaged(f.Name(), err)
	}
	return all, nil
}

// LogDir is where the logs of simulators are.
func (s *Stored) LogDir() string { return filepath.Join(s.Dir, logsName) }
