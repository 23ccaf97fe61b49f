package plot

import (
	"math"
	"slices"
	"sort"

	"gonum.org/v1/plot/plotter"
)

// intervals is how many time intervals a curve has. A figure is not drawn with
// more columns of pixels.
const intervals = 2000

// Point is a value at a time, in seconds.
type Point struct{ T, V float64 }

// Curve collects the values of one series, added in order of time.
type Curve struct {
	from, to, end float64
	points        []Point

	// Of the interval that is being filled.
	interval            int
	n                   int
	first, last         Point
	numbers             bool // there are some, so that the following are set
	least, largest      Point
	leastAt, largestAt  int
	started, beforeSeen bool
	before              Point // the last one before from
}

// NewCurve makes a curve for the time between from and to, of a run that ended at end,
// all in seconds.
func NewCurve(from, to, end float64) *Curve { return &Curve{from: from, to: to, end: end} }

// Add adds a value. Values outside of the curve's time are left out, but for the
// last one before it, which is valid at its beginning.
func (c *Curve) Add(p Point) {
	if p.T > c.to {
		return
	}
	if p.T < c.from {
		c.before, c.beforeSeen = p, true
		return
	}
	if i := int((p.T - c.from) / (c.to - c.from) * intervals); !c.started || i != c.interval {
		c.flush()
		c.interval, c.started = i, true
	}
	if c.n == 0 {
		c.first, c.numbers = p, false
	}
	if drawable(p.V) {
		if !c.numbers || p.V < c.least.V {
			c.least, c.leastAt = p, c.n
		}
		if !c.numbers || p.V > c.largest.V {
			c.largest, c.largestAt = p, c.n
		}
		c.numbers = true
	}
	c.last = p
	c.n++
}

// flush keeps of an interval its first, least, largest and last value, each once,
// in order.
func (c *Curve) flush() {
	if c.n == 0 {
		return
	}
	c.points = append(c.points, c.first)
	middle := []struct {
		at int
		p  Point
	}{{c.leastAt, c.least}, {c.largestAt, c.largest}}
	if c.leastAt > c.largestAt {
		middle[0], middle[1] = middle[1], middle[0]
	}
	kept := 0
	for _, m := range middle {
		if c.numbers && m.at > kept && m.at < c.n-1 {
			c.points = append(c.points, m.p)
			kept = m.at
		}
	}
	if c.n > 1 {
		c.points = append(c.points, c.last)
	}
	c.n = 0
}

// Points returns what was kept. If hold is true, values are valid until the next:
// the curve begins with the value that is valid at its beginning, and has a gap from the
// end of its run on, if that is before the end of the figure.
func (c *Curve) Points(hold bool) []Point {
	c.flush()
	if hold && c.end <= c.from {
		return nil
	}
	if n := len(c.points); hold && c.end < c.to && (n == 0 || c.points[n-1].T < c.end) {
		c.points = append(c.points, Point{c.end, math.NaN()})
	}
	if n := len(c.points); hold && n > 0 && c.points[n-1].T == c.to {
		c.points = c.points[:n-1] // it would be valid for no time
	}
	if hold && c.beforeSeen && (len(c.points) == 0 || c.points[0].T > c.from) {
		return append([]Point{{c.from, c.before.V}}, c.points...)
	}
	return c.points
}

// at returns the value that is valid at t.
func at(points []Point, t float64) (float64, bool) {
	i := sort.Search(len(points), func(i int) bool { return points[i].T > t })
	if i == 0 {
		return 0, false
	}
	return points[i-1].V, true
}

// meanOf is the mean over the curves that have a number, at the times of all of them,
// or at so many that a picture shows no difference.
func meanOf(curves [][]Point, from, to float64) []Point {
	var times []float64
	for _, points := range curves {
		for _, p := range points {
			times = append(times, p.T)
		}
	}
	slices.Sort(times)
	var mean []Point
	last := math.Inf(-1)
	for _, t := range times {
		if t == last || len(times) > 2*intervals && t-last < (to-from)/intervals {
			continue
		}
		last = t
		sum, n := 0.0, 0
		for _, points := range curves {
			if v, ok := at(points, t); ok && drawable(v) {
				sum += v
				n++
			}
		}
		mean = append(mean, Point{t, sum / float64(n)}) // NaN, a gap, if none has
	}
	return mean
}

const (
	// mostThin is how many curves of a family are drawn one by one.
	mostThin = 50
	// rangeIntervals is how many steps the outline of a range has.
	rangeIntervals = 500
)

// rangeOf is the outlines of what lies between the least and the largest value
// of the curves at each time, one for each time without a gap.
func rangeOf(curves [][]Point, from, to float64) []plotter.XYs {
	width := (to - from) / rangeIntervals
	low, high := make([]float64, rangeIntervals), make([]float64, rangeIntervals)
	for i := range low {
		low[i], high[i] = math.Inf(1), math.Inf(-1)
	}
	for _, points := range curves {
		for k, p := range points {
			until := to
			if k+1 < len(points) {
				until = points[k+1].T
			}
			if !drawable(p.V) {
				continue
			}
			first, last := int((p.T-from)/width), int(math.Ceil((until-from)/width))
			for i := max(0, first); i < min(last, rangeIntervals); i++ {
				low[i], high[i] = min(low[i], p.V), max(high[i], p.V)
			}
		}
	}
	var outlines []plotter.XYs
	var upper, lower plotter.XYs
	end := func() {
		slices.Reverse(lower)
		if len(upper) > 0 {
			outlines = append(outlines, append(upper, lower...))
		}
		upper, lower = nil, nil
	}
	for i := range low {
		if low[i] > high[i] {
			end() // nothing is valid
			continue
		}
		t := from + float64(i)*width
		upper = append(upper, plotter.XY{X: t, Y: high[i]}, plotter.XY{X: t + width, Y: high[i]})
		lower = append(lower, plotter.XY{X: t, Y: low[i]}, plotter.XY{X: t + width, Y: low[i]})
	}
	end()
	return outlines
}
