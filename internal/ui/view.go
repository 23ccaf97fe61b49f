package ui

import (
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/simrun/simrun/internal/format"
	"github.com/simrun/simrun/internal/profile"
	"github.com/simrun/simrun/internal/results"
	"github.com/simrun/simrun/sim"
)

// A View is what the page shows: a run under way ([Live]) or one that has ended
// ([Ended]). Its methods are called from any goroutine.
type View interface {
	// About is what does not change.
	About() About
	// State is how the run is now.
	State() State
	// Find returns the recorded series whose names contain the text, the first of them, and
	// how many there are.
	Find(text string) ([]Series, int)
	// Choose tells which series somebody wants to see. It may take long. The error says why
	// not all of their values can be shown.
	Choose(ids []int) error
	// News is what has come to a chosen series.
	News(id int, s *shown) Points
	// Lines and Messages return what has come after the given number.
	Lines(after int) []Line
	Messages(after int) []Message
	// Over is closed when nothing changes any more.
	Over() <-chan struct{}
	// Act acts on the run. The error says why that is not possible.
	Act(Action) error
}

// About is what of a run does not change. Names of spans of time carry the unit.
type About struct {
	Name   string    `json:"name"`
	Folder string    `json:"folder"`
	Start  *float64  `json:"start_unix,omitempty"` // date of time 0 in seconds since 1970
	Live   bool      `json:"live"`                 // the run can be acted upon
	Sims   []SimInfo `json:"simulators"`           // the first of them, see mostDrawn
	More   int       `json:"more_simulators"`
	Links  []Link    `json:"links"`
	Series int       `json:"series"`
}

// SimInfo is a simulator.
type SimInfo struct {
	Name   string   `json:"name"`
	Models []string `json:"models"` // as in "10 Load"
}

// Link stands for all connections from one simulator to another.
type Link struct {
	From        int     `json:"from"` // in About.Sims
	To          int     `json:"to"`
	Connections int     `json:"connections"`
	Shift       float64 `json:"shift_seconds"` // 0: some are not shifted
	Weak        bool    `json:"weak"`
}

// mostDrawn is how many simulators are drawn, and mostListed how many are listed at a
// time: those that have taken the most time. A page with thousands helps nobody.
const (
	mostDrawn  = 48
	mostListed = 60
)

// Phases of a run.
const (
	phaseStarting = "starting"
	phaseRunning  = "running"
	phasePaused   = "paused"
	phaseDone     = "done"
	phaseFailed   = "failed"
	phaseStopped  = "stopped"
)

// State is how a run is at a moment.
type State struct {
	Phase   string  `json:"phase"`
	Error   string  `json:"error,omitempty"`
	Reached float64 `json:"reached_seconds"`
	Until   float64 `json:"until_seconds"`
	Wall    float64 `json:"wall_seconds"`
	Speed   float64 `json:"speed"`                  // virtual time over real time, of late
	Left    float64 `json:"left_seconds,omitempty"` // 0: not known
	Steps   int64   `json:"steps"`
	Rows    int64   `json:"rows"`
	Pace    float64 `json:"pace"`        // 0: as fast as possible
	Lag     float64 `json:"lag_seconds"` // how far behind that the latest step has ended
	// Bottleneck is what takes the time, in a sentence.
	Bottleneck string         `json:"bottleneck"`
	Count      map[string]int `json:"count"` // of simulators, by state
	Sims       []SimState     `json:"simulators"`
	More       int            `json:"more_simulators"`
	Drawn      []Doing        `json:"drawn"` // of those that are drawn, see mostDrawn

	activities []sim.Activity // of all
	wall       time.Duration
}

// Doing is what a simulator does at a moment.
type Doing struct {
	Name  string `json:"name"`
	State string `json:"state"`
	For   string `json:"for,omitempty"`
}

