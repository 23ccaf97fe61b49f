package plot

import (
	"math"
	"strconv"
	"strings"

	"gonum.org/v1/plot"
)

// limits are the least and the largest number of a panel, with some room.
func (p *Panel) limits(to float64) (low, high float64) {
	low, high = math.Inf(1), math.Inf(-1)
	for _, f := range p.Families {
		for _, points := range f.Curves {
			for _, q := range points {
				if q.T <= to && drawable(q.V) {
					low, high = min(low, q.V), max(high, q.V)
				}
			}
		}
	}
	switch span := high - low; {
	case low > high: // there is no number
		return 0, 1
	case span <= 1e-12*max(math.Abs(low), math.Abs(high)):
		room := math.Abs(low) * 0.1
		if room == 0 {
			room = 1
		}
		return low - room, high + room
	case low >= 0 && low < 0.4*high: // zero is close enough to be shown
		low = 0
		return low, high + 0.03*(high-low)
	default:
		return low - 0.03*span, high + 0.03*span
	}
}

// drawable reports whether a number has a place: NaN has none, nor have those
// whose differences are not floats.
func drawable(v float64) bool { return math.Abs(v) < 1e300 }

// whole reports whether all numbers of a panel are whole, and not all one.
func (p *Panel) whole() bool {
	low, high := math.Inf(1), math.Inf(-1)
	for _, f := range p.Families {
		for _, points := range f.Curves {
			for _, q := range points {
				if drawable(q.V) {
					low, high = min(low, q.V), max(high, q.V)
					if q.V != math.Trunc(q.V) {
						return false
					}
				}
			}
		}
	}
	return low < high
}

// niceTicks are round numbers that span low to high or almost, about as many as wanted,
// whole ones if that is asked for. The labels are to be multiplied by 10 to the power,
// which is a multiple of three, and 0 unless they were very long otherwise.
func niceTicks(low, high float64, wanted int, whole bool) (ticks []plot.Tick, power int) {
	raw := (high - low) / float64(wanted)
	decade := math.Pow(10, math.Floor(math.Log10(raw)))
	step := decade
	for _, m := range []float64{1, 2, 2.5, 5, 10} {
		if step = m * decade; (high-low)/step <= float64(wanted)+0.5 {
			break
		}
	}
	if whole && step < 1 {
		step = 1
	}
	if most := max(math.Abs(low), math.Abs(high)); most >= 1e6 || most < 1e-3 && most > 1e-300 {
		power = 3 * int(math.Floor(math.Log10(most)/3+1e-9))
	}
	scale := math.Pow(10, float64(power))
	decimals := 0
	for s := step / scale; decimals < 16 && math.Abs(s-math.Round(s)) > 1e-6*math.Abs(s); s *= 10 {
		decimals++
	}
	label := func(v float64) string {
		if math.Abs(v) < step/2 {
			v = 0 // a negative zero would be written with a minus
		}
		return strings.ReplaceAll(strconv.FormatFloat(v/scale, 'f', decimals, 64), "-", "−")
	}
	for k := math.Ceil(low/step - 1e-9); k*step <= high+1e-9*step; k++ {
		ticks = append(ticks, plot.Tick{Value: k * step, Label: label(k * step)})
	}
	if len(ticks) == 0 { // numbers that floats can hardly tell apart
		ticks = append(ticks, plot.Tick{Value: low, Label: label(low)})
	}
	return ticks, power
}
