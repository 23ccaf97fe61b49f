package stat

import (
	"fmt"
	"math"

	"github.com/simrun/simrun/scheduler"
)

// TimeWeighted collects a quantity that holds a value until it is set to another one,
// such as the length of a queue: each value counts for as long as it lasted, in virtual
// time (Law, section 1.4.1: time-average number in queue). Its zero value is ready for
// use; observation begins with the first Set.
//
// Mean and variance are updated with each change (D. H. D. West, "Updating Mean and
// Variance Estimates: An Improved Method", Communications of the ACM 22(9), 1979).
//
// After a NaN or an infinity all figures are NaN until a Reset finds a finite value.
type TimeWeighted struct {
	set      bool
	last     scheduler.Time // of the last Set or Reset
	value    float64        // since then
	elapsed  uint64         // nanoseconds observed up to last
	mean     float64        // over them
	squares  float64        // integral of squared distances from the mean
	min, max float64        // of values, the present one included
}

// Set says that the quantity has value v from time now on. Several values may be set at
// one time: the last one counts, the others only for Min and Max. It panics if now is
// before the last call.
func (t *TimeWeighted) Set(now scheduler.Time, v float64) {
	v = finite(v)
	if !t.set {
		t.set, t.last = true, now
		t.min, t.max = v, v
	}
	t.advance(now)
	if v != v { // it may last for no time
		t.mean, t.squares = v, v
	}
	t.value = v
	t.min, t.max = min(t.min, v), max(t.max, v)
}

// Reset forgets all that was before time now, at the end of the warm-up of a run or of
// a batch, say. The value stays. It panics if now is before the last call.
func (t *TimeWeighted) Reset(now scheduler.Time) {
	if !t.set {
		return
	}
	t.advance(now)
	*t = TimeWeighted{set: true, last: now, value: t.value, min: t.value, max: t.value}
}

// advance counts the present value up to now.
func (t *TimeWeighted) advance(now scheduler.Time) {
	if now <= t.last {
		if now < t.last {
			panic(fmt.Sprintf("stat: TimeWeighted goes back from %v to %v; times must not decrease", t.last, now))
		}
		return
	}
	lasted := uint64(now) - uint64(t.last) // right even where a Time would overflow
	t.last = now
	t.elapsed += lasted
	d := t.value - t.mean
	t.mean += d * (float64(lasted) / float64(t.elapsed))
	t.squares += float64(lasted) * d * (t.value - t.mean)
}

// Value returns the present value; NaN before the first Set.
func (t *TimeWeighted) Value() float64 {
	if !t.set {
		return math.NaN()
	}
	return t.value
}

// Mean returns the mean over time up to now; NaN if no time was observed. It panics if
// now is before the last change.
func (t *TimeWeighted) Mean(now scheduler.Time) float64 {
	mean, _ := t.moments(now)
	return mean
}

// Variance returns the mean, over time up to now, of the squared distance from the
// mean; NaN if no time was observed. It panics if now is before the last change.
func (t *TimeWeighted) Variance(now scheduler.Time) float64 {
	_, variance := t.moments(now)
	return variance
}

func (t *TimeWeighted) moments(now scheduler.Time) (mean, variance float64) {
	if !t.set {
		return math.NaN(), math.NaN()
	}
	until := *t
	until.advance(now)
	if until.elapsed == 0 {
		return math.NaN(), math.NaN()
	}
	return until.mean, until.squares / float64(until.elapsed)
}

// Min returns the least value; NaN before the first Set.
func (t *TimeWeighted) Min() float64 {
	if !t.set {
		return math.NaN()
	}
	return t.min
}

// Max returns the largest value; NaN before the first Set.
func (t *TimeWeighted) Max() float64 {
	if !t.set {
		return math.NaN()
	}
	return t.max
}