// SimState is what a simulator does at a moment, and has cost until then.
type SimState struct {
	Name      string   `json:"name"`
	State     string   `json:"state"`
	At        *float64 `json:"at_seconds,omitempty"`
	For       string   `json:"for,omitempty"`
	Since     float64  `json:"since_seconds"` // wall time in this step, or since the last one
	Steps     int64    `json:"steps"`
	Own       float64  `json:"own_seconds"`
	Waiting   float64  `json:"waiting_seconds"`
	Messaging float64  `json:"messaging_seconds"`
	Step      float64  `json:"step_seconds"`  // of virtual time, on average; negative: not known
	Asked     float64  `json:"asked_seconds"` // the same, as the simulator has asked for
	Early     int64    `json:"early_steps"`
	Messages  int64    `json:"messages"`
	Bytes     int64    `json:"bytes"`
	WaitsFor  string   `json:"waits_for"` // in words
}

// stateOf is what the page shows of a simulator.
func stateOf(a *sim.Activity, now time.Time) SimState {
	got, asked := profile.StepSize(a.Stats)
	t := a.Stats.Traffic
	for _, c := range a.Stats.Containers {
		t.Sent, t.Received = t.Sent+c.Traffic.Sent, t.Received+c.Traffic.Received
		t.BytesSent, t.BytesReceived = t.BytesSent+c.Traffic.BytesSent, t.BytesReceived+c.Traffic.BytesReceived
	}
	s := SimState{Name: a.Sim, State: string(a.State), For: a.For, Steps: a.Stats.Steps,
		Own: a.Stats.Own.Seconds(), Waiting: a.Stats.Waiting.Seconds(), Messaging: a.Stats.Messaging.Seconds(),
		Step: got.Seconds(), Asked: asked.Seconds(), Early: a.Stats.Early,
		Messages: t.Sent + t.Received, Bytes: t.BytesSent + t.BytesReceived, WaitsFor: profile.WaitedFor(a.Stats.For)}
	if a.At != sim.Never {
		at := a.At.Seconds()
		s.At = &at
	}
	if !a.Since.IsZero() {
		s.Since = max(0, now.Sub(a.Since).Seconds())
	}
	return s
}

// fill enters all that follows from what the simulators do.
func (s *State) fill(wall time.Duration, pace float64, all []sim.Activity, now time.Time) {
	s.wall, s.activities = wall, all
	s.Wall = wall.Seconds()
	s.Count = make(map[string]int)
	costs := make([]profile.Cost, len(all))
	for i, a := range all {
		s.Count[string(a.State)]++
		costs[i] = profile.Cost{Sim: a.Sim, Stats: a.Stats}
	}
	s.Bottleneck = profile.Bottleneck(wall, pace, costs)
	s.More = max(0, len(all)-mostListed)
	s.Sims = []SimState{}
	for i, marked := range profile.Longest(len(all), mostListed, func(i int) time.Duration { return all[i].Stats.Own + all[i].Stats.Messaging }) {
		if marked {
			s.Sims = append(s.Sims, stateOf(&all[i], now))
		}
	}
	s.Drawn = []Doing{}
	for _, a := range all[:min(len(all), mostDrawn)] {
		s.Drawn = append(s.Drawn, Doing{a.Sim, string(a.State), a.For})
	}
}

// Series is a recorded series.
type Series struct {
	ID    int    `json:"id"`
	Name  string `json:"name"`
	Unit  string `json:"unit"`
	Event bool   `json:"event"`
}

// mostFound is how many series a search returns.
const mostFound = 50

// find looks for series by their names.
func find(series []sim.Series, text string) ([]Series, int) {
	text = strings.ToLower(text)
	found, n := []Series{}, 0
	for i, s := range series {
		name := s.Entity + "." + s.Attr
		if text != "" && !strings.Contains(strings.ToLower(name), text) && !strings.Contains(strings.ToLower(s.FullID), text) {
			continue
		}
		if n++; len(found) < mostFound {
			found = append(found, Series{i, name, s.Unit, s.Event})
		}
	}
	return found, n
}

// Points is what has come to a series: the first Keep points that were shown stay.
type Points struct {
	ID     int       `json:"id"`
	Keep   int       `json:"keep"`
	T      []float64 `json:"t"` // seconds
	V      []float64 `json:"v"`
	Latest string    `json:"latest"` // value, as recorded, whatever it is; empty: none yet
	At     float64   `json:"at_seconds"`
	Since  float64   `json:"since_seconds"` // values before are not known here
}

