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

// niceTicks are four to eight round numbers that span low to high or almost.
func niceTicks(low, high float64) []plot.Tick {
	const wanted = 5
	raw := (high - low) / wanted
	power := math.Pow(10, math.Floor(math.Log10(raw)))
	step := power
	for _, m := range []float64{1, 2, 2.5, 5, 10} {
		if step = m * power; (high-low)/step <= wanted+0.5 {
			break
		}
	}
	decimals := 0
	for s := step; decimals < 12 && math.Abs(s-math.Round(s)) > 1e-6; s *= 10 {
		decimals++
	}
	var ticks []plot.Tick
	for k := math.Ceil(low/step - 1e-9); k*step <= high+1e-9*step; k++ {
		k += 0 // a negative zero would be written with a minus
		ticks = append(ticks, plot.Tick{Value: k * step, Label: tickLabel(k*step, step, decimals)})
	}
	if len(ticks) == 0 { // numbers that floats can hardly tell apart
		ticks = append(ticks, plot.Tick{Value: low, Label: strconv.FormatFloat(low, 'g', 6, 64)})
	}
	return ticks
}

// tickLabel writes a number with a true minus and as few digits as tell the ticks apart.
func tickLabel(v, step float64, decimals int) string {
	text := strconv.FormatFloat(v, 'f', decimals, 64)
	if abs := math.Abs(v); abs >= 1e6 || step < 1e-4 {
		text = strconv.FormatFloat(v, 'g', 6, 64)
		if abs < step/2 {
			text = "0"
		}
	}
	return strings.ReplaceAll(text, "-", "−")
}
