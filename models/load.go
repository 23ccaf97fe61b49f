package models

import (
	"math"
	"time"

	"github.com/simrun/simrun/sim"
	"github.com/simrun/simrun/sim/random"
)

// Load is the electricity that one household takes: a constant base and
// appliances that are switched on at random, more often when people are up and
// at home.
//
// Model: each appliance starts at the times of a Poisson process whose rate
// follows a weekly profile of its use, in local time; it then takes a constant
// power for a time that is uniform between a half and one and a half of its
// mean. The times are drawn by thinning (P. A. W. Lewis and G. S. Shedler,
// "Simulation of nonhomogeneous Poisson processes by thinning", Naval Research
// Logistics Quarterly 26(3), 1979, pp. 403-413). The idea of switch-on events
// that follow people's activity is that of I. Richardson, M. Thomson, D.
// Infield and C. Clifford, "Domestic electricity use: A high-resolution energy
// demand model", Energy and Buildings 42(10), 2010, pp. 1878-1887.
//
// Simplified against that paper: activity is a fixed profile and no Markov
// chain of occupants, so that appliances are independent of each other; every
// household has all appliances of one table, in which numbers are rounded, of
// the order of those published, and fitted to no survey; there are no seasons,
// no daylight, no electric heating or cooling, no reactive power. Two uses of
// one appliance may overlap.
//
// The rates are scaled so that the expected energy over a year of whole weeks
// is annual_energy (times the household's own factor, if there is a spread).
// Power is the mean over the step, exactly: a household does the same with any
// step size, and all of them together take the same energy.
//
// Without a start date the run begins on a Monday at midnight.
type Load struct {
	AnnualEnergy float64 `param:"annual_energy" unit:"kWh" default:"3500" doc:"expected energy over a year"`
	BaseShare    float64 `param:"base_share" unit:"1" default:"0.25" doc:"share of it that is taken all the time"`
	Spread       float64 `param:"spread" unit:"1" default:"0" doc:"standard deviation of households' energy over its mean (log-normal)"`
	Shift        float64 `param:"clock_spread" unit:"h" default:"0.75" doc:"standard deviation of how much earlier or later households live"`
	UTCOffset    float64 `param:"utc_offset" unit:"h" default:"0" doc:"local time minus UTC"`

	Power sim.Output `attr:"power" unit:"kW" doc:"mean power taken until the next step"`

	step       time.Duration
	base       float64 // kW
	appliances []*usage
}

// NewLoad returns a time-based simulator of [Load] entities, with steps of 15
// min.
func NewLoad() sim.Simulator {
	return sim.NewModel[Load](sim.ModelConfig{Name: "Load", Step: defaultStep,
		Doc: "stochastic electricity demand of a household"})
}

// Init checks the parameters and draws what distinguishes the household.
func (l *Load) Init(env *sim.Env, id string) error {
	var b bounds
	b.within("annual_energy", l.AnnualEnergy, 100, 100_000, "kWh")
	b.within("base_share", l.BaseShare, 0, 1, "")
	b.within("spread", l.Spread, 0, 2, "")
	b.within("clock_spread", l.Shift, 0, 12, "h")
	b.within("utc_offset", l.UTCOffset, -14, 14, "h")
	if err := b.err(); err != nil {
		return err
	}
	l.step = stepOf(env, defaultStep)
	household := env.Random(id, "household")
	// A log-normal factor of mean 1 and standard deviation Spread.
	sigma := math.Sqrt(math.Log1p(l.Spread * l.Spread))
	energy := l.AnnualEnergy * math.Exp(sigma*household.NormFloat64()-sigma*sigma/2) / (365 * 24) // kWh/h
	l.base = energy * l.BaseShare
	clock := weekClock{offset: hourOfWeek(env.Start, l.UTCOffset) + l.Shift*household.NormFloat64()}

	expected := 0.0 // kW, of all appliances at the table's number of uses
	for i := range appliances {
		expected += appliances[i].meanPower()
	}
	scale := (energy - l.base) / expected
	l.appliances = nil
	for i := range appliances {
		l.appliances = append(l.appliances, &usage{appliance: &appliances[i], clock: clock, scale: scale,
			random: env.Random(id, appliances[i].name)})
	}
	return nil
}

// Step gives the mean power from now until the next step.
func (l *Load) Step(s *sim.Step) error {
	from := time.Duration(s.Time()).Hours()
	to := from + l.step.Hours()
	power := l.base
	for _, a := range l.appliances {
		power += a.energy(from, to) / (to - from)
	}
	l.Power.Set(power)
	return nil
}

// usage is one appliance of one household: a Poisson process of switch-on
// times, and those uses that are not over yet. Times are in hours from the
// start of the run.
type usage struct {
	*appliance
	clock   weekClock
	scale   float64 // on the table's number of uses
	random  *random.Stream
	reached float64 // the process has been drawn up to here
	next    use     // the first use not before reached; valid if drawn
	drawn   bool
	running []use
}

type use struct{ on, off float64 }

// energy returns what the appliance takes from one time to another, in kWh.
// The intervals asked for must follow each other.
func (u *usage) energy(from, to float64) float64 {
	for {
		if !u.drawn {
			u.draw()
		}
		if u.next.on >= to {
			break
		}
		u.running = append(u.running, u.next)
		u.drawn = false
	}
	hours := 0.0
	still := u.running[:0]
	for _, r := range u.running {
		hours += min(r.off, to) - max(r.on, from)
		if r.off > to {
			still = append(still, r)
		}
	}
	u.running = still
	return hours * u.power
}

// draw finds the next use by thinning: candidates at the highest rate of the
// week, each kept with the probability of its own rate over the highest.
func (u *usage) draw() {
	highest := u.scale * u.uses / 24 * u.profile.highest // per hour
	if highest <= 0 {
		u.next, u.drawn = use{on: math.Inf(1)}, true
		return
	}
	for {
		u.reached += u.random.ExpFloat64() / highest
		if u.random.Float64()*u.profile.highest < u.profile.at(u.clock.hour(u.reached)) {
			break
		}
	}
	duration := u.minutes / 60 * (0.5 + u.random.Float64())
	u.next, u.drawn = use{u.reached, u.reached + duration}, true
}

// weekClock tells the local hour of the week.
type weekClock struct{ offset float64 }

// hour returns the hour of the week, 0 to 167 from Monday midnight, at a time
// in hours from the start of the run.
func (c weekClock) hour(t float64) int {
	h := math.Mod(c.offset+t, hoursOfWeek)
	if h < 0 {
		h += hoursOfWeek
	}
	return int(h) % hoursOfWeek
}

// hourOfWeek returns the hours since Monday midnight, local time, of a date.
func hourOfWeek(date time.Time, utcOffset float64) float64 {
	if date.IsZero() {
		return 0
	}
	date = date.UTC()
	sinceMidnight := date.Sub(date.Truncate(24 * time.Hour)).Hours()
	return float64((int(date.Weekday())+6)%7)*24 + sinceMidnight + utcOffset
}
