package results

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"math"
	"strconv"
	"strings"
	"time"

	"github.com/simrun/simrun/codec"
	"github.com/simrun/simrun/sim"
)

// field is one field of a line of CSV. encoding/csv does not tell whether a
// field was quoted, which is what tells text from numbers here.
type field struct {
	data   []byte // without quotes; valid until the next line
	quoted bool
}

func (f field) text() string { return string(f.data) }

// csvReader reads what this package writes.
type csvReader struct {
	in     *bufio.Reader
	line   int
	buf    []byte
	fields []field
	ends   []int
}

func newCSVReader(r io.Reader) *csvReader { return &csvReader{in: bufio.NewReaderSize(r, 1<<20)} }

// next returns the fields of the next line. A last line without an end was being
// written when the run was killed; it is left out. The error is io.EOF at the end.
func (c *csvReader) next() ([]field, error) {
	c.line++
	c.buf, c.fields, c.ends = c.buf[:0], c.fields[:0], c.ends[:0]
	for {
		part, err := c.in.ReadSlice('\n')
		c.buf = append(c.buf, part...)
		if errors.Is(err, bufio.ErrBufferFull) {
			continue
		}
		if err != nil {
			return nil, err // of a part of a line, too
		}
		if bytes.Count(c.buf, []byte{'"'})%2 == 0 { // otherwise the line end is inside of quotes
			break
		}
	}
	rest := bytes.TrimRight(c.buf[:len(c.buf)-1], "\r")
	for {
		var f field
		if len(rest) > 0 && rest[0] == '"' {
			f.quoted = true
			// Quotes are taken out in place: what is read is never behind what is written.
			out := rest[:0]
			i := 1
			for ; i < len(rest); i++ {
				if rest[i] == '"' {
					if i+1 == len(rest) || rest[i+1] != '"' {
						break
					}
					i++
				}
				out = append(out, rest[i])
			}
			if i >= len(rest) || i+1 < len(rest) && rest[i+1] != ',' {
				return nil, fmt.Errorf("line %d: a quote at the wrong place", c.line)
			}
			f.data, rest = out, rest[i+1:]
		} else if comma := bytes.IndexByte(rest, ','); comma >= 0 {
			f.data, rest = rest[:comma], rest[comma:]
		} else {
			f.data, rest = rest, nil
		}
		c.fields = append(c.fields, f)
		if len(rest) == 0 {
			return c.fields, nil
		}
		rest = rest[1:]
		if len(rest) == 0 {
			return append(c.fields, field{}), nil
		}
	}
}

// eachRecord calls do with each line but the first, which must have n fields.
func eachRecord(r io.Reader, n int, do func([]field) error) error {
	in := newCSVReader(r)
	for {
		fields, err := in.next()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err == nil && len(fields) != n {
			err = fmt.Errorf("line %d: %d fields, want %d", in.line, len(fields), n)
		}
		if err == nil && in.line > 1 {
			err = do(fields)
		}
		if err != nil {
			return err
		}
	}
}

// readLong reads results.csv.
func readLong(r io.Reader, _ string, index *seriesIndex, yield func(sim.Row) error) error {
	// Most lines are of the series that comes after that of the line before.
	next := make(map[int]int)
	last := -1
	names := make([]seriesKey, len(index.by))
	for k, i := range index.by {
		names[i] = k
	}
	return eachRecord(r, 5, func(f []field) error {
		at, err := parseSeconds(string(f[0].data))
		if err != nil {
			return err
		}
		i, ok := next[last]
		if !ok || string(f[2].data) != names[i].entity || string(f[3].data) != names[i].attr {
			if i, err = index.find(f[2].text(), f[3].text()); err != nil {
				return err
			}
			next[last] = i
		}
		last = i
		return yield(sim.Row{Time: at, Series: i, Value: f[4].value()})
	})
}

// readWide reads results-wide.csv.
func readWide(r io.Reader, _ string, index *seriesIndex, yield func(sim.Row) error) error {
	in := newCSVReader(r)
	header, err := in.next()
	if errors.Is(err, io.EOF) {
		return nil
	}
	if err != nil {
		return err
	}
	columns := len(header) - 2
	if columns < 0 || columns > len(index.columns) {
		return fmt.Errorf("line 1: %d fields, want 2 and one for each series in %s, which has %d", len(header), seriesName, len(index.columns))
	}
	for i := range columns { // by place, as two columns may have one name: a.b.c
		if name := header[2+i].text(); name != index.columns[i] {
			return fmt.Errorf("a column %s in the place of %s, which %s has there", name, index.columns[i], seriesName)
		}
	}
	for {
		fields, err := in.next()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		if len(fields) != len(header) {
			return fmt.Errorf("line %d: %d fields, want %d", in.line, len(fields), len(header))
		}
		at, err := parseSeconds(string(fields[0].data))
		if err != nil {
			return err
		}
		for k, f := range fields[2:] {
			if len(f.data) == 0 && !f.quoted {
				continue // nothing was recorded, or null
			}
			if err := yield(sim.Row{Time: at, Series: k, Value: f.value()}); err != nil {
				return err
			}
		}
	}
}

// value is the value that the field was written for.
func (f field) value() sim.Value {
	if f.quoted {
		return sim.Text(string(f.data))
	}
	return unquoted(f.data)
}

// unquoted reads a value that is no text.
func unquoted(text []byte) sim.Value {
	switch string(text) {
	case "", "null":
		return sim.Null
	case "true":
		return sim.Bool(true)
	case "false":
		return sim.Bool(false)
	case "NaN":
		return sim.Float(math.NaN())
	case "Infinity":
		return sim.Float(math.Inf(1))
	case "-Infinity":
		return sim.Float(math.Inf(-1))
	}
	number, err := strconv.ParseFloat(string(text), 64)
	var digits [32]byte
	if err == nil && string(appendFloat(digits[:0], number)) == string(text) {
		return sim.Float(number)
	}
	// A number of a foreign simulator, whose digits are kept.
	return sim.RawValue(codec.Raw(bytes.Clone(text)))
}

// parseSeconds reads a virtual time as AppendSeconds writes it, exactly.
func parseSeconds(text string) (sim.Time, error) {
	whole, fraction, _ := strings.Cut(text, ".")
	seconds, err := strconv.ParseInt(whole, 10, 64)
	if err == nil && len(fraction) > 9 {
		err = errors.New("more than nine decimals")
	}
	nanos := int64(0)
	if err == nil && fraction != "" {
		nanos, err = strconv.ParseInt((fraction + "00000000")[:9], 10, 64)
	}
	if err != nil || seconds < 0 || seconds > math.MaxInt64/int64(time.Second) {
		return 0, fmt.Errorf("time %q is not a number of seconds", text)
	}
	return sim.Time(seconds*int64(time.Second) + nanos), nil
}
