package results

import (
	"os"

	"github.com/simrun/simrun/sim"
)

const (
	entitiesName   = "entities.csv"
	entitiesHeader = "entity,id\n"
)

// writeEntities writes the file that tells which entity of which simulator
// the name of a recording stands for: each pair once, in order of the series.
func writeEntities(path string, series []sim.Series) error {
	type pair struct{ name, id string }
	seen := make(map[pair]bool, len(series))
	text := []byte(entitiesHeader)
	for _, s := range series {
		p := pair{s.Entity, s.FullID}
		if seen[p] {
			continue
		}
		seen[p] = true
		text = append(appendName(text, p.name), ',')
		text = append(appendName(text, p.id), '\n')
	}
	if err := os.WriteFile(path, text, 0o644); err != nil {
		return writeError("write", path, err)
	}
	return nil
}
