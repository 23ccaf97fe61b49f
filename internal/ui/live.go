package ui

import (
	"context"
	"errors"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/simrun/simrun/internal/progress"
	"github.com/simrun/simrun/internal/results"
	"github.com/simrun/simrun/sim"
)

const (
	// bucketsPerCurve is how many buckets a curve has, which take up to 74 kB.
	bucketsPerCurve = 1024
	// mostKeptSeries is up to how many series all are kept from the beginning. Of
	// more, those are kept that somebody wants to see, from then on, and as many at most:
	// to look up one of thousands for each value takes longer than all the rest.
	mostKeptSeries = 256
	// snapshotAge is how old a snapshot may be that is shown. One that takes long, of thousands
	// of simulators, may be older, by this multiple of the time that it takes.
	snapshotAge   = 200 * time.Millisecond
	snapshotShare = 100
)

// Live is the View of a run under way. Make it before the world, record through its Sink,
// and tell it when the run begins and how it ends.
type Live struct {
	cfg   LiveConfig
	logs  *logFiles
	began atomic.Pointer[beginning]
	over  chan struct{}

	quit      chan struct{} // ends following
	following sync.WaitGroup

	mu     sync.Mutex // protects the following; held for microseconds only
	series []sim.Series
	tracks []*track // by series; nil: not kept
	kept   []int    // by series, the first from there on that is kept; if there is none, how many series there are
	chosen int      // how many are kept because of a choice
	rows   int64
	at     sim.Time // of the last row
	lines  last[Line]
	agents last[Message]
	room   int  // for messages until somebody looks again
	missed bool // some messages since the last that is kept

	wanted atomic.Bool // there is room, see Wants

	looking  sync.Mutex // protects the following
	snapshot State
	taken    time.Time
	cost     time.Duration // of the snapshot
	speed    progress.Estimate
	end      *State
}

// LiveConfig is what a Live is told of a run.
type LiveConfig struct {
	Name, Folder string
	LogDir       string // of simulators' logs, which are shown
	Control      *sim.Control
	Stop         func() // ends the run as Ctrl-C does
}

// beginning is what is known once the run begins.
type beginning struct {
	world *sim.World
	about About
	wall  time.Time
}

// NewLive returns a Live of a run that has not begun.
func NewLive(cfg LiveConfig) *Live {
	l := &Live{cfg: cfg, logs: newLogFiles(cfg.LogDir), over: make(chan struct{}), quit: make(chan struct{})}
	l.makeRoom()
	return l
}

// Begin tells that the run of a world begins. End must be called then.
func (l *Live) Begin(w *sim.World) {
	var names []string
	var entities []map[string]int
	for _, in := range w.Instances() {
		names, entities = append(names, in.Name()), append(entities, results.EntitiesOf(in))
	}
	about := newAbout(l.cfg.Name, l.cfg.Folder, w.Date(0), names, entities, results.LinksOf(w))
	about.Live = true
	l.looking.Lock()
	l.readLogs(0)
	l.looking.Unlock()
	l.began.Store(&beginning{w, about, time.Now()})
	l.following.Go(l.follow)
}

// follow notes when simulators print something and how fast the run is, also while nobody
// looks.
func (l *Live) follow() {
	ticker := time.NewTicker(tick)
	defer ticker.Stop()
	for {
		select {
		case <-l.quit:
			return
		case now := <-ticker.C:
			reached := l.began.Load().world.Status().Reached
			l.looking.Lock()
			l.speed.Add(now, reached)
			l.readLogs(reached)
			l.looking.Unlock()
		}
	}
}

