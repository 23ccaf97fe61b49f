package models

import (
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"math"
	"slices"
	"sort"
	"strconv"
	"strings"
	"time"

	"github.com/simrun/simrun/internal/unit"
)

// maxSeriesValues bounds what a time series may hold in memory, at 8 bytes
// each.
const maxSeriesValues = 10_000_000

// series is a table in memory.
type series struct {
	dated  bool
	origin time.Time       // date of the first row, if dated
	delay  time.Duration   // time of the first row from the start of the run, if not
	times  []time.Duration // since the first row, rising
	values [][]float64     // by column, then row
}

func (s *series) last() time.Duration { return s.times[len(s.times)-1] }

// year is the length of the year that begins with the first row.
func (s *series) year() time.Duration { return s.origin.AddDate(1, 0, 0).Sub(s.origin) }

// find returns the row that is valid at position p, -1 before the first.
func (s *series) find(p time.Duration) int {
	return sort.Search(len(s.times), func(i int) bool { return s.times[i] > p }) - 1
}

// until returns the position until which a row is valid, or end if nothing
// follows it. Row -1 is the time before the first.
func (s *series) until(row int, yearly bool) (p time.Duration, end bool) {
	switch {
	case row+1 < len(s.times):
		return s.times[row+1], false
	case yearly:
		return s.year(), false
	}
	return 0, true
}

// inYear returns the position of a date's month, day and time of day in the
// year that the series covers.
func (s *series) inYear(date time.Time) time.Duration {
	date = date.UTC()
	for year := s.origin.Year(); ; year++ {
		_, month, day := date.Date()
		if month == time.February && day == 29 && !isLeap(year) {
			day = 28
		}
		midnight := time.Date(year, month, day, 0, 0, 0, 0, time.UTC)
		if p := midnight.Add(date.Sub(date.Truncate(24 * time.Hour))).Sub(s.origin); p >= 0 {
			return p
		}
	}
}

func isLeap(year int) bool {
	return time.Date(year, time.February, 29, 0, 0, 0, 0, time.UTC).Day() == 29
}

// checkYear says why the series does not stand for a year: it must reach from
// its first row to a year later, where the last gap may be as long as the
// longest between rows.
func (s *series) checkYear() error {
	const advice = "repeat: year needs rows for exactly one year"
	switch {
	case !s.dated:
		return errors.New("column time holds seconds; " + advice + ", with dates")
	case s.last() >= s.year():
		return fmt.Errorf("covers more than the year from %s; %s", s.origin.Format(time.RFC3339), advice)
	}
	longest := time.Duration(0)
	for i := 1; i < len(s.times); i++ {
		longest = max(longest, s.times[i]-s.times[i-1])
	}
	if gap := s.year() - s.last(); gap > longest {
		return fmt.Errorf("ends %v before the year from %s is over; %s", gap, s.origin.Format(time.RFC3339), advice)
	}
	return nil
}

// column is a column of values.
type column struct {
	name, unit string
	index      int // in a record
}

// seriesReader reads a CSV file.
type seriesReader struct {
	name    string // for messages
	size    int64  // of the file, in bytes
	file    io.Closer
	csv     *csv.Reader
	columns []column
}

