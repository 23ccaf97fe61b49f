package sim

import (
	"math"
	"time"
)

// A pacer tells which virtual time the wall clock has reached: at has been reached
// at wall, and from there rate seconds of virtual time pass in a second.
type pacer struct {
	rate   float64 // 0: virtual time does not wait for the wall clock
	frozen bool    // no time passes
	at     Time
	wall   time.Time
	until  Time
}

// set changes the rate from now on, or stops the clock.
func (p *pacer) set(rate float64, frozen bool) {
	p.at, p.wall = p.now(), time.Now()
	p.rate, p.frozen = rate, frozen
}

// reach sets the clock forward to t.
func (p *pacer) reach(t Time) {
	if t > p.now() {
		p.at, p.wall = t, time.Now()
	}
}

// now is the virtual time that the clock has reached.
func (p *pacer) now() Time {
	if p.frozen {
		return p.at
	}
	return p.after(time.Since(p.wall))
}

// after is the virtual time at a duration after p.wall.
func (p *pacer) after(d time.Duration) Time {
	ahead := float64(d) * p.rate
	if ahead >= float64(p.until-p.at) {
		return p.until
	}
	return p.at + Time(ahead)
}

// due is when virtual time t is reached. Rounding never leaves t just out of
// reach then.
func (p *pacer) due(t Time) time.Time {
	const most = math.MaxInt64 / 2 // 146 years: nobody will see what happens then
	real := float64(t-p.at) / p.rate
	if real > most {
		return p.wall.Add(most)
	}
	d := time.Duration(real)
	for step := time.Duration(1); p.after(d) < t; step *= 2 {
		d += step
	}
	return p.wall.Add(d)
}

// setLimit holds back steps that are not due by the wall clock or because of a
// pause, or that would pile up too much.
func (r *run) setLimit() {
	limit := Never
	switch {
	case r.paused:
		limit = r.allowed
	case r.clock.rate > 0:
		limit = r.clock.now()
	}
	if r.holding {
		limit = min(limit, r.coord.Now())
	}
	r.coord.SetLimit(limit)
}
