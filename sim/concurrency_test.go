package sim_test

import (
	"context"
	"fmt"
	"math"
	"math/rand/v2"
	"runtime"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/simrun/simrun/sim"
)

// TestIndependentSimulatorsStepAtTheSameTime: each of the two waits inside its
// step for the other to begin its own.
func TestIndependentSimulatorsStepAtTheSameTime(t *testing.T) {
	w := newWorld(t)
	a, b := make(chan struct{}), make(chan struct{})
	meet := func(mine, other chan struct{}) *fake {
		return &fake{step: func(ctx context.Context, _ *fake, s *sim.Step) (sim.Time, error) {
			if s.Time() == 0 {
				close(mine)
				<-other
			}
			return s.Time() + second, nil
		}}
	}
	w.add("a", meet(a, b))
	w.add("b", meet(b, a))
	require.NoError(t, w.run(3*second))
}

// TestResultsDoNotDependOnSpeedOrOrder runs one scenario with simulators that
// take random time, on one and more processors, declared in random order.
func TestResultsDoNotDependOnSpeedOrOrder(t *testing.T) {
	type outcome struct {
		digest string
		rows   string
	}
	build := func(t *testing.T, rnd *rand.Rand) outcome {
		w := newWorld(t)
		jitter := func() {
			if rnd != nil {
				for range rand.IntN(3) {
					runtime.Gosched()
				}
				if rand.IntN(8) == 0 {
					time.Sleep(time.Duration(rand.IntN(200)) * time.Microsecond)
				}
			}
		}
		work := func(typ sim.Type, step sim.Time) *fake {
			return &fake{typ: typ, step: func(_ context.Context, f *fake, s *sim.Step) (sim.Time, error) {
				jitter()
				x := f.in[0].Float()*0.5 + f.quiet[0].Float()*0.25 + seconds(s) + s.MaxAdvance().Seconds()/100
				f.out[0].Set(x)
				if int(x*8)%3 == 0 {
					f.event[0].Set(-x)
				}
				if step == 0 {
					return sim.Never, nil
				}
				return s.Time() + step, nil
			}}
		}
		names := []string{"a", "b", "c", "d", "e", "f"}
		if rnd != nil {
			rnd.Shuffle(len(names), func(i, j int) { names[i], names[j] = names[j], names[i] })
		}
		for _, n := range names {
			switch n {
			case "a", "b":
				w.add(n, work(sim.TimeBased, 2*second))
			case "c":
				w.add(n, work(sim.TimeBased, 3*second))
			case "d":
				w.add(n, work(sim.Hybrid, 5*second))
			default:
				w.add(n, work(sim.EventBased, 0))
			}
		}
		w.connect("a", "out", "c", "in", sim.ConnectOptions{})
		w.connect("b", "event", "d", "in", sim.ConnectOptions{})
		w.connect("c", "event", "e", "in", sim.ConnectOptions{})
		w.connect("d", "event", "e", "in", sim.ConnectOptions{Shift: time.Second})
		w.connect("e", "event", "f", "in", sim.ConnectOptions{})
		w.connect("f", "event", "d", "in", sim.ConnectOptions{Shift: 2 * time.Second})
		w.connect("e", "out", "a", "quiet", sim.ConnectOptions{Shift: time.Second, HasInitial: true})
		var m sim.Memory
		for _, n := range []string{"a", "b", "c", "d", "e", "f"} {
			require.NoError(t, w.Record(&m, 0, sim.Ref{Entity: w.es[n], Attr: "out"}, sim.Ref{Entity: w.es[n], Attr: "event"}))
		}
		sum, err := w.Run(context.Background(), sim.RunOptions{Until: 60 * second})
		require.NoError(t, err)
		require.NotEmpty(t, m.Rows)
		rows := ""
		for _, r := range m.Rows {
			rows += fmt.Sprintln(r.Time, r.Series, r.Value)
		}
		return outcome{sum.Digest, rows}
	}
	want := build(t, nil)
	for seed := range uint64(8) {
		before := runtime.GOMAXPROCS(int(seed%2) + 1)
		synctest.Test(t, func(t *testing.T) { // so that the time they take is fake
			require.Equal(t, want, build(t, rand.New(rand.NewPCG(seed, 0))), "seed %d", seed)
		})
		runtime.GOMAXPROCS(before)
	}
}