// track is a series that is kept for the page.
type track struct {
	curve Curve
	other sim.Value // the latest value, if it is not the last of the curve
	at    sim.Time  // of other
	has   bool      // there is other
	since sim.Time
}

func newTrack() *track { return &track{curve: *NewCurve(bucketsPerCurve)} }

func (k *track) take(row *sim.Row) {
	v, err := row.Value.Float64()
	if err == nil && k.curve.Add(row.Time, v) && row.Value.Kind() == sim.KindFloat {
		k.other, k.has = sim.Null, false
		return
	}
	k.other, k.at, k.has = row.Value, row.Time, true
}

func (k *track) news(id int, s *shown) Points {
	keep, more := k.curve.news(s)
	p := Points{ID: id, Keep: keep, T: make([]float64, len(more)), V: make([]float64, len(more)), Since: k.since.Seconds()}
	for i, m := range more {
		p.T[i], p.V[i] = m.t.Seconds(), m.v
	}
	if k.has {
		p.Latest, p.At = k.other.String(), k.at.Seconds()
	} else if len(k.curve.buckets) > 0 {
		last := k.curve.last.latest
		p.Latest, p.At = sim.Float(last.v).String(), last.t.Seconds()
	}
	return p
}

// changed reports whether there is anything in p that was not shown before, and notes
// that it is.
func (s *shown) changed(p *Points) bool {
	if s.told && s.latest == p.Latest && s.at == p.At {
		return false
	}
	s.told, s.latest, s.at = true, p.Latest, p.At
	return true
}

// Line is a line of a log.
type Line struct {
	Number int     `json:"number"`     // from 1 on
	At     float64 `json:"at_seconds"` // virtual time; negative: not known
	From   string  `json:"from"`
	Text   string  `json:"text"`
}

// Message is one between agents.
type Message struct {
	Number int     `json:"number"` // from 1 on
	At     float64 `json:"at_seconds"`
	Round  int     `json:"round"`
	Kind   string  `json:"kind"` // call, answer, message
	Fate   string  `json:"fate"` // arrived, lost
	From   string  `json:"from"`
	To     string  `json:"to"`
	Text   string  `json:"text"`
	Gap    bool    `json:"gap"` // between the message before and this one are some that are not known
}

// Action is what a button asks for.
type Action struct {
	Do   string  `json:"do"`   // pause, resume, step, pace, stop
	Pace float64 `json:"pace"` // of pace: 0 is as fast as possible
}

// last keeps the newest of numbered things.
type last[T any] struct {
	all  []T
	next int // number of the next
}

// mostKept is how many lines or messages are kept.
const mostKept = 500

// add adds what make returns for its number.
func (l *last[T]) add(make func(number int) T) {
	l.next++
	if len(l.all) >= 2*mostKept {
		l.all = append(l.all[:0], l.all[mostKept:]...)
	}
	l.all = append(l.all, make(l.next))
}

// after returns a copy of what came after a number.
func (l *last[T]) after(number int) []T {
	n := min(max(l.next-number, 0), mostKept, len(l.all))
	return slices.Clone(l.all[len(l.all)-n:])
}

// newAbout describes a run. entities count those of a simulator by model.
func newAbout(name, folder string, start time.Time, sims []string, entities []map[string]int, links []results.Link) About {
	a := About{Name: name, Folder: folder, Sims: []SimInfo{}, More: max(0, len(sims)-mostDrawn), Links: []Link{}}
	if !start.IsZero() {
		unix := float64(start.UnixMilli()) / 1000
		a.Start = &unix
	}
	place := make(map[string]int)
	for i, sim := range sims[:min(len(sims), mostDrawn)] {
		place[sim] = i
		info := SimInfo{Name: sim, Models: []string{}}
		for _, model := range slices.Sorted(maps.Keys(entities[i])) {
			info.Models = append(info.Models, format.Count(int64(entities[i][model]))+" "+model)
		}
		a.Sims = append(a.Sims, info)
	}
	for _, l := range links {
		from, ok1 := place[l.From]
		to, ok2 := place[l.To]
		if ok1 && ok2 {
			a.Links = append(a.Links, Link{from, to, l.Connections, l.Shift, l.Weak})
		}
	}
	return a
}
