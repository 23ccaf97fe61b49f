package sim_test

import (
	"context"
	"errors"
	"fmt"
	"math"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/simrun/simrun/sim"
)

func TestStepFailuresNameWhoAndWhen(t *testing.T) {
	for name, c := range map[string]struct {
		step func(context.Context, *fake, *sim.Step) (sim.Time, error)
		want string
	}{
		"error": {func(context.Context, *fake, *sim.Step) (sim.Time, error) { return 0, errors.New("power flow diverged") },
			`t=2s: simulator "bad": step: power flow diverged`},
		"panic": {func(context.Context, *fake, *sim.Step) (sim.Time, error) { panic("index out of range") },
			`t=2s: simulator "bad": step: panic: index out of range`},
		"past": {func(_ context.Context, _ *fake, s *sim.Step) (sim.Time, error) { return s.Time() - 1, nil },
			`t=2s: simulator "bad": step: it wants to step next at 1.999999999s, which is not after the present 2s`},
		"present": {func(_ context.Context, _ *fake, s *sim.Step) (sim.Time, error) { return s.Time(), nil },
			`which is not after the present 2s`},
		"never": {func(context.Context, *fake, *sim.Step) (sim.Time, error) { return sim.Never, nil },
			`it names no next step, but is time-based`},
		"not a number": {func(_ context.Context, f *fake, s *sim.Step) (sim.Time, error) {
			f.in[0].Float()
			return s.Time() + 1, nil
		}, `t=2s: simulator "bad": step: input in of bad.m0: the value NaN from src.m0 is not a number`},
		"not text": {func(_ context.Context, f *fake, s *sim.Step) (sim.Time, error) {
			f.in[0].Text()
			return s.Time() + 1, nil
		}, `from src.m0 is not text`},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			src := w.add("src", &fake{step: every(second, func(f *fake, s *sim.Step) { f.out[0].Set(math.NaN()) })})
			w.add("bad", &fake{step: func(ctx context.Context, f *fake, s *sim.Step) (sim.Time, error) {
				if s.Time() < 2*second {
					return s.Time() + second, nil
				}
				return c.step(ctx, f, s)
			}})
			w.connect("src", "out", "bad", "in", sim.ConnectOptions{})
			var m sim.Memory
			require.NoError(t, w.Record(&m, 0, sim.Ref{Entity: w.es["src"], Attr: "out"}))
			sum, err := w.Run(context.Background(), sim.RunOptions{Until: 9 * second})
			require.ErrorContains(t, err, c.want)
			var se *sim.SimulatorError
			require.ErrorAs(t, err, &se)
			require.Equal(t, "bad", se.Sim)
			require.False(t, sum.Complete)
			require.Equal(t, 2*second, sum.Reached)
			require.GreaterOrEqual(t, len(m.Rows), 2, "what was recorded is kept")
			require.NoError(t, w.Close())
			require.NoError(t, w.Close())
			require.Equal(t, 1, src.closed)
		})
	}
}

func TestCompositionErrors(t *testing.T) {
	ctx := context.Background()
	w := newWorld(t)
	a := w.add("a", &fake{})
	w.add("b", &fake{})
	in := w.Instance("a")
	_, err := w.Add(ctx, "a", a, sim.AddOptions{})
	require.ErrorContains(t, err, `simulator "a": there is one of this name already`)
	_, err = in.Create(ctx, "N", 1, nil)
	require.ErrorContains(t, err, `simulator "a": create N: no such model; did you mean "M"?`)
	_, err = in.Create(ctx, "M", 1, sim.Params{"x": 1})
	require.ErrorContains(t, err, `no parameter "x"; there are none`)
	_, err = in.Create(ctx, "M", -1, nil)
	require.Error(t, err)
	connect := func(srcAttr, dstAttr string, o sim.ConnectOptions) error {
		return w.Connect(w.es["a"], srcAttr, w.es["b"], dstAttr, o)
	}
	require.ErrorContains(t, connect("outt", "in", sim.ConnectOptions{}), `a.m0 has no output "outt"; did you mean "out"?`)
	require.ErrorContains(t, connect("out", "im", sim.ConnectOptions{}), `b.m0 has no input "im"; did you mean "in"?`)
	require.ErrorContains(t, connect("in", "in", sim.ConnectOptions{}), `a.m0 has no output "in"`)
	require.ErrorContains(t, connect("out", "in", sim.ConnectOptions{Shift: -1}), `negative`)
	require.ErrorContains(t, connect("out", "in", sim.ConnectOptions{Shift: 1}), `needs an initial value`)
	require.ErrorContains(t, w.Record(&sim.Memory{}, 0, sim.Ref{Entity: w.es["a"], Attr: "in"}), `no output "in"`)
	_, err = in.Call(ctx, "spin", nil, nil)
	require.ErrorContains(t, err, `no method "spin"`)
	for _, until := range []sim.Time{0, -1, sim.Never} {
		_, err = w.Run(ctx, sim.RunOptions{Until: until})
		require.EqualError(t, err, fmt.Sprintf("run: it ends at %v; set Until to a finite time after 0", until))
	}
}