func TestPaceFollowsTheClock(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		began := time.Now()
		var at []time.Duration
		w.add("a", &fake{step: every(second, func(*fake, *sim.Step) { at = append(at, time.Since(began).Round(time.Millisecond)) })})
		sum, err := w.Run(context.Background(), sim.RunOptions{Until: 4 * second, Pace: 2})
		require.NoError(t, err)
		require.Equal(t, []time.Duration{0, 500 * time.Millisecond, time.Second, 1500 * time.Millisecond}, at)
		require.Less(t, sum.MaxLag, time.Millisecond)
	})
}

func TestPaceLagIsReported(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		w.add("slow", &fake{step: every(second, func(*fake, *sim.Step) { time.Sleep(1500 * time.Millisecond) })})
		sum, err := w.Run(context.Background(), sim.RunOptions{Until: 4 * second, Pace: 1})
		require.NoError(t, err)
		require.Equal(t, 3*time.Second, sum.MaxLag.Round(time.Millisecond))
	})
}

func TestSetEventFromOutside(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		f := w.add("a", &fake{typ: sim.EventBased, step: onTrigger(nil)})
		w.add("clock", &fake{step: every(10*second, nil)})
		go func() {
			time.Sleep(2500 * time.Millisecond)
			// Too late for 1 s, so it happens at the next whole second.
			_ = f.env.Requests.SetEvent(context.Background(), second)
			_ = f.env.Requests.SetEvent(context.Background(), 5*second)
			_ = f.env.Requests.SetEvent(context.Background(), 99*second)
		}()
		sum, err := w.Run(context.Background(), sim.RunOptions{Until: 20 * second, Pace: 1})
		require.NoError(t, err)
		require.True(t, sum.Complete)
		require.Equal(t, []string{"3s:", "5s:"}, f.log)
		require.Len(t, w.Warnings(), 1)
	})
}

// TestFastSimulatorIsHeldBackByRecording: rows of a fast simulator wait for the
// slowest one to be written in order, but not without bound.
func TestFastSimulatorIsHeldBackByRecording(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		enough := make(chan struct{})
		w.add("slow", &fake{step: func(context.Context, *fake, *sim.Step) (sim.Time, error) { <-enough; return second, nil }})
		w.add("fast", &fake{step: every(1, func(f *fake, s *sim.Step) { f.out[0].Set(1) })})
		var m sim.Memory
		require.NoError(t, w.Record(&m, 0, sim.Ref{Entity: w.es["fast"], Attr: "out"}))
		var steps int64
		go func() {
			time.Sleep(time.Minute) // ends when everybody waits
			steps = w.Status().Steps
			close(enough)
		}()
		const until = 1 << 18
		require.NoError(t, w.run(until))
		require.Len(t, m.Rows, until)
		require.Greater(t, steps, int64(until/16), "it ran ahead")
		require.Less(t, steps, int64(until), "it was held back")
	})
}

// TestPacedRunWaitsForEventsFromOutside: with nothing to do it goes on until
// the clock has reached the end.
func TestPacedRunWaitsForEventsFromOutside(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		f := w.add("a", &fake{typ: sim.EventBased, step: onTrigger(nil)})
		go func() {
			time.Sleep(4200 * time.Millisecond)
			_ = f.env.Requests.SetEvent(context.Background(), 5*second)
		}()
		began := time.Now()
		_, err := w.Run(context.Background(), sim.RunOptions{Until: 10 * second, Pace: 1})
		require.NoError(t, err)
		require.Equal(t, []string{"5s:"}, f.log)
		require.Equal(t, 10*time.Second, time.Since(began).Round(time.Millisecond))
	})
}

