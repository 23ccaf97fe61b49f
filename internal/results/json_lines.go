package results

import (
	"bytes"
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
	k := v.Kind()
	if k == sim.KindFloat || k == sim.KindRaw {
		if f, err := v.Float64(); err == nil && (math.IsNaN(f) || math.IsInf(f, 0)) {
			return append(appendFloat(append(dst, '"'), f), '"'), nil
		} else if k == sim.KindFloat {
			return appendFloat(dst, f), err
		}
	}
	from := len(dst)
	dst, err := v.Append(dst)
	if err != nil || k == sim.KindText {
		return dst, err
	}
	return strictJSON(dst, from), nil
}

// strictJSON makes what Python takes for JSON, from an index on, JSON on one line: numbers that
// JSON does not have become texts, in lists and objects, too, and ends of lines between
// the parts of a foreign value become spaces. Inside of texts they are written as \n.
func strictJSON(dst []byte, from int) []byte {
	if !bytes.ContainsAny(dst[from:], "NI\n\r") {
		return dst
	}
	value := bytes.Clone(dst[from:])
	dst = dst[:from]
	inText := false
	for i := 0; i < len(value); i++ {
		switch c := value[i]; {
		case inText && c == '\\':
			dst = append(dst, c, value[i+1])
			i++
		case c == '"':
			inText = !inText
			dst = append(dst, c)
		case inText:
			dst = append(dst, c)
		case c == '\n' || c == '\r':
			dst = append(dst, ' ')
		case c == 'N' || c == 'I' || c == '-' && value[i+1] == 'I':
			end := i + 1
			for end < len(value) && isLetter(value[end]) {
				end++
			}
			dst = append(append(append(dst, '"'), value[i:end]...), '"')
			i = end - 1
		default:
			dst = append(dst, c)
		}
	}
	return dst
}

func isLetter(c byte) bool { return 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' }

func (j *jsonFile) close([]byte) error { return j.out.close() }
