package plot

import (
	"math"
	"strconv"
	"time"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/vg"
)

// steps are the distances between two ticks that people can read.
var steps = []time.Duration{
	time.Nanosecond, 10, 100, time.Microsecond, 10 * time.Microsecond, 100 * time.Microsecond,
	time.Millisecond, 2 * time.Millisecond, 5 * time.Millisecond, 10 * time.Millisecond, 20 * time.Millisecond, 50 * time.Millisecond,
	100 * time.Millisecond, 200 * time.Millisecond, 500 * time.Millisecond,
	time.Second, 2 * time.Second, 5 * time.Second, 10 * time.Second, 15 * time.Second, 30 * time.Second,
	time.Minute, 2 * time.Minute, 5 * time.Minute, 10 * time.Minute, 15 * time.Minute, 30 * time.Minute,
	time.Hour, 2 * time.Hour, 3 * time.Hour, 6 * time.Hour, 12 * time.Hour,
	day, 2 * day, 5 * day, 7 * day, 14 * day,
}

const (
	day       = 24 * time.Hour
	mostTicks = 8
)

// timeTicks returns the ticks of a time axis of a width, and its label. Those that have no
// room have no text.
func (f *Figure) timeTicks(width vg.Length) (ticks []plot.Tick, label string) {
	style := textStyle(textSize)
	const gap = 6
	for most := mostTicks; most >= 2; most-- {
		ticks, label = f.atMost(most)
		fit, from := true, 0 // the last tick with a text that stays
		for i := 1; i < len(ticks); i++ {
			apart := width * vg.Length((ticks[i].Value-ticks[from].Value)/(f.To-f.From))
			if apart >= otherFonts*(style.Width(ticks[i].Label)+style.Width(ticks[from].Label))/2+gap {
				from = i
			} else if fit = false; most == 2 {
				ticks[i].Label = ""
			}
		}
		if fit {
			break
		}
	}
	return ticks, label
}

// atMost returns so many ticks, or a few more of months.
func (f *Figure) atMost(most int) (ticks []plot.Tick, label string) {
	span := f.To - f.From
	step := time.Duration(0)
	for _, s := range steps {
		if span/s.Seconds() <= float64(most) {
			step = s
			break
		}
	}
	switch {
	case f.Start.IsZero():
		ticks, unit := f.lengths(step, 0, most)
		return ticks, "time (" + unit + ")"
	case step == 0:
		return f.months(most)
	case step < time.Second:
		second := f.date(f.From).Truncate(time.Second)
		ticks, unit := f.lengths(step, second.Sub(f.Start).Seconds(), most)
		return ticks, unit + " after " + second.Format("2 January 2006 15:04:05") + " (UTC)"
	}
	return f.dates(step)
}

// date is that of a time of the axis.
func (f *Figure) date(t float64) time.Time { return f.Start.Add(time.Duration(t * 1e9)).UTC() }

// lengths are ticks with lengths of time from a zero on, and their unit. If no step is
// given, they are at round numbers of days.
func (f *Figure) lengths(step time.Duration, zero float64, most int) (ticks []plot.Tick, name string) {
	for decade := 10 * day; step == 0; decade *= 10 {
		for _, s := range []time.Duration{decade, 2 * decade, 5 * decade} {
			if (f.To-f.From)/s.Seconds() <= float64(most) {
				step = s
				break
			}
		}
	}
	unit, name := time.Second, "s"
	for _, u := range []struct {
		of   time.Duration
		name string
	}{{time.Millisecond, "ms"}, {time.Microsecond, "µs"}, {time.Nanosecond, "ns"}} {
		if step < unit {
			unit, name = u.of, u.name
		}
	}
	for _, u := range []struct {
		of   time.Duration
		name string
	}{{time.Minute, "min"}, {time.Hour, "h"}, {day, "d"}} {
		if step >= u.of {
			unit, name = u.of, u.name
		}
	}
	for k := math.Ceil((f.From - zero) / step.Seconds()); zero+k*step.Seconds() <= f.To*(1+1e-12); k++ {
		t := k * step.Seconds()
		ticks = append(ticks, plot.Tick{Value: zero + t, Label: strconv.FormatFloat(math.Round(t/unit.Seconds()*1e6)/1e6, 'f', -1, 64)})
	}
	return ticks, name
}

// dates are ticks at round times of the day, or at midnights.
func (f *Figure) dates(step time.Duration) (ticks []plot.Tick, label string) {
	first, last := f.date(f.From), f.date(f.To)
	// Round times of the day begin at midnight.
	midnight := first.Truncate(day)
	at := midnight.Add((first.Sub(midnight) + step - 1) / step * step)
	layout := "15:04"
	if step < time.Minute {
		layout = "15:04:05"
	}
	dated := last.Sub(first) > day || first.YearDay() != last.YearDay() && last.Sub(first) > step
	for ; !at.After(last); at = at.Add(step) {
		text := at.Format(layout)
		if step >= day || dated && at.Equal(at.Truncate(day)) {
			text = at.Format("2 Jan")
			if step == day {
				text = at.Format("Mon 2 Jan")
			}
		}
		ticks = append(ticks, plot.Tick{Value: at.Sub(f.Start).Seconds(), Label: text})
	}
	switch {
	case !dated && step < day:
		label = first.Format("2 January 2006")
	case first.Year() == last.Year() || last.Sub(time.Date(last.Year(), 1, 1, 0, 0, 0, 0, time.UTC)) == 0:
		label = first.Format("2006")
	default:
		label = first.Format("2006") + "/" + last.Format("2006")
	}
	return ticks, label + " (UTC)"
}

// months are ticks at the first of months, or of years.
func (f *Figure) months(most int) (ticks []plot.Tick, label string) {
	first, last := f.date(f.From), f.date(f.To)
	total := (last.Year()-first.Year())*12 + int(last.Month()-first.Month()) + 1
	step := 1
	for _, step = range []int{1, 2, 3, 6, 12, 24, 60, 120, 600} {
		if total/step <= most+4 {
			break
		}
	}
	year, month := first.Year(), 1
	if step > 12 {
		year -= year % (step / 12)
	}
	for at := time.Date(year, time.Month(month), 1, 0, 0, 0, 0, time.UTC); !at.After(last); at = at.AddDate(0, step, 0) {
		if at.Before(first) {
			continue
		}
		text := at.Format("Jan")
		if at.Month() == time.January {
			text = at.Format("2006")
		}
		ticks = append(ticks, plot.Tick{Value: at.Sub(f.Start).Seconds(), Label: text})
	}
	if first.Year() == last.Year() {
		return ticks, first.Format("2006") + " (UTC)"
	}
	return ticks, "date (UTC)"
}
