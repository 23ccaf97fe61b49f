package mosaikimport

import (
	"fmt"
	"maps"
	"math"
	"path/filepath"
	"slices"
	"strings"
	"time"
)

// Options say where the scenario file will be.
type Options struct {
	Script string // as the user named it
	Args   []string
	Python string // program for simulators that are classes
	Dir    string // folder of the scenario file
	// Apart: entities that the script creates one by one are never created in one
	// call, for simulators that do not do the same then.
	Apart bool
}

// Result is a scenario made of a script.
type Result struct {
	Text    string   // of the file
	Remarks []string // what will be different, each with its place in the script
	// Joined: some entities that the script creates one by one are created in one
	// call. Options.Apart avoids that.
	Joined bool

	entities []string // full IDs
	links    []link
}

// Problems are why a script has no scenario file, each with its place in the script.
type Problems []string

// Error gives the problems, one a line.
func (p Problems) Error() string { return strings.Join(p, "\n") }

// translator makes a scenario of a recording.
type translator struct {
	*Recording
	Options
	problems Problems
	remarks  []string

	resolution time.Duration
	joined     bool
	simulators map[string]string // names in the file, by the IDs in the script
	loopNames  map[string]string // names of groups, by their paths in the script
	parameters []parameter
	groups     []*group
	places     map[int]place // of entities, by their handles
	lines      []*line       // of connections
}

// parameter is an entry of the section parameters.
type parameter struct{ name, value string }

// Translate makes a scenario file of a recording. It fails with Problems.
func Translate(rec *Recording, o Options) (*Result, error) {
	t := &translator{Recording: rec, Options: o, simulators: make(map[string]string), loopNames: make(map[string]string), places: make(map[int]place)}
	for _, r := range rec.Remarks {
		if r.Fatal {
			t.problem(r.Place, "%s", r.Text)
		} else {
			t.remark(r.Place, "%s", r.Text)
		}
	}
	t.resolution = t.seconds(rec.Place, "time_resolution", rec.Resolution)
	if lag := t.maxLag(); lag != 0 {
		t.remark(rec.Place, "run(rt_strict=True): a run that is behind by more than max_lag, %v, which is one step in real time, is ended; choose another max_lag if that is too strict", lag)
	}
	t.nameSimulators()
	t.entities()
	t.connect()
	text := t.write()
	if len(t.problems) > 0 {
		return nil, t.problems
	}
	entities, links := t.expect()
	return &Result{Text: text, Remarks: t.remarks, Joined: t.joined, entities: entities, links: links}, nil
}

func (t *translator) problem(at Place, format string, args ...any) {
	t.problems = append(t.problems, t.at(at)+": "+fmt.Sprintf(format, args...))
}

func (t *translator) remark(at Place, format string, args ...any) {
	t.remarks = append(t.remarks, t.at(at)+": "+fmt.Sprintf(format, args...))
}

// at names a place as the user named the script.
func (t *translator) at(p Place) string {
	name := shown(p.File)
	if abs, err := filepath.Abs(t.Script); err == nil && abs == p.File {
		name = t.Script
	}
	if p.Line == 0 {
		return name
	}
	return fmt.Sprintf("%s:%d", name, p.Line)
}

// relative names a file or folder as seen from a folder; "" is the current one.
func relative(path, from string) string {
	from, err := filepath.Abs(from)
	if err != nil {
		return path
	}
	if rel, err := filepath.Rel(from, path); err == nil {
		return filepath.ToSlash(rel)
	}
	return path
}

// shown names a file as seen from the current folder, if it is below it.
func shown(path string) string {
	if rel := relative(path, ""); !strings.HasPrefix(rel, "../") {
		return rel
	}
	return path
}

// seconds converts a number of seconds, which must be whole nanoseconds.
func (t *translator) seconds(at Place, what string, s float64) time.Duration {
	ns := math.Round(s * 1e9)
	if !(ns >= 1 && ns < math.MaxInt64) || math.Abs(s*1e9-ns) > 1e-6*ns {
		t.problem(at, "%s is %v s; simrun counts whole nanoseconds, up to 292 years", what, s)
		return time.Second
	}
	return time.Duration(ns)
}

// steps converts a number of steps.
func (t *translator) steps(at Place, what string, n int64) string {
	if n < 0 || n > math.MaxInt64/int64(t.resolution) {
		t.problem(at, "%s is %d steps; simrun counts nanoseconds, up to 292 years", what, n)
		return "0s"
	}
	return duration(time.Duration(n) * t.resolution)
}

// duration writes a length of time in the largest unit of which it is a multiple.
func duration(d time.Duration) string {
	units := []struct {
		name string
		size time.Duration
	}{{"d", 24 * time.Hour}, {"h", time.Hour}, {"m", time.Minute}, {"s", time.Second}, {"ms", time.Millisecond}, {"us", time.Microsecond}}
	for _, u := range units {
		if d != 0 && d%u.size == 0 {
			return fmt.Sprintf("%d%s", d/u.size, u.name)
		}
	}
	if d == 0 {
		return "0s"
	}
	return fmt.Sprintf("%dns", int64(d))
}

// maxLag is how far behind a strict run may be: as long as a step takes in real time. (mosaik
// allows for nothing, and ends every run at its first step.)
func (t *translator) maxLag() time.Duration {
	if !t.RTStrict || t.RTFactor == 0 {
		return 0
	}
	return max(time.Duration(t.RTFactor*float64(t.resolution)).Round(time.Microsecond), time.Millisecond)
}

// nameSimulators gives simulators their names: their IDs, which other simulators
// see in their inputs, if they can be names.
func (t *translator) nameSimulators() {
	used := names{"agents": true}
	for _, s := range t.Simulators {
		name := used.add(s.ID)
		t.simulators[s.ID] = name
		if name != s.ID {
			t.remark(s.Place, "the simulator %q is called %s, and so are the sources that others see", s.ID, name)
		}
	}
}

// loopGroup names the group of a simulator. For mosaik, groups in one group that
// have the same name, or none, are the same.
func (t *translator) loopGroup(s simulator) string {
	var path, key string
	for _, name := range s.Groups {
		key += "/" + name
		if t.loopNames[key] == "" {
			if name == "" {
				name = "group"
			}
			taken := make(names)
			for _, other := range t.loopNames {
				taken[other] = true
			}
			t.loopNames[key] = taken.unique(strings.TrimPrefix(path+"/", "/"), name)
		}
		path = t.loopNames[key]
	}
	return path
}

// names are those in use.
type names map[string]bool

// add returns a name like the given one that is in no use, of letters, digits, _ and -.
func (n names) add(like string) string {
	name := n.unique("", like)
	n[name] = true
	return name
}

func (n names) unique(prefix, like string) string {
	like = strings.Map(func(r rune) rune {
		if r < 128 && (r == '_' || r == '-' || r >= '0' && r <= '9' || r >= 'A' && r <= 'Z' || r >= 'a' && r <= 'z') {
			return r
		}
		return '_'
	}, like)
	if like == "" || like[0] == '-' || like[0] >= '0' && like[0] <= '9' {
		like = "_" + like
	}
	name := prefix + like
	for i := 2; n[name]; i++ {
		name = fmt.Sprintf("%s%s_%d", prefix, like, i)
	}
	return name
}

// sortedKeys lists the keys of a map in order.
func sortedKeys[V any](m map[string]V) []string { return slices.Sorted(maps.Keys(m)) }
