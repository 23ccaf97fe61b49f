package results

import (
	"github.com/simrun/simrun/sim"
)

// wideFile is a CSV with a column for each series and a line for each time at
// which something was recorded. Of several values of a series at one time, the
// first is in one line with the others', the second in a line of its own.
type wideFile struct {
	out    *lineFile
	clock  clock
	series []sim.Series // in order of the columns
	column []int        // of each recorded series
	line   []sim.Value  // by column
	filled []bool
}

func (w *wideFile) begin(series []sim.Series, _ Topology) error {
	w.series, w.column = distinct(series)
	w.line, w.filled = make([]sim.Value, len(w.series)), make([]bool, len(w.series))
	return w.out.update(func(buf []byte) ([]byte, error) {
		buf = append(buf, "time,date"...)
		for _, s := range w.series {
			buf = appendName(append(buf, ','), s.Entity+"."+s.Attr)
		}
		return append(buf, '\n'), nil
	})
}

func (w *wideFile) write(rows []sim.Row) error {
	return w.out.update(func(buf []byte) ([]byte, error) {
		var err error
		for i := range rows {
			row, column := &rows[i], w.column[rows[i].Series]
			if i > 0 && (row.Time != rows[i-1].Time || w.filled[column]) {
				if buf, err = w.appendLine(buf, rows[i-1].Time); err != nil {
					return buf, err
				}
			}
			w.line[column], w.filled[column] = row.Value, true
		}
		if len(rows) == 0 {
			return buf, nil
		}
		return w.appendLine(buf, rows[len(rows)-1].Time)
	})
}

// appendLine appends the line that was collected.
func (w *wideFile) appendLine(buf []byte, at sim.Time) ([]byte, error) {
	w.clock.set(at)
	buf = append(append(buf, w.clock.seconds...), ',')
	buf = append(buf, w.clock.date...)
	for i, filled := range w.filled {
		buf = append(buf, ',')
		if !filled {
			continue
		}
		var err error
		if buf, err = appendValue(buf, w.line[i]); err != nil {
			return buf, valueError(w.series[i], at, err)
		}
	}
	clear(w.line)
	clear(w.filled)
	return append(buf, '\n'), nil
}

func (w *wideFile) close([]byte) error { return w.out.close() }
