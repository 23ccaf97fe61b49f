package cli

import (
	"fmt"
	"os"
	"regexp"
	"time"

	"github.com/simrun/simrun/internal/format"
	"github.com/simrun/simrun/internal/profile"
	"github.com/simrun/simrun/internal/results"
	"github.com/simrun/simrun/sim"
)

const (
	// mostSimulators is how many simulators the summary shows.
	mostSimulators = 30
	// mostGroups is how many groups of recorded series it shows.
	mostGroups = 30
)

// report is the summary of a run that has begun, for standard output.
func (r *scenarioRun) report() string {
	var w writer
	s := r.summary
	fmt.Fprintf(&w, "%s: %s of virtual time in %s", r.scenario.Name, reached(s), format.Wall(s.Wall))
	if s.Wall > 0 {
		fmt.Fprintf(&w, ", %s real time", format.Speed(float64(s.Reached)/float64(s.Wall)))
	}
	if s.MaxLag > 0 {
		fmt.Fprintf(&w, ", at most %s behind", format.Wall(s.MaxLag))
	}
	if !s.Complete {
		w.buf = append(w.buf, ", incomplete"...)
	}
	w.buf = append(w.buf, "\n\n"...)
	w.table(costs(s.Instances))
	r.profiled(&w)
	if stats := r.folder.Stats(); len(stats) > 0 {
		w.buf = append(w.buf, '\n')
		w.table(recorded(stats))
	}
	if warnings := r.folder.Warnings(); len(warnings) > 0 {
		w.buf = append(w.buf, "\nWarnings\n"...)
		for _, text := range warnings {
			fmt.Fprintf(&w, "  %s\n", text)
		}
	}
	fmt.Fprintf(&w, "\nResults: %s (%s %s", r.folder.ValuesPath(), format.Count(s.Rows), plural(s.Rows, "value", "values"))
	if info, err := os.Stat(r.folder.ValuesPath()); err == nil {
		fmt.Fprintf(&w, ", %s", format.Bytes(info.Size()))
	}
	w.buf = append(w.buf, ")\n"...)
	if r.profile != nil {
		fmt.Fprintf(&w, "Profile: %s (open it in https://ui.perfetto.dev)\n", r.folder.ProfilePath())
	}
	return w.String()
}

// reached is how far a run has got, for people: one that was interrupted ends at any
// nanosecond, which the manifest tells.
func reached(s *sim.Summary) string {
	if s.Reached == s.Until {
		return format.Exact(time.Duration(s.Reached))
	}
	return format.ToSecond(time.Duration(s.Reached))
}

// profiled says what has taken the time, if it was much or somebody has asked, and
// with --profile what it consists of.
func (r *scenarioRun) profiled(w *writer) {
	all := profile.Costs(r.summary.Instances)
	asked := r.profile != nil
	if asked {
		w.buf = append(w.buf, '\n')
		listed, others := longest(all)
		w.table(profile.Table(listed))
		if len(others) > 0 {
			fmt.Fprintf(w, "  ... and %s more, each in manifest.json\n", format.Count(int64(len(others))))
		}
	}
	if asked || r.summary.Wall >= profile.Noticeable {
		if text := profile.Bottleneck(r.summary.Wall, r.scenario.Pace, all); text != "" {
			fmt.Fprintf(w, "\n%s\n", text)
		}
	}
}

// costs is the table of what the simulators have cost: of those that have taken the
// longest, of the others together, and of all.
func costs(instances []*sim.Instance) *format.Table {
	all := profile.Costs(instances)
	listed, others := longest(all)
	names := make([]string, 0, len(listed)+2)
	stats := make([]sim.Stats, 0, len(listed)+2)
	for _, c := range listed {
		names, stats = append(names, c.Sim), append(stats, c.Stats)
	}
	if len(others) > 0 {
		names, stats = append(names, fmt.Sprintf("... and %s more", format.Count(int64(len(others))))), append(stats, sum(others))
	}
	if len(all) > 1 {
		names, stats = append(names, "total"), append(stats, sum(all))
	}
	columns := make([][]string, 4)
	for k := range columns {
		times := make([]time.Duration, len(stats))
		for i, s := range stats {
			times[i] = [...]time.Duration{s.Setup, s.Own, s.Waiting, s.Messaging}[k]
		}
		columns[k] = format.Comparable(times...)
	}
	table := &format.Table{Right: " RRRRR", Indent: "  "}
	table.Row("simulator", "steps", "set up", "own time", "waiting", "messaging")
	for i, s := range stats {
		row := []string{names[i], format.Count(s.Steps), columns[0][i], columns[1][i], columns[2][i], columns[3][i]}
		if len(others) > 0 && i == len(listed) {
			row = append(row, "each in manifest.json")
		}
		table.Row(row...)
	}
	return table
}

// longest parts simulators into those that have taken the longest, for their own steps and
// their messages, as many as the summary shows, and the others.
func longest(all []profile.Cost) (listed, others []profile.Cost) {
	for i, marked := range profile.Longest(len(all), mostSimulators, func(i int) time.Duration { return all[i].Own + all[i].Messaging }) {
		if marked {
			listed = append(listed, all[i])
		} else {
			others = append(others, all[i])
		}
	}
	return listed, others
}

// sum is what several simulators have cost together.
func sum(all []profile.Cost) (total sim.Stats) {
	for _, c := range all {
		total.Steps += c.Steps
		total.Setup += c.Setup
		total.Own += c.Own
		total.Waiting += c.Waiting
		total.Messaging += c.Messaging
	}
	return total
}

// recorded is the table of what was recorded, by group.
func recorded(stats []results.SeriesStats) *format.Table {
	groups := groupSeries(stats)
	table := &format.Table{Right: "  RRRRR", Indent: "  "}
	table.Row("recorded", "unit", "series", "values", "min", "mean", "max")
	for i, g := range groups {
		if i == mostGroups {
			table.Row(fmt.Sprintf("... and %d more", len(groups)-mostGroups))
			break
		}
		row := []string{g.label(), g.Unit, format.Count(int64(g.series)), format.Count(g.Rows)}
		if g.Numbers > 0 {
			row = append(row, format.Number(g.Min), format.Number(g.Mean), format.Number(g.Max))
		}
		table.Row(row...)
	}
	return table
}

// group is the recorded series of entities that are named alike.
type group struct {
	results.SeriesStats
	name   string // of all its entities, with * for the number
	series int
}

// label names the series of the group: battery.store-*.soc.
func (g *group) label() string {
	if g.series == 1 {
		return g.Entity + "." + g.Attr
	}
	return g.name + "." + g.Attr
}

// number matches what tells apart entities that were made together: roof-3,
// roof[3].
var number = regexp.MustCompile(`[0-9]+(\]?)$`)

// groupSeries groups the series, in the order of their first members.
func groupSeries(stats []results.SeriesStats) []*group {
	type key struct{ name, attr, unit string }
	var groups []*group
	by := make(map[key]*group)
	for _, s := range stats {
		k := key{number.ReplaceAllString(s.Entity, "*$1"), s.Attr, s.Unit}
		g := by[k]
		if g == nil {
			g = &group{SeriesStats: s, name: k.name}
			by[k] = g
			groups = append(groups, g)
		} else {
			g.Merge(s)
		}
		g.series++
	}
	return groups
}

func plural(n int64, one, many string) string {
	if n == 1 {
		return one
	}
	return many
}