// What is nil, of another world or too late is said by name.
func TestEntitiesThatAreNone(t *testing.T) {
	ctx := context.Background()
	w, other := newWorld(t), newWorld(t)
	w.add("a", &fake{step: every(second, nil)})
	other.add("stranger", &fake{})
	here, there := w.es["a"], other.es["stranger"]
	var memory sim.Memory
	connect := func(src, dst *sim.Entity) error { return w.Connect(src, "out", dst, "in", sim.ConnectOptions{}) }
	record := func(sink sim.Sink, e *sim.Entity) error { return w.Record(sink, 0, sim.Ref{Entity: e, Attr: "out"}) }
	add := func(s sim.Simulator) error { _, err := w.Add(ctx, "b", s, sim.AddOptions{}); return err }
	const none = "World.Entity gives nil for an ID that nobody has"
	require.EqualError(t, add(nil), `simulator "b": it is nil; give one`)
	require.EqualError(t, connect(here, w.Entity("a.m9")), "connect out to in: an entity is nil; "+none)
	require.EqualError(t, connect(nil, here), "connect out to in: an entity is nil; "+none)
	require.EqualError(t, connect(here, there), "connect a.m0.out to stranger.m0.in: the entities are of different worlds")
	require.EqualError(t, record(&memory, nil), "record out: the entity is nil; "+none)
	require.EqualError(t, record(&memory, there), "record: stranger.m0 is of another world")
	require.EqualError(t, record(nil, here), "record: the sink is nil; give one, such as a *sim.Memory")

	require.NoError(t, w.run(second))
	require.EqualError(t, w.run(second), "the world has run already; make a new one")
	require.EqualError(t, add(&fake{}), `simulator "b": the world has already run; add simulators before Run`)
	_, err := w.Instance("a").Create(ctx, "M", 1, nil)
	require.EqualError(t, err, `simulator "a": create M: the world has already run; create entities before Run`)
	require.EqualError(t, connect(here, here), "connect a.m0.out to a.m0.in: the world has already run; connect before Run")
	require.EqualError(t, record(&memory, here), "record: the world has already run; record before Run")
}

func TestUnitsAreConvertedOrRefused(t *testing.T) {
	ctx := context.Background()
	w := sim.NewWorld(sim.Config{})
	defer w.Close()
	a := create(t, w, "a", ramp(time.Second), "Ramp", nil)
	type Meter struct {
		Gain
		Energy sim.Input `attr:"energy" unit:"kWh"`
	}
	in, err := w.Add(ctx, "m", sim.NewModel[Meter](sim.ModelConfig{Name: "Meter", Step: time.Second}), sim.AddOptions{})
	require.NoError(t, err)
	m, err := in.Create(ctx, "Meter", 1, nil)
	require.NoError(t, err)
	require.ErrorContains(t, w.Connect(a, "out", m[0], "energy", sim.ConnectOptions{}), "cannot convert kW to kWh")
}

// TestCancelledStepsAreLeftBehind: Run returns although a step ignores its
// context, and says so when the world is closed.
func TestCancelledStepsAreLeftBehind(t *testing.T) {
	w := newWorld(t)
	release := make(chan struct{})
	stepping := make(chan struct{})
	polite := w.add("polite", &fake{step: func(ctx context.Context, _ *fake, s *sim.Step) (sim.Time, error) {
		<-ctx.Done()
		return 0, ctx.Err()
	}})
	deaf := w.add("deaf", &fake{step: func(_ context.Context, _ *fake, s *sim.Step) (sim.Time, error) {
		close(stepping)
		<-release
		return s.Time() + 1, nil
	}})
	ctx, cancel := context.WithCancel(context.Background())
	go func() { <-stepping; cancel() }()
	sum, err := w.Run(ctx, sim.RunOptions{Until: second})
	require.ErrorIs(t, err, sim.ErrInterrupted)
	require.False(t, sum.Complete)
	require.ErrorContains(t, w.Close(), `simulator "deaf": close: still in its last step`)
	require.Equal(t, 1, polite.closed)
	require.Equal(t, 0, deaf.closed)
	close(release)
}

