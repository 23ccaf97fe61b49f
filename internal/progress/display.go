package progress

import (
	"fmt"
	"io"
	"sync"
	"time"

	"github.com/vbauerster/mpb/v8"

	"github.com/simrun/simrun/internal/format"
	"github.com/simrun/simrun/sim"
)

const (
	// PlainEvery is the time between two plain lines, and before the first.
	PlainEvery = 10 * time.Second
	// JSONEvery is the same between two lines of JSON.
	JSONEvery = time.Second
)

// Config says what is shown, and where.
type Config struct {
	Out    io.Writer
	Mode   Mode // as resolved by Mode.On
	Color  bool
	Name   string // of what runs
	Status func() sim.Status
	// Stepping tells who is in the middle of a step. nil: nobody ever.
	Stepping func() []sim.Stepping
	// Activities tells what all simulators do. nil: it is not known.
	Activities func() []sim.Activity
	// Paused tells whether the run is paused. nil: it never is.
	Paused func() bool
}

// Display shows the progress of a run from Start to Stop. Its methods are safe
// for concurrent use.
type Display struct {
	cfg      Config
	stop     chan struct{}
	stopped  chan struct{}
	stopOnce sync.Once

	mu       sync.Mutex // protects the following
	estimate Estimate
	status   sim.Status
	waiting  string // for whom, "" if for nobody
	slowest  slowest
	bars     *mpb.Progress // nil: no bar
	bar      *mpb.Bar
}

// Start begins to show the progress of a run up to until.
func Start(cfg Config, until sim.Time) *Display {
	d := &Display{cfg: cfg, stop: make(chan struct{}), stopped: make(chan struct{}), slowest: slowest{began: time.Now()}}
	d.status.Until = until
	d.estimate.Add(time.Now(), 0)
	switch cfg.Mode {
	case bar:
		d.startBar()
		go d.each(redrawEvery, d.redraw)
	case Plain:
		go d.each(PlainEvery, d.line)
	case JSON:
		go d.each(JSONEvery, func() { d.object(false) })
	default:
		close(d.stopped)
	}
	return d
}

// Write shows text, which must be whole lines, above the bar.
func (d *Display) Write(text []byte) (int, error) {
	d.mu.Lock()
	bars := d.bars
	d.mu.Unlock()
	if bars != nil {
		if n, err := bars.Write(text); err == nil {
			return n, nil
		}
	}
	return d.cfg.Out.Write(text)
}

// Stop ends the display with how far the run has come. It may be called again,
// to no effect.
func (d *Display) Stop() {
	d.stopOnce.Do(func() {
		close(d.stop)
		<-d.stopped
		if d.cfg.Mode == JSON {
			d.object(true)
		}
		d.mu.Lock()
		bars := d.bars
		d.bars = nil
		d.mu.Unlock()
		if bars == nil {
			return
		}
		d.redraw()
		// Of a bar that is full this is a no-op; the other stays where it is.
		d.bar.Abort(false)
		bars.Wait()
	})
}

// each calls show every so often until Stop.
func (d *Display) each(period time.Duration, show func()) {
	defer close(d.stopped)
	ticker := time.NewTicker(period)
	defer ticker.Stop()
	for {
		select {
		case <-ticker.C:
			show()
		case <-d.stop:
			return
		}
	}
}

// sample asks how far the run is.
func (d *Display) sample() {
	status := d.cfg.Status()
	var stepping []sim.Stepping
	if d.cfg.Stepping != nil {
		stepping = d.cfg.Stepping()
	}
	var activities []sim.Activity
	if d.cfg.Activities != nil && d.slowest.due(time.Now()) {
		activities = d.cfg.Activities()
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	d.slowest.take(activities, time.Now())
	if d.waiting = waiting(stepping, time.Now()); d.waiting == "" && d.cfg.Paused != nil && d.cfg.Paused() {
		d.waiting = "paused"
	}
	// Before the run has begun nothing is known of its end.
	if status.Until > 0 {
		d.status = status
	}
	d.estimate.Add(time.Now(), d.status.Reached)
}

// line prints one plain line.
func (d *Display) line() {
	d.sample()
	d.mu.Lock()
	defer d.mu.Unlock()
	text := fmt.Sprintf("%s: %s", d.cfg.Name, d.position())
	if pace := d.pace(); pace != "" {
		text += ", " + pace
	}
	// The run does not end because nobody can read how far it is.
	_, _ = fmt.Fprintln(d.cfg.Out, text)
}

// position says how far the run is: 43%, 3 d 0 h of 7 d. d.mu is held.
func (d *Display) position() string {
	percent := 0
	if d.status.Until > 0 {
		percent = int(100 * float64(d.status.Reached) / float64(d.status.Until))
	}
	return fmt.Sprintf("%d%%, %s of %s", percent, format.Rough(time.Duration(d.status.Reached)), format.Rough(time.Duration(d.status.Until)))
}

// pace says for whom the run waits or, if for nobody, how fast it is: an estimate
// that only grows while time stands still says nothing. d.mu is held.
func (d *Display) pace() string {
	if d.waiting != "" {
		return d.waiting
	}
	return d.speed()
}

// speed says how fast it is and when it will be done, as far as that is known.
// d.mu is held.
func (d *Display) speed() string {
	speed := d.estimate.Speed()
	if speed <= 0 {
		return ""
	}
	text := format.Speed(speed)
	if left := d.estimate.Left(d.status.Until); left >= time.Second {
		text += ", " + format.Rough(left.Truncate(time.Second)) + " left"
	}
	if d.slowest.sim != "" {
		text += fmt.Sprintf(", %s takes %.0f%%", d.slowest.sim, 100*d.slowest.share)
	}
	return text
}
