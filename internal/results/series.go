package results

import (
	"os"

	"github.com/simrun/simrun/sim"
)

const (
	seriesName   = "series.csv"
	seriesHeader = "entity,attribute,unit,kind\n"
)

// The kinds of series, as files call them.
const (
	kindPersistent = "persistent" // a value is valid until the next
	kindEvent      = "event"      // a value belongs to one time
)

func kindOf(s sim.Series) string {
	if s.Event {
		return kindEvent
	}
	return kindPersistent
}

// writeSeries writes the file that tells the unit and kind of each series.
func writeSeries(path string, series []sim.Series) error {
	text := []byte(seriesHeader)
	all, _ := distinct(series)
	for _, s := range all {
		for _, name := range []string{s.Entity, s.Attr, s.Unit} {
			text = append(appendName(text, name), ',')
		}
		text = append(append(text, kindOf(s)...), '\n')
	}
	if err := os.WriteFile(path, text, 0o644); err != nil {
		return writeError("write", path, err)
	}
	return nil
}