type brokenSink struct{ rows int }

func (b *brokenSink) Begin([]sim.Series) error { return nil }
func (b *brokenSink) Write(rows []sim.Row) error {
	b.rows += len(rows)
	return errors.New("no space left on device")
}

func TestSinkFailureEndsTheRun(t *testing.T) {
	w := newWorld(t)
	w.add("src", &fake{step: every(1, func(f *fake, s *sim.Step) { f.out[0].Set(1) })})
	require.NoError(t, w.Record(&brokenSink{}, 0, sim.Ref{Entity: w.es["src"], Attr: "out"}))
	sum, err := w.Run(context.Background(), sim.RunOptions{Until: second})
	var se *sim.SinkError
	require.ErrorAs(t, err, &se)
	require.ErrorContains(t, err, "recording: no space left on device")
	require.Less(t, sum.Reached, second, "the run does not go on for nothing")
}

func TestInitialEventBeforeTheBeginning(t *testing.T) {
	w := newWorld(t)
	f := w.add("a", &fake{step: every(second, nil)})
	w.Instance("a").SetInitialEvent(-second)
	require.ErrorContains(t, w.run(second), `simulator "a" has an initial event at -1s; the run begins at 0`)
	require.Empty(t, f.log)
}

// TestFailureKeepsWhatComesBeforeIt: what is recorded is the same in every run, however far
// others have run ahead. Samples end where all have got to.
func TestFailureKeepsWhatComesBeforeIt(t *testing.T) {
	for _, test := range []struct {
		bad    string // "a" is the other one: those that do not read each other go by name
		events []float64
	}{{"b", []float64{0, 1, 2, 3, 4, 5}}, {"0", []float64{0, 1, 2, 3, 4}}} {
		w := newWorld(t)
		enough := make(chan struct{})
		w.add(test.bad, &fake{step: func(_ context.Context, _ *fake, s *sim.Step) (sim.Time, error) {
			if s.Time() == 5*second {
				<-enough
				return 0, errors.New("broken")
			}
			return s.Time() + 5*second, nil
		}})
		w.add("a", &fake{step: every(second, func(f *fake, s *sim.Step) {
			f.out[0].Set(1)
			f.event[0].Set(seconds(s))
			if s.Time() == 9*second {
				close(enough)
			}
		})})
		var m sim.Memory
		require.NoError(t, w.Record(&m, 2*time.Second, sim.Ref{Entity: w.es["a"], Attr: "out"}, sim.Ref{Entity: w.es["a"], Attr: "event"}))
		require.ErrorContains(t, w.run(sim.Never-1), "broken")
		_, events := m.Floats("a.m0", "event")
		require.Equal(t, test.events, events)
		times, _ := m.Floats("a.m0", "out")
		require.Equal(t, []sim.Time{0, 2 * second, 4 * second}, times)
	}
}

// TestTheFirstFailureCounts: a simulator that has run ahead fails first by the clock on the
// wall, the one that comes first in virtual time is reported.
func TestTheFirstFailureCounts(t *testing.T) {
	w := newWorld(t)
	failed := make(chan struct{})
	w.add("src", &fake{step: func(_ context.Context, _ *fake, s *sim.Step) (sim.Time, error) {
		if s.Time() == 7*second {
			close(failed)
			return 0, errors.New("later")
		}
		return s.Time() + second, nil
	}})
	w.add("dst", &fake{step: func(_ context.Context, _ *fake, s *sim.Step) (sim.Time, error) {
		<-failed
		if s.Time() == 2*second {
			return 0, errors.New("earlier")
		}
		return s.Time() + second, nil
	}})
	w.connect("src", "out", "dst", "in", sim.ConnectOptions{})
	require.EqualError(t, w.run(9*second), `t=2s: simulator "dst": step: earlier`)
}

// TestFailureWaitsForEarlierStepsForAWhile only.
func TestFailureWaitsForEarlierStepsForAWhile(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		w.add("fast", &fake{step: func(_ context.Context, _ *fake, s *sim.Step) (sim.Time, error) {
			if s.Time() == second {
				return 0, errors.New("broken")
			}
			return s.Time() + second, nil
		}})
		w.add("slow", &fake{step: func(ctx context.Context, _ *fake, s *sim.Step) (sim.Time, error) {
			<-ctx.Done()
			return 0, ctx.Err()
		}})
		began := time.Now()
		require.EqualError(t, w.run(9*second), `t=1s: simulator "fast": step: broken`)
		require.Equal(t, 5*time.Second, time.Since(began))
	})
}

