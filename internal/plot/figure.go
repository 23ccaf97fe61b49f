package plot

import "time"

// Figure is what is drawn: panels above each other over one time axis.
type Figure struct {
	Title    string    // "" for none
	Start    time.Time // date of time 0; zero: the axis has lengths of time
	From, To float64   // ends of the time axis, in seconds
	Panels   []Panel
}

// Panel is one pair of axes.
type Panel struct {
	Name     string // of what the vertical axis measures
	Unit     string // of that, "" for none
	Families []Family
}

// Family is what has one colour and one entry in the legend: one curve, or many
// and their mean.
type Family struct {
	Name   string
	Events bool      // dots; otherwise steps
	Curves [][]Point // at least one
	Each   string    // what there is a curve for, if it needs saying: "runs"
	Color  int       // number in the palette
}