// End tells how the run has ended. summary is nil if it has not begun.
func (l *Live) End(summary *sim.Summary, failure error) {
	close(l.quit)
	l.following.Wait()
	l.looking.Lock()
	defer l.looking.Unlock()
	s := l.now(time.Now())
	s.Phase, s.Left, s.Speed = phaseDone, 0, 0
	if summary != nil {
		s.Reached = summary.Reached.Seconds()
		var failed *sim.SimulatorError
		errors.As(failure, &failed)
		var all []sim.Activity
		for _, in := range summary.Instances {
			state := endState(summary.Complete, failed != nil && in.Name() == failed.Sim)
			all = append(all, sim.Activity{Sim: in.Name(), State: state, At: sim.Never, Stats: in.Stats()})
		}
		s.fill(summary.Wall, s.Pace, all, time.Now())
		if summary.Wall > 0 {
			s.Speed = float64(summary.Reached) / float64(summary.Wall)
		}
	}
	switch {
	case errors.Is(failure, sim.ErrInterrupted) || errors.Is(failure, context.Canceled):
		s.Phase = phaseStopped
	case failure != nil:
		s.Phase, s.Error = phaseFailed, failure.Error()
	}
	l.end = &s
	close(l.over)
}

// States of simulators after a run that did not get to its end.
const (
	stateFailed  sim.State = "failed"  // it is why
	stateStopped sim.State = "stopped" // another one is
)

// endState is the state of a simulator after a run.
func endState(complete, failed bool) sim.State {
	switch {
	case failed:
		return stateFailed
	case complete:
		return sim.StateDone
	}
	return stateStopped
}

// About implements View.
func (l *Live) About() About {
	b := l.began.Load()
	if b == nil {
		return newAbout(l.cfg.Name, l.cfg.Folder, time.Time{}, nil, nil, nil)
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	about := b.about
	about.Series = len(l.series)
	return about
}

// State implements View.
func (l *Live) State() State {
	l.looking.Lock()
	defer l.looking.Unlock()
	if l.end != nil {
		return *l.end
	}
	if now := time.Now(); now.Sub(l.taken) >= max(snapshotAge, snapshotShare*l.cost) {
		l.snapshot, l.taken = l.now(now), now
		l.makeRoom()
		l.cost = time.Since(now)
	}
	return l.snapshot
}

// now takes a snapshot. l.looking is held.
func (l *Live) now(now time.Time) State {
	b := l.began.Load()
	if b == nil {
		l.readLogs(0)
		return State{Phase: phaseStarting, Count: map[string]int{}, Sims: []SimState{}}
	}
	status := b.world.Status()
	s := State{Lag: status.Lag.Seconds(), Phase: phaseRunning, Reached: status.Reached.Seconds(), Until: status.Until.Seconds(), Steps: status.Steps,
		Speed: l.speed.Speed(), Pace: l.cfg.Control.Pace()}
	if left := l.speed.Left(status.Until); left > 0 {
		s.Left = left.Seconds()
	}
	if l.cfg.Control.Paused() {
		s.Phase, s.Speed, s.Left = phasePaused, 0, 0
	}
	s.fill(now.Sub(b.wall), s.Pace, b.world.Activities(), now)
	l.readLogs(status.Reached)
	l.mu.Lock()
	s.Rows = l.rows
	l.mu.Unlock()
	return s
}

// Sink returns a sink that passes everything on, and keeps the shape of it.
func (l *Live) Sink(next sim.Sink) sim.Sink { return &tap{l, next} }

type tap struct {
	live *Live
	next sim.Sink
}

// Begin implements [sim.Sink].
func (t *tap) Begin(series []sim.Series) error {
	l := t.live
	l.mu.Lock()
	l.series, l.tracks = series, make([]*track, len(series))
	if n := len(series); 0 < n && n <= mostKeptSeries {
		for i := range l.tracks {
			l.tracks[i] = newTrack()
		}
	}
	l.findKept()
	l.mu.Unlock()
	return t.next.Begin(series)
}

// Write implements [sim.Sink].
func (t *tap) Write(rows []sim.Row) error {
	if err := t.next.Write(rows); err != nil {
		return err
	}
	l := t.live
	l.mu.Lock()
	defer l.mu.Unlock()
	l.rows += int64(len(rows))
	l.at = rows[len(rows)-1].Time
	l.take(rows)
	return nil
}

// findKept is called when it has changed which series are kept. l.mu is held.
func (l *Live) findKept() {
	l.kept = slices.Grow(l.kept[:0], len(l.tracks))[:len(l.tracks)]
	next := len(l.tracks)
	for i, k := range slices.Backward(l.tracks) {
		if k != nil {
			next = i
		}
		l.kept[i] = next
	}
}

// take adds rows, in order of time and series, to the series that are kept. Where most
// series have a value at a time, it looks only at a few of the others. l.mu is held.
func (l *Live) take(rows []sim.Row) {
	tracks := l.tracks
	for i := 0; i < len(rows); {
		row := &rows[i]
		k := tracks[row.Series]
		if k == nil {
			i = l.skip(rows, i)
			continue
		}
		i++
		if row.Value.Kind() == sim.KindFloat && row.Time < k.curve.end && !k.has {
			if v, _ := row.Value.Float64(); v-v == 0 {
				k.curve.last.add(point{row.Time, v})
				continue
			}
		}
		k.take(row)
	}
}

// skip returns a row after i up to which no series is kept.
func (l *Live) skip(rows []sim.Row, i int) int {
	row := &rows[i]
	kept := l.kept[row.Series]
	// Rows are in order: if the last of those that could come before it does, all do.
	next := min(i+kept-row.Series, len(rows))
	if before := &rows[next-1]; before.Time != row.Time || before.Series >= kept {
		return i + 1
	}
	return next
}

// Find implements View.
func (l *Live) Find(text string) ([]Series, int) {
	l.mu.Lock()
	series := l.series // which does not change
	l.mu.Unlock()
	return find(series, text)
}

// Choose implements View.
func (l *Live) Choose(ids []int) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, id := range ids {
		if id < len(l.tracks) && l.tracks[id] == nil {
			if l.chosen++; l.chosen > mostKeptSeries {
				clear(l.tracks) // pages begin anew with what they show
				l.chosen = 1
			}
			k := newTrack()
			if l.rows > 0 {
				k.since = l.at + 1
			}
			l.tracks[id] = k
		}
	}
	l.findKept()
	return nil
}

