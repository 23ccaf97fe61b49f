package sim

import (
	"cmp"
	"slices"
	"sync"
	"time"

	"github.com/simrun/simrun/scheduler"
)

// Wait is how long a simulator has waited for another: wall time between its steps
// in which it had a step to make, and the other one, at the end of the chain of those
// that wait for each other, was stepping or about to.
//
// It is estimated: a sampler looks at who waits for whom, every millisecond at the
// beginning of a run and less often later, so that it costs nearly nothing and nothing
// in the path of a step. What is short and rare may be missing.
type Wait struct {
	Sim string // "" if there are too many to name them all: the rest
	For time.Duration
}

// mostWaits is how many others a simulator's waits are counted for.
const mostWaits = 32

const (
	// sampleEvery is the time between two samples at the beginning of a run.
	sampleEvery = time.Millisecond
	// sampleShare makes it grow: it is this part of the time that the run has taken.
	sampleShare = 200
	// sampleCost bounds what samples cost: of their time this multiple passes in between.
	sampleCost = 200
)

// sampler looks at a run every now and then.
type sampler struct {
	stop    chan struct{} // nil: not started
	stopped sync.WaitGroup
}

func (s *sampler) start(r *run) {
	s.stop = make(chan struct{})
	s.stopped.Go(func() {
		timer := time.NewTimer(sampleEvery)
		defer timer.Stop()
		last := r.began
		// Multiples of the golden ratio never fall into step with what is sampled.
		const golden = 0.6180339887498949
		jitter := 0.0
		for {
			select {
			case <-s.stop:
				return
			case <-timer.C:
			}
			now := time.Now()
			r.mu.Lock()
			r.sample(now.Sub(last))
			r.mu.Unlock()
			last = now
			if jitter += golden; jitter >= 1 {
				jitter--
			}
			pause := max(sampleEvery, now.Sub(r.began)/sampleShare, sampleCost*time.Since(now))
			timer.Reset(time.Duration((0.5 + jitter) * float64(pause)))
		}
	})
}

// end ends the sampler. r.mu is not held.
func (s *sampler) end() {
	if s.stop != nil {
		close(s.stop)
		s.stopped.Wait()
	}
}

// sample books the time since the last sample on those who are waited for.
func (r *run) sample(passed time.Duration) {
	for _, in := range r.w.instances {
		if in.stepping {
			continue
		}
		on := r.coord.WaitsFor(in.lp)
		if on == scheduler.NoLP || r.held(on) {
			continue // if held, both wait for the clock, or the run is paused
		}
		other := r.byLP[on]
		in.waitsFor = other
		in.wait(other.name, passed)
	}
}

func (in *Instance) wait(sim string, d time.Duration) {
	for i := range in.waits {
		if w := &in.waits[i]; w.Sim == sim || w.Sim == "" {
			w.For += d
			return
		}
	}
	if len(in.waits) == mostWaits {
		sim = ""
	}
	in.waits = append(in.waits, Wait{sim, d})
}

// longestWaits is Stats.For.
func (in *Instance) longestWaits() []Wait {
	waits := slices.Clone(in.waits)
	slices.SortStableFunc(waits, func(a, b Wait) int { return cmp.Compare(b.For, a.For) })
	return waits
}
