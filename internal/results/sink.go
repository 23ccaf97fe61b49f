package results

import (
	"fmt"
	"time"

	"github.com/simrun/simrun/sim"
)

// csvHeader is the first line of results.csv.
const csvHeader = "time,date,entity,attribute,value\n"

// csvSink writes recorded rows.
type csvSink struct {
	out      *lineFile
	entities string    // path of the file of entities
	start    time.Time // date of time 0; zero: no dates

	stats []SeriesStats
	names [][]byte // of each series: ",entity,attribute,"

	// The first two fields of the rows at time at, kept because there are many
	// rows at one time.
	at    sim.Time
	stamp []byte
}

// Begin implements [sim.Sink].
func (s *csvSink) Begin(series []sim.Series) error {
	s.names = make([][]byte, len(series))
	s.stats = make([]SeriesStats, len(series))
	for i, one := range series {
		name := appendName([]byte{','}, one.Entity)
		name = appendName(append(name, ','), one.Attr)
		s.names[i] = append(name, ',')
		s.stats[i].Series = one
	}
	return writeEntities(s.entities, series)
}

// Write implements [sim.Sink].
func (s *csvSink) Write(rows []sim.Row) error {
	return s.out.update(func(buf []byte) ([]byte, error) {
		for i := range rows {
			row := &rows[i]
			if s.stamp == nil || row.Time != s.at {
				s.setTime(row.Time)
			}
			buf = append(buf, s.stamp...)
			buf = append(buf, s.names[row.Series]...)
			var err error
			if buf, err = appendValue(buf, row.Value); err != nil {
				one := s.stats[row.Series]
				return buf, fmt.Errorf("t=%v: %s of %s: %w", row.Time, one.Attr, one.Entity, err)
			}
			buf = append(buf, '\n')
			s.stats[row.Series].add(row.Value)
		}
		return buf, nil
	})
}

func (s *csvSink) setTime(t sim.Time) {
	s.at = t
	s.stamp = append(t.AppendSeconds(s.stamp[:0]), ',')
	if !s.start.IsZero() {
		s.stamp = s.start.Add(time.Duration(t)).AppendFormat(s.stamp, time.RFC3339Nano)
	}
}
