package scheduler

import (
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"
)

// Time is an instant of virtual time: whole nanoseconds since the start of the
// run. It covers about 292 years either side of the start. It is never a
// float64; conversions to and from the peers' float seconds or integer steps
// happen at the edges and are exact or an error.
type Time int64

// Never is later than every instant that can happen. "No next event" is Never.
const Never Time = math.MaxInt64

// Second and its like make instants readable: 90*scheduler.Second.
const (
	Nanosecond  Time = 1
	Microsecond      = 1000 * Nanosecond
	Millisecond      = 1000 * Microsecond
	Second           = 1000 * Millisecond
	Minute           = 60 * Second
	Hour             = 60 * Minute
	Day              = 24 * Hour
)

// Add returns t+d. A sum beyond the range of Time is Never, so that "later
// than anything" survives arithmetic; d must not be negative.
func (t Time) Add(d time.Duration) Time {
	sum := t + Time(d)
	if sum < t {
		return Never
	}
	return sum
}

// Sub returns the duration t-u.
func (t Time) Sub(u Time) time.Duration { return time.Duration(t - u) }

// Seconds returns t as a floating-point number of seconds, for display and for
// peers that count so. It is exact up to 2^53 ns, about 104 days.
func (t Time) Seconds() float64 { return float64(t) / float64(Second) }

// AppendSeconds appends t in seconds with as many decimals as it needs, exactly:
// 900, 0.5, 0.000000001.
func (t Time) AppendSeconds(dst []byte) []byte {
	if t < 0 {
		dst = append(dst, '-')
		if t == math.MinInt64 {
			return append(dst, "9223372036.854775808"...)
		}
		t = -t
	}
	dst = strconv.AppendInt(dst, int64(t/Second), 10)
	if frac := t % Second; frac != 0 {
		digits := fmt.Sprintf("%09d", int64(frac))
		dst = append(dst, '.')
		dst = append(dst, strings.TrimRight(digits, "0")...)
	}
	return dst
}

// String gives t in seconds, as errors show it: "900s", or "never".
func (t Time) String() string {
	if t == Never {
		return "never"
	}
	return string(append(t.AppendSeconds(nil), 's'))
}
