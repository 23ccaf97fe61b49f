package ui

import (
	"github.com/simrun/simrun/sim"
)

// Curve keeps the shape of a series in a memory of fixed size. Time is divided into
// buckets of equal width, of which the first, least, greatest and last value are
// kept: where a bucket is no wider than a pixel, a line through them is drawn like
// one through all values (Jugel, Jerzak, Hackenbroich, Markl: M4, a visualization-oriented
// time series data aggregation, VLDB 2014). When there are too many buckets they become
// twice as wide.
type Curve struct {
	last    bucket   // what has come to the last bucket since it was stored
	end     sim.Time // of the last bucket
	width   sim.Time
	buckets []bucket // in order of time, none empty; see store
	most    int      // numbers of buckets are less
}

// point is one value.
type point struct {
	t sim.Time
	v float64
}

type bucket struct {
	number                  int64 // its time is from number*width on
	first, min, max, latest point
}

// NewCurve returns an empty curve of at most this many buckets.
func NewCurve(buckets int) *Curve { return &Curve{width: 1, most: buckets} }

// Add adds a value that is not earlier than those before, and reports whether it can
// be drawn: NaN and infinities cannot.
func (c *Curve) Add(t sim.Time, v float64) bool {
	if v-v != 0 {
		return false
	}
	if t < c.end {
		c.last.add(point{t, v})
		return true
	}
	c.open(t, v)
	return true
}

// open adds a value after the last bucket, or that makes all buckets wider.
func (c *Curve) open(t sim.Time, v float64) {
	c.store()
	for int64(t/c.width) >= int64(c.most) {
		c.widen()
	}
	p, number := point{t, v}, int64(t/c.width)
	c.end = sim.Time(number+1) * c.width
	if n := len(c.buckets); n > 0 && c.buckets[n-1].number == number {
		c.buckets[n-1].add(p)
	} else {
		c.buckets = append(c.buckets, bucket{number, p, p, p, p})
	}
	c.last = c.buckets[len(c.buckets)-1]
}

// store puts the last bucket to the others. Values come too often to do it for each.
func (c *Curve) store() {
	if n := len(c.buckets); n > 0 {
		c.buckets[n-1] = c.last
	}
}

func (b *bucket) add(p point) {
	b.latest = p
	if p.v < b.min.v {
		b.min = p
	}
	if p.v > b.max.v {
		b.max = p
	}
}

// widen makes buckets twice as wide.
func (c *Curve) widen() {
	c.width *= 2
	wide := c.buckets[:0]
	for _, b := range c.buckets {
		b.number /= 2
		if n := len(wide); n > 0 && wide[n-1].number == b.number {
			w := &wide[n-1]
			w.add(b.min)
			w.add(b.max)
			w.latest = b.latest
			continue
		}
		wide = append(wide, b)
	}
	c.buckets = wide
}

// points appends the points of the buckets from number from on, in order of time.
func (c *Curve) points(dst []point, from int) []point {
	c.store()
	for i := from; i < len(c.buckets); i++ {
		b := &c.buckets[i]
		second, third := b.min, b.max
		if third.t < second.t {
			second, third = third, second
		}
		dst = append(dst, b.first)
		for _, p := range []point{second, third, b.latest} {
			if p.t > dst[len(dst)-1].t || p.t == dst[len(dst)-1].t && p.v != dst[len(dst)-1].v {
				dst = append(dst, p)
			}
		}
	}
	return dst
}

// shown is what of a curve somebody has got already.
type shown struct {
	curve   *Curve
	width   sim.Time
	buckets int // all but the last, which may have grown
	points  int // of those

	told   bool // about the latest value, which is
	latest string
	at     float64
}

// news is what has come to a curve since somebody looked: the first keep points
// stay, the others follow.
func (c *Curve) news(s *shown) (keep int, more []point) {
	if s.curve != c || s.width != c.width {
		s.curve, s.width, s.buckets, s.points = c, c.width, 0, 0
	}
	keep = s.points
	more = c.points(nil, s.buckets)
	if n := len(c.buckets); n > 0 {
		s.points += len(more) - len(c.points(nil, n-1))
		s.buckets = n - 1
	}
	return keep, more
}
