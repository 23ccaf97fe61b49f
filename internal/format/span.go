package format

import (
	"slices"
	"strconv"
	"strings"
	"time"
)

// units of spans, largest first; each holds a whole number of the next.
var units = []struct {
	name string
	d    time.Duration
}{
	{"d", 24 * time.Hour},
	{"h", time.Hour},
	{"min", time.Minute},
	{"s", time.Second},
	{"ms", time.Millisecond},
	{"us", time.Microsecond},
	{"ns", time.Nanosecond},
}

// Exact gives a span of virtual time, all of it: 7 d, 1 d 6 h 30 min, 900 ns.
func Exact(d time.Duration) string { return inUnits(d, len(units)) }

// Rough gives a span in its two largest neighbouring units, the rest cut off:
// 3 d 4 h for 3 d 4 h 59 min, 7 d for 7 d 12 min.
func Rough(d time.Duration) string { return inUnits(d, 2) }

// ToSecond gives a span as Exact does, of a minute or more to the second, the rest cut
// off: of a time at which somebody has pressed a key nobody wants the nanoseconds.
func ToSecond(d time.Duration) string {
	switch size := max(d, -d); {
	case size >= time.Minute:
		d = d.Truncate(time.Second)
	case size >= time.Second:
		d = d.Truncate(time.Millisecond)
	}
	return Exact(d)
}

func inUnits(d time.Duration, most int) string {
	if d == 0 {
		return "0 s"
	}
	if d < 0 {
		// The smallest Duration has no positive counterpart; nobody will miss a nanosecond of 292 years.
		return "-" + inUnits(max(-d, -(d+1)), most)
	}
	var parts []string
	first := -1
	for i, u := range units {
		n := d / u.d
		if n == 0 {
			continue
		}
		if first < 0 {
			first = i
		}
		if i >= first+most {
			break
		}
		parts = append(parts, strconv.FormatInt(int64(n), 10)+" "+u.name)
		d -= n * u.d
	}
	return strings.Join(parts, " ")
}

// Wall gives a measured duration with three significant digits in one unit:
// 1.23 s, 45.6 ms, 789 us. From two minutes on it is like Rough.
func Wall(d time.Duration) string {
	switch {
	case d >= 2*time.Minute:
		return Rough(d)
	case d == 0:
		return "0 s"
	case d < time.Microsecond:
		return strconv.FormatInt(int64(d), 10) + " ns"
	case d < 999_500*time.Nanosecond:
		return digits3(float64(d)/1e3) + " us"
	case d < 999_500*time.Microsecond:
		return digits3(float64(d)/1e6) + " ms"
	}
	return digits3(d.Seconds()) + " s"
}

// Comparable gives measured durations in one unit with the same number of
// decimals, so that those below each other in a column compare at a glance. The unit
// suits the longest, but is so small that most of them do not read 0.000.
// Zero, which is "nothing was measured", is a dash.
func Comparable(all ...time.Duration) []string {
	measured := slices.DeleteFunc(slices.Clone(all), func(d time.Duration) bool { return d == 0 })
	slices.Sort(measured)
	var median, longest time.Duration
	if len(measured) > 0 {
		median, longest = measured[len(measured)/2], measured[len(measured)-1]
	}
	unit, name, decimals := time.Second, "s", 3
	switch {
	case longest < time.Millisecond || median < 100*time.Microsecond && longest < time.Second:
		unit, name, decimals = time.Microsecond, "us", 1
	case longest < 2*time.Second || median < 10*time.Millisecond:
		unit, name, decimals = time.Millisecond, "ms", 2
	}
	texts := make([]string, len(all))
	for i, d := range all {
		if texts[i] = "-"; d != 0 {
			texts[i] = strconv.FormatFloat(float64(d)/float64(unit), 'f', decimals, 64) + " " + name
		}
	}
	return texts
}

// digits3 gives three significant digits, zeros included, so that columns line up.
func digits3(f float64) string {
	switch {
	case f >= 99.95:
		return strconv.FormatFloat(f, 'f', 0, 64)
	case f >= 9.995:
		return strconv.FormatFloat(f, 'f', 1, 64)
	}
	return strconv.FormatFloat(f, 'f', 2, 64)
}