// newSeriesReader reads the header.
func newSeriesReader(f fs.File, name string) (*seriesReader, error) {
	info, err := f.Stat()
	if err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	r := &seriesReader{name: name, size: info.Size(), file: f, csv: csv.NewReader(f)}
	r.csv.Comment = '#'
	r.csv.TrimLeadingSpace = true
	r.csv.ReuseRecord = true
	header, err := r.csv.Read()
	if errors.Is(err, io.EOF) {
		return nil, fmt.Errorf("%s: is empty; it needs a header and rows", name)
	}
	if err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	header[0] = strings.TrimPrefix(header[0], "\ufeff") // the mark that spreadsheets put first
	if len(header) == 1 && strings.ContainsAny(header[0], ";\t") {
		return nil, r.fail(0, "there are no commas in the header %q; put commas between columns", header[0])
	}
	if strings.TrimSpace(header[0]) != "time" {
		return nil, r.fail(0, "the first column is %q; it must be time, with dates or seconds", header[0])
	}
	for i, text := range header[1:] {
		c := column{name: strings.TrimSpace(text), index: i + 1}
		if before, after, ok := strings.Cut(c.name, "["); ok {
			c.name, c.unit = strings.TrimSpace(before), strings.TrimSpace(strings.TrimSuffix(strings.TrimSpace(after), "]"))
			if _, err := unit.Parse(c.unit); err != nil {
				return nil, r.fail(c.index, "column %q: %v", text, err)
			}
		}
		if c.name == "" {
			return nil, r.fail(c.index, "column %d has no name; write it in the header", i+2)
		}
		if slices.ContainsFunc(r.columns, func(other column) bool { return other.name == c.name }) {
			return nil, r.fail(c.index, "there are two columns %q; rename one", c.name)
		}
		r.columns = append(r.columns, c)
	}
	if len(r.columns) == 0 {
		return nil, r.fail(0, "there is no column beside time")
	}
	return r, nil
}

// Close closes the file.
func (r *seriesReader) Close() error { return r.file.Close() }

// fail returns an error at a field of the record read last.
func (r *seriesReader) fail(field int, format string, args ...any) error {
	line, col := r.csv.FieldPos(field)
	return fmt.Errorf("%s:%d:%d: %s", r.name, line, col, fmt.Sprintf(format, args...))
}

// readAll reads the rows.
func (r *seriesReader) readAll() (*series, error) {
	s := &series{values: make([][]float64, len(r.columns))}
	for {
		record, err := r.csv.Read()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return nil, fmt.Errorf("%s: %w", r.name, err)
		}
		if len(s.times)*len(r.columns) >= maxSeriesValues {
			return nil, r.fail(0, "more than %d values; split the file, or name fewer columns", maxSeriesValues)
		}
		if err := r.readTime(s, record[0]); err != nil {
			return nil, err
		}
		for i, c := range r.columns {
			value, err := strconv.ParseFloat(strings.TrimSpace(record[c.index]), 64)
			if err != nil || math.IsNaN(value) || math.IsInf(value, 0) {
				return nil, r.fail(c.index, "column %q: %q is not a finite number; correct it, or leave the row out", c.name, record[c.index])
			}
			s.values[i] = append(s.values[i], value)
		}
	}
	if len(s.times) == 0 {
		return nil, fmt.Errorf("%s: has no rows below the header", r.name)
	}
	return s, nil
}

// readTime appends the time of a row.
func (r *seriesReader) readTime(s *series, text string) error {
	var p time.Duration
	date, err := time.Parse(time.RFC3339Nano, strings.TrimSpace(text))
	dated := err == nil
	first := len(s.times) == 0
	if first {
		s.dated = dated
	}
	switch {
	case dated != s.dated:
		return r.fail(0, "column time: %q among %s; use one kind in the whole file", text, map[bool]string{true: "dates", false: "seconds"}[s.dated])
	case dated && first:
		s.origin = date.UTC()
	case dated:
		p = date.Sub(s.origin)
	default:
		seconds, err := strconv.ParseFloat(strings.TrimSpace(text), 64)
		if err != nil || !(math.Abs(seconds) < 9e9) { // about 285 years
			return r.fail(0, "column time: %q is neither a date like 2026-01-01T00:00:00Z nor a number of seconds", text)
		}
		p = time.Duration(math.Round(seconds * 1e9))
		if first {
			s.delay = p
		}
		p -= s.delay
	}
	if !first && p <= s.last() {
		return r.fail(0, "column time: %q is not later than the row before; sort the rows, one for each time", text)
	}
	s.times = append(s.times, p)
	return nil
}
