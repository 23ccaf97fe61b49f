package mosaikimport

import (
	"fmt"
	"time"

	"github.com/simrun/simrun/sim"
)

// link is a connection between two attributes, by full IDs.
type link struct {
	source, output, destination, input string
	shift                              time.Duration
	weak                               bool
}

func (l link) String() string {
	text := fmt.Sprintf("%s.%s to %s.%s", l.source, l.output, l.destination, l.input)
	if l.shift != 0 {
		text += ", shifted by " + duration(l.shift)
	}
	if l.weak {
		text += ", weak"
	}
	return text
}

// Differences says what of the script's entities and connections is not in a
// world that was built from the file, and the other way round. There are none if
// the simulators create the same entities again.
func (r *Result) Differences(w *sim.World) []string {
	var differences []string
	for _, id := range r.entities {
		if w.Entity(id) == nil {
			differences = append(differences, "there is no entity "+id)
		}
	}
	wanted := make(map[link]bool, len(r.links))
	for _, l := range r.links {
		wanted[l] = true
	}
	for _, c := range w.Connections() {
		l := link{c.Source.FullID(), c.SourceAttr, c.Destination.FullID(), c.DestinationAttr, c.Shift, c.Weak}
		if !wanted[l] {
			differences = append(differences, "the script does not connect "+l.String())
		}
		delete(wanted, l)
	}
	for _, l := range r.links {
		if wanted[l] {
			differences = append(differences, "there is no connection from "+l.String())
			delete(wanted, l)
		}
	}
	return differences
}

// expect notes what a world made from the file must have.
func (t *translator) expect() (entities []string, links []link) {
	ids := make(map[int]string)
	var walk func(simulator string, all []entity)
	walk = func(simulator string, all []entity) {
		for _, e := range all {
			ids[e.Handle] = simulator + "." + e.EID
			entities = append(entities, ids[e.Handle])
			walk(simulator, e.Children)
		}
	}
	for _, c := range t.Creations {
		walk(t.simulators[c.Simulator], c.Entities)
	}
	for _, c := range t.Connections {
		if c.Output == "" {
			continue // for asynchronous requests alone
		}
		links = append(links, link{ids[c.Source], c.Output, ids[c.Destination], c.Input, time.Duration(c.Shift) * t.resolution, c.Weak})
	}
	return entities, links
}