func TestPaceOutOfTheOrdinary(t *testing.T) {
	for _, pace := range []float64{math.NaN(), math.Inf(1), -1} {
		w := newWorld(t)
		w.add("a", &fake{step: every(second, nil)})
		_, err := w.Run(context.Background(), sim.RunOptions{Until: second, Pace: pace})
		require.ErrorContains(t, err, "must be positive and finite")
	}
	for pace, want := range map[float64]error{1e-300: sim.ErrInterrupted, 1e300: nil} {
		synctest.Test(t, func(t *testing.T) {
			w := newWorld(t)
			w.add("a", &fake{step: every(second, nil)})
			ctx, cancel := context.WithTimeout(context.Background(), 24*365*time.Hour)
			defer cancel()
			_, err := w.Run(ctx, sim.RunOptions{Until: 3 * second, Pace: pace})
			require.ErrorIs(t, err, want)
		})
	}
}

// TestPacedSamplesWaitForTheClock: an event from outside may change what is
// valid at a time before the next step that is known.
func TestPacedSamplesWaitForTheClock(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		f := w.add("a", &fake{typ: sim.Hybrid, step: func(_ context.Context, f *fake, s *sim.Step) (sim.Time, error) {
			f.out[0].Set(seconds(s))
			return 100 * second, nil
		}})
		var m sim.Memory
		require.NoError(t, w.Record(&m, 10*time.Second, sim.Ref{Entity: w.es["a"], Attr: "out"}))
		go func() {
			time.Sleep(15500 * time.Millisecond)
			_ = f.env.Requests.SetEvent(context.Background(), 16*second)
		}()
		ctx, cancel := context.WithTimeout(context.Background(), 25500*time.Millisecond)
		defer cancel()
		sum, err := w.Run(ctx, sim.RunOptions{Until: 200 * second, Pace: 1})
		require.ErrorIs(t, err, sim.ErrInterrupted)
		require.Equal(t, 25*second, sum.Reached-sum.Reached%second)
		require.Equal(t, []sim.Row{
			{Time: 0, Value: sim.Float(0)}, {Time: 10 * second, Value: sim.Float(0)}, {Time: 20 * second, Value: sim.Float(16)},
		}, m.Rows)
	})
}

// TestPacedRunHoldsManyRows: rows of the future wait, more than may be held, and
// so does the run, for the clock.
func TestPacedRunHoldsManyRows(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		f := &fake{step: func(_ context.Context, f *fake, s *sim.Step) (sim.Time, error) {
			for _, o := range f.out {
				o.Set(1)
			}
			return s.Time() + second, s.SetOutputTime(s.Time() + 10*second)
		}}
		in, err := w.Add(context.Background(), "a", f, sim.AddOptions{})
		require.NoError(t, err)
		es, err := in.Create(context.Background(), "M", 14_000, nil)
		require.NoError(t, err)
		var m sim.Memory
		for _, e := range es {
			require.NoError(t, w.Record(&m, 0, sim.Ref{Entity: e, Attr: "out"}))
		}
		_, err = w.Run(context.Background(), sim.RunOptions{Until: 20 * second, Pace: 1})
		require.NoError(t, err)
		require.Len(t, m.Rows, 10*14_000, "those before the end")
	})
}

// countingSink counts how often it is written to.
type countingSink struct{ writes, rows int }

func (c *countingSink) Begin([]sim.Series) error { return nil }
func (c *countingSink) Write(rows []sim.Row) error {
	c.writes++
	c.rows += len(rows)
	return nil
}

// TestRowsAreWrittenManyAtATime also when a simulator that falls behind keeps
// very many waiting, as each time all of them are sorted. The time is fake, as rows do
// not wait long for others.
func TestRowsAreWrittenManyAtATime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const until = 140_000
		w := newWorld(t)
		ahead := make(chan struct{})
		w.add("slow", &fake{step: func(_ context.Context, f *fake, s *sim.Step) (sim.Time, error) {
			f.log = nil
			if s.Time() == 0 {
				<-ahead
			}
			return s.Time() + 1, nil
		}})
		w.add("fast", &fake{step: every(1, func(f *fake, s *sim.Step) {
			f.log = nil
			f.out[0].Set(1)
			if s.Time() == 130_000 {
				close(ahead)
			}
		})})
		var sink countingSink
		require.NoError(t, w.Record(&sink, 0, sim.Ref{Entity: w.es["fast"], Attr: "out"}))
		require.NoError(t, w.run(until))
		require.Equal(t, until, sink.rows)
		require.Less(t, sink.writes, until/1000)
	})
}
