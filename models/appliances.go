package models

const hoursOfWeek = 7 * 24

// appliance is one row of the table of what a household uses.
type appliance struct {
	name    string
	power   float64 // kW while it runs
	minutes float64 // mean time it runs
	uses    float64 // mean number of uses a day, before scaling to the annual energy
	profile *weekProfile
}

// meanPower is the expected power over a week in kW.
func (a *appliance) meanPower() float64 { return a.uses / 24 * a.minutes / 60 * a.power }

// appliances is the table. See [Load] for where its numbers stand.
var appliances = []appliance{
	{"kettle", 2.0, 3, 4, activity},
	{"hob", 1.8, 20, 1.0, cooking},
	{"oven", 2.0, 30, 0.4, cooking},
	{"microwave", 1.2, 5, 1.0, cooking},
	{"dishwasher", 1.1, 60, 0.6, evening},
	{"washing machine", 0.5, 90, 0.6, activity},
	{"tumble dryer", 2.2, 60, 0.35, activity},
	{"television", 0.15, 90, 2, evening},
	{"computer", 0.1, 120, 2, activity},
	{"lighting", 0.08, 40, 12, evening},
	{"vacuum cleaner", 1.0, 20, 0.3, activity},
}

// weekProfile says how an appliance's use is spread over the hours of a week.
type weekProfile struct {
	hours   [hoursOfWeek]float64 // mean 1
	highest float64
}

func (p *weekProfile) at(hour int) float64 { return p.hours[hour] }

// newWeekProfile scales relative numbers for the hours of a weekday and of a
// day of the weekend, local time, to a profile of mean 1.
func newWeekProfile(weekday, weekend [24]float64) *weekProfile {
	p := &weekProfile{}
	sum := 0.0
	for i := range p.hours {
		day := &weekday
		if i >= 5*24 {
			day = &weekend
		}
		p.hours[i] = day[i%24]
		sum += p.hours[i]
	}
	for i := range p.hours {
		p.hours[i] *= hoursOfWeek / sum
		p.highest = max(p.highest, p.hours[i])
	}
	return p
}

var (
	// activity: people are up and at home.
	activity = newWeekProfile(
		[24]float64{2, 1, 1, 1, 1, 2, 5, 8, 6, 4, 4, 4, 5, 5, 4, 5, 6, 8, 9, 9, 9, 8, 6, 4},
		[24]float64{3, 2, 1, 1, 1, 1, 2, 4, 7, 8, 8, 8, 8, 7, 7, 7, 7, 8, 8, 8, 8, 7, 6, 4})
	// cooking: meals, the main one in the evening.
	cooking = newWeekProfile(
		[24]float64{0, 0, 0, 0, 0, 1, 3, 4, 2, 1, 1, 3, 4, 2, 1, 2, 4, 9, 10, 7, 3, 1, 1, 0},
		[24]float64{0, 0, 0, 0, 0, 0, 1, 3, 5, 4, 3, 5, 7, 4, 2, 2, 4, 7, 8, 6, 3, 1, 1, 0})
	// evening: light, television, the dishes after the meals.
	evening = newWeekProfile(
		[24]float64{2, 1, 0, 0, 0, 1, 3, 3, 2, 1, 1, 1, 2, 2, 1, 1, 2, 5, 8, 10, 11, 10, 8, 5},
		[24]float64{3, 2, 1, 0, 0, 0, 1, 2, 3, 3, 2, 2, 3, 3, 2, 2, 3, 5, 8, 10, 10, 10, 8, 5})
)
