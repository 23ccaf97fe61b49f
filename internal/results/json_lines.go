package results

import (
	"encoding/json"
	"math"

	"github.com/simrun/simrun/sim"
)

// jsonFile has a JSON object for each value, one a line. It may be a pipe.
type jsonFile struct {
	out    *lineFile
	clock  clock
	series []sim.Series
	names  [][]byte // of each series: `,"entity":"...","attribute":"...","unit":"...","value":`
}

func (j *jsonFile) begin(series []sim.Series, _ Topology) error {
	j.series = series
	j.names = make([][]byte, len(series))
	for i, one := range series {
		var name []byte
		for _, field := range []struct{ key, text string }{{"entity", one.Entity}, {"attribute", one.Attr}, {"unit", one.Unit}} {
			if field.text == "" && field.key == "unit" {
				continue
			}
			text, err := json.Marshal(field.text)
			if err != nil {
				return err
			}
			name = append(append(name, `,"`+field.key+`":`...), text...)
		}
		j.names[i] = append(name, `,"value":`...)
	}
	return nil
}

func (j *jsonFile) write(rows []sim.Row) error {
	return j.out.update(func(buf []byte) ([]byte, error) {
		for i := range rows {
			row := &rows[i]
			j.clock.set(row.Time)
			buf = append(append(buf, `{"time":`...), j.clock.seconds...)
			if len(j.clock.date) > 0 {
				buf = append(append(append(buf, `,"date":"`...), j.clock.date...), '"')
			}
			buf = append(buf, j.names[row.Series]...)
			var err error
			if buf, err = appendJSON(buf, row.Value); err != nil {
				return buf, valueError(j.series[row.Series], row.Time, err)
			}
			buf = append(buf, "}\n"...)
		}
		return buf, nil
	})
}

// appendJSON appends a value as JSON on one line. Numbers that JSON does not
// have are texts: "NaN", "Infinity", "-Infinity".
func appendJSON(dst []byte, v sim.Value) ([]byte, error) {
	if v.IsNull() {
		return append(dst, "null"...), nil
	}
	if k := v.Kind(); k == sim.KindFloat || k == sim.KindRaw {
		if f, err := v.Float64(); err == nil && (math.IsNaN(f) || math.IsInf(f, 0)) {
			return append(appendFloat(append(dst, '"'), f), '"'), nil
		} else if k == sim.KindFloat {
			return appendFloat(dst, f), err
		}
	}
	from := len(dst)
	dst, err := v.Append(dst)
	// Between the parts of a foreign value there may be ends of lines; inside of
	// texts they are written as \n.
	for i := from; i < len(dst); i++ {
		if dst[i] == '\n' || dst[i] == '\r' {
			dst[i] = ' '
		}
	}
	return dst, err
}

func (j *jsonFile) close([]byte) error { return j.out.close() }
