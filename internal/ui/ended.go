package ui

import (
	"errors"
	"io"
	"strings"
	"sync"
	"time"

	"github.com/simrun/simrun/internal/results"
	"github.com/simrun/simrun/sim"
)

// Ended is the View of a run folder. The values of a series are read when somebody
// chooses it.
type Ended struct {
	run    *results.Stored
	killed bool // or under way: the manifest tells nothing of its end
	about  About
	state  State
	lines  []Line

	agents last[Message]

	mu     sync.Mutex
	tracks map[int]*track
	unread error // why tracks may not have all values
}

// NewEnded returns the view of a run that has ended. Of one that was killed it reads all
// values, to tell how far it got.
func NewEnded(run *results.Stored) *Ended {
	m := &run.Manifest
	e := &Ended{run: run, killed: !m.Complete && m.Wall.End == nil, tracks: make(map[int]*track)}
	var names []string
	var entities []map[string]int
	var all []sim.Activity
	failed := false
	for i := range m.Simulators {
		s := &m.Simulators[i]
		failed = failed || s.Failed
		names, entities = append(names, s.Name), append(entities, s.Entities)
		if e.killed {
			continue // nothing is known of what it has cost
		}
		all = append(all, sim.Activity{Sim: s.Name, State: endState(m.Complete, s.Failed), At: sim.Never, Stats: s.Stats()})
		e.state.Steps += s.Steps
	}
	e.about = newAbout(m.Scenario.Name, run.Dir, run.Start(), names, entities, m.Links)
	e.about.Series = len(run.Series)
	number := func(text interface{ Float64() (float64, error) }) float64 { f, _ := text.Float64(); return f } // written by this program
	e.state.Reached, e.state.Until = number(m.Virtual.Reached), number(m.Virtual.Until)
	e.state.Rows, e.state.Error = m.Rows, m.Error
	switch {
	case m.Complete:
		e.state.Phase = phaseDone
	case e.killed:
		e.state.Phase = phaseStopped
		e.state.Error = "The run is under way, or was killed. What it has written is shown."
		e.measure()
	case !failed && strings.Contains(m.Error, sim.ErrInterrupted.Error()): // a failure may have any text
		e.state.Phase = phaseStopped
	default:
		e.state.Phase = phaseFailed
	}
	wall := time.Duration(m.Wall.Running * float64(time.Second))
	e.state.fill(wall, m.Virtual.Pace, all, time.Now())
	if wall > 0 {
		e.state.Speed = e.state.Reached / wall.Seconds()
	}
	for _, text := range m.Warnings {
		e.lines = append(e.lines, Line{len(e.lines) + 1, -1, "simrun", text})
	}
	for _, p := range newLogFiles(run.LogDir()).read() {
		e.lines = append(e.lines, Line{len(e.lines) + 1, -1, p.from, p.text})
	}
	return e
}

// measure finds how far a run got, and with how many values, from those that are there.
func (e *Ended) measure() {
	err := e.run.Rows(func(row sim.Row) error {
		e.state.Rows++
		e.state.Reached = row.Time.Seconds()
		return nil
	})
	if err != nil {
		e.state.Error += " Not all of it can be read: " + err.Error()
	}
}

// Trace shows the messages of agents in the steps of the run's trace, which next returns until
// it is io.EOF, and counts the steps of a run that was killed. It must be called before the
// view is used.
func (e *Ended) Trace(next func() (*sim.TraceStep, error)) error {
	for {
		step, err := next()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		if e.killed {
			e.state.Steps++
			e.state.Reached = max(e.state.Reached, step.Stamp.Time.Seconds())
		}
		for i := range step.Agents {
			if event := &step.Agents[i]; event.Message != nil {
				m := messageOf(event)
				e.agents.add(func(n int) Message { m.Number = n; return m })
			}
		}
	}
}

// About implements View.
func (e *Ended) About() About { return e.about }

// State implements View.
func (e *Ended) State() State { return e.state }

// Find implements View.
func (e *Ended) Find(text string) ([]Series, int) { return find(e.run.Series, text) }

// mostTracks is how many series are kept once they have been read.
const mostTracks = 256

// Choose implements View: it reads the values of the run once for all that have
// not been read.
func (e *Ended) Choose(ids []int) error {
	e.mu.Lock()
	defer e.mu.Unlock()
	if len(e.tracks) > mostTracks {
		clear(e.tracks)
	}
	wanted := make(map[int]*track)
	for _, id := range ids {
		if e.tracks[id] == nil && id < len(e.run.Series) {
			wanted[id] = newTrack()
		}
	}
	if len(wanted) == 0 {
		return e.unread
	}
	e.unread = e.run.Rows(func(row sim.Row) error {
		if k := wanted[row.Series]; k != nil {
			k.take(&row)
		}
		return nil
	})
	// What can be read of a file is shown, also if that is not all of it.
	for id, k := range wanted {
		e.tracks[id] = k
	}
	return e.unread
}

// News implements View.
func (e *Ended) News(id int, s *shown) Points {
	e.mu.Lock()
	defer e.mu.Unlock()
	if k := e.tracks[id]; k != nil {
		return k.news(id, s)
	}
	return Points{ID: id, T: []float64{}, V: []float64{}}
}

// Lines implements View.
func (e *Ended) Lines(after int) []Line { return e.lines[min(after, len(e.lines)):] }

// Messages implements View.
func (e *Ended) Messages(after int) []Message { return e.agents.after(after) }

// Over implements View: the channel is closed.
func (e *Ended) Over() <-chan struct{} { return closed }

var closed = func() chan struct{} { c := make(chan struct{}); close(c); return c }()

// Act implements View.
func (e *Ended) Act(Action) error { return errors.New("the run has ended") }