// News implements View.
func (l *Live) News(id int, s *shown) Points {
	l.mu.Lock()
	defer l.mu.Unlock()
	if id >= len(l.tracks) || l.tracks[id] == nil {
		return Points{ID: id, T: []float64{}, V: []float64{}}
	}
	return l.tracks[id].news(id, s)
}

// Over implements View.
func (l *Live) Over() <-chan struct{} { return l.over }

// Log shows a line that somebody has to say about the run.
func (l *Live) Log(from, text string) {
	at := sim.Time(0)
	if b := l.began.Load(); b != nil {
		at = b.world.Status().Reached
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	l.add(at, from, text)
}

// add adds a line. l.mu is held.
func (l *Live) add(at sim.Time, from, text string) {
	l.lines.add(func(n int) Line { return Line{n, at.Seconds(), from, text} })
}

// readLogs takes what simulators have printed since the last time, as of a virtual time,
// which is about when they did. l.looking is held.
func (l *Live) readLogs(at sim.Time) {
	news := l.logs.read()
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, n := range news {
		l.add(at, n.from, n.text)
	}
}

// Lines implements View.
func (l *Live) Lines(after int) []Line {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.lines.after(after)
}

// Messages implements View.
func (l *Live) Messages(after int) []Message {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.agents.after(after)
}

// Act implements View.
func (l *Live) Act(a Action) error {
	c := l.cfg.Control
	l.makeRoom() // for what comes of it
	switch a.Do {
	case "pause":
		c.Pause()
	case "resume":
		c.Resume()
	case "step":
		c.Step()
	case "pace":
		if err := c.SetPace(a.Pace); err != nil {
			return err
		}
	case "stop":
		l.cfg.Stop()
	default:
		return errors.New("there is no such button")
	}
	l.looking.Lock()
	defer l.looking.Unlock()
	l.taken = time.Time{} // who has pressed a button wants to see it
	return nil
}
