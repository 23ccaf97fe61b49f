package results

import (
	"time"

	"github.com/simrun/simrun/sim"
)

// csvHeader is the first line of results.csv.
const csvHeader = "time,date,entity,attribute,value\n"

// csvFile has a line for each value.
type csvFile struct {
	out    *lineFile
	clock  clock
	series []sim.Series
	names  [][]byte // of each series: ",entity,attribute,"
}

func newCSVFile(out *lineFile, start time.Time) *csvFile {
	return &csvFile{out: out, clock: clock{start: start}}
}

func (c *csvFile) begin(series []sim.Series, _ Topology) error {
	c.series = series
	c.names = make([][]byte, len(series))
	for i, one := range series {
		name := appendName([]byte{','}, one.Entity)
		name = appendName(append(name, ','), one.Attr)
		c.names[i] = append(name, ',')
	}
	return c.out.update(func(buf []byte) ([]byte, error) { return append(buf, csvHeader...), nil })
}

func (c *csvFile) write(rows []sim.Row) error {
	return c.out.update(func(buf []byte) ([]byte, error) {
		for i := range rows {
			row := &rows[i]
			c.clock.set(row.Time)
			buf = append(append(buf, c.clock.seconds...), ',')
			buf = append(buf, c.clock.date...)
			buf = append(buf, c.names[row.Series]...)
			var err error
			if buf, err = appendValue(buf, row.Value); err != nil {
				return buf, valueError(c.series[row.Series], row.Time, err)
			}
			buf = append(buf, '\n')
		}
		return buf, nil
	})
}

func (c *csvFile) close([]byte) error { return c.out.close() }