type failingSetup struct{ *fake }

func (failingSetup) SetupDone(context.Context) error { return errors.New("no licence") }

func TestFailedSetupReachesNothing(t *testing.T) {
	w := newWorld(t)
	_, err := w.Add(context.Background(), "a", failingSetup{&fake{typ: sim.EventBased}}, sim.AddOptions{})
	require.NoError(t, err)
	sum, err := w.Run(context.Background(), sim.RunOptions{Until: second})
	require.ErrorContains(t, err, `simulator "a": setup_done: no licence`)
	require.Zero(t, sum.Reached)
}

// TestInterruptedRunNamesWhoKeptItWaiting: and counts the time.
func TestInterruptedRunNamesWhoKeptItWaiting(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		w.add("idle", &fake{step: every(100*second, nil)})
		w.add("hung", &fake{step: func(ctx context.Context, _ *fake, s *sim.Step) (sim.Time, error) {
			if s.Time() < 2*second { // before it has shown to be quick
				return s.Time() + second, nil
			}
			<-ctx.Done()
			return 0, ctx.Err()
		}})
		ctx, cancel := context.WithCancel(context.Background())
		go func() {
			time.Sleep(20 * time.Second)
			if stepping := w.Stepping(); len(stepping) != 1 || stepping[0].Sim != "hung" || stepping[0].At != 2*second {
				t.Errorf("stepping: %v", stepping)
			}
			cancel()
		}()
		sum, err := w.Run(ctx, sim.RunOptions{Until: 100 * second})
		require.ErrorIs(t, err, sim.ErrInterrupted)
		require.ErrorIs(t, err, context.Canceled)
		require.EqualError(t, err, `t=2s: interrupted; simulator "hung" had been in its step at 2s for 20s`)
		require.Equal(t, 20*time.Second, sum.Instances[1].Stats().Own.Round(time.Second))
		require.Empty(t, w.Stepping())
	})
}

func TestRequiredInputsMustBeConnected(t *testing.T) {
	type Sieve struct {
		Gain
		Grain sim.Input `attr:"grain,required"`
	}
	w := sim.NewWorld(sim.Config{})
	defer w.Close()
	create(t, w, "mill", sim.NewModel[Sieve](sim.ModelConfig{Name: "Sieve", Step: time.Second}), "Sieve", nil)
	_, err := w.Run(context.Background(), sim.RunOptions{Until: second})
	require.EqualError(t, err, "input grain of mill.Sieve-0 is not connected, and Sieve cannot do without; connect a source")
}

type panicking struct{ *fake }

func (panicking) SetupDone(context.Context) error { panic("no index") }
func (panicking) Close() error                    { panic("no handle") }

// TestPanicsOutsideOfStepsAreErrors: the others are closed all the same.
func TestPanicsOutsideOfStepsAreErrors(t *testing.T) {
	w := newWorld(t)
	other := w.add("other", &fake{step: every(second, nil)})
	_, err := w.Add(context.Background(), "a", panicking{&fake{}}, sim.AddOptions{})
	require.NoError(t, err)
	require.ErrorContains(t, w.run(second), `simulator "a": setup_done: panic: no index`)
	require.ErrorContains(t, w.Close(), `simulator "a": close: panic: no handle`)
	require.Equal(t, 1, other.closed)
}

// TestWrongInitialValueIsNotBlamedOnTheSource, which has not put out anything.
func TestWrongInitialValueIsNotBlamedOnTheSource(t *testing.T) {
	w := newWorld(t)
	w.add("src", &fake{step: every(second, func(f *fake, s *sim.Step) { f.out[0].SetValue(sim.Text("later")) })})
	w.add("dst", &fake{step: every(second, func(f *fake, s *sim.Step) { f.in[0].Float() })})
	w.connect("src", "out", "dst", "in", sim.ConnectOptions{Shift: time.Second, Initial: sim.Text("abc"), HasInitial: true})
	require.ErrorContains(t, w.run(9*second), `t=0s: simulator "dst": step: input in of dst.m0: the initial value "abc" of its connection from src.m0 is not a number; correct the initial value`)
}
