package results

import (
	"fmt"
	"os"
	"time"

	"github.com/simrun/simrun/sim"
)

// target is one file or pipe that receives recorded values, in one format. Its
// methods are called from one goroutine.
type target interface {
	// begin is called once, before write.
	begin(series []sim.Series, topology Topology) error
	// write gets rows in order of (Time, Series), those of one time in one call
	// unless there are too many for that.
	write(rows []sim.Row) error
	// close writes what is left and makes it durable. manifest describes how the
	// run ended. It is called once, also if begin or write failed or were not called.
	close(manifest []byte) error
}

// about is what a target is told of the run in advance.
type about struct {
	start    time.Time // date of time 0; zero: none
	manifest []byte    // as of now
}

// openTarget makes the file at path, which must not exist.
func openTarget(format Format, path string, a about) (target, error) {
	if format == SQLite {
		return newSQLiteFile(path, a)
	}
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o644)
	if err != nil {
		return nil, writeError("create", path, err)
	}
	switch format {
	case Parquet:
		return newParquetFile(path, f, a), nil
	case WideCSV:
		return &wideFile{out: newLineFile(path, f), clock: clock{start: a.start}}, nil
	case JSONLines:
		return &jsonFile{out: newLineFile(path, f), clock: clock{start: a.start}}, nil
	}
	return newCSVFile(newLineFile(path, f), a.start), nil
}

// clock writes virtual times, each once however many rows have it.
type clock struct {
	start   time.Time // date of time 0; zero: none
	at      sim.Time
	has     bool
	seconds []byte
	date    []byte // empty without a start
}

// set makes the texts those of t.
func (c *clock) set(t sim.Time) {
	if c.has && t == c.at {
		return
	}
	c.at, c.has = t, true
	c.seconds = t.AppendSeconds(c.seconds[:0])
	if !c.start.IsZero() {
		c.date = c.start.Add(time.Duration(t)).AppendFormat(c.date[:0], time.RFC3339Nano)
	}
}

// valueError says which value could not be written.
func valueError(s sim.Series, at sim.Time, err error) error {
	return fmt.Errorf("t=%v: %s of %s: %w", at, s.Attr, s.Entity, err)
}

// seriesKey is what tells series apart. Two recordings may have recorded the
// same.
type seriesKey struct{ entity, attr string }

func keyOf(s sim.Series) seriesKey { return seriesKey{s.Entity, s.Attr} }

// distinct gives each series that is in the list twice the place of the first.
func distinct(series []sim.Series) (all []sim.Series, index []int) {
	seen := make(map[seriesKey]int, len(series))
	index = make([]int, len(series))
	for i, s := range series {
		at, ok := seen[keyOf(s)]
		if !ok {
			at = len(all)
			seen[keyOf(s)] = at
			all = append(all, s)
		}
		index[i] = at
	}
	return all, index
}
