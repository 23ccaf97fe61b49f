package sim_test

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/simrun/simrun/sim"
)

func TestEventTriggersAndIsDeliveredOnce(t *testing.T) {
	w := newWorld(t)
	w.add("src", &fake{step: every(3*second, func(f *fake, s *sim.Step) { f.event[0].Set(seconds(s)) })})
	dst := w.add("dst", &fake{typ: sim.EventBased, step: func(_ context.Context, f *fake, s *sim.Step) (sim.Time, error) {
		if s.Time()%(3*second) == 0 {
			return s.Time() + second, nil // one more step, at which the event is gone
		}
		return sim.Never, nil
	}})
	w.connect("src", "event", "dst", "in", sim.ConnectOptions{})
	require.NoError(t, w.run(7*second))
	require.Equal(t, []string{"0s: in src.m0=0.0", "1s:", "3s: in src.m0=3.0", "4s:", "6s: in src.m0=6.0"}, dst.log)
}

func TestPersistentTriggersAndStays(t *testing.T) {
	w := newWorld(t)
	w.add("src", &fake{step: every(3*second, func(f *fake, s *sim.Step) { f.out[0].Set(seconds(s)) })})
	w.add("other", &fake{step: every(2*second, func(f *fake, s *sim.Step) { f.event[0].SetValue(sim.Text("tick")) })})
	dst := w.add("dst", &fake{typ: sim.EventBased, step: onTrigger(nil)})
	w.connect("src", "out", "dst", "in", sim.ConnectOptions{})
	w.connect("other", "event", "dst", "in", sim.ConnectOptions{})
	require.NoError(t, w.run(5*second))
	require.Equal(t, []string{
		`0s: in other.m0="tick" in src.m0=0.0`,
		`2s: in other.m0="tick" in src.m0=0.0`,
		`3s: in src.m0=3.0`,
		`4s: in other.m0="tick" in src.m0=3.0`,
	}, dst.log)
}

func TestSlowReaderSeesNewestEvent(t *testing.T) {
	w := newWorld(t)
	w.add("src", &fake{step: every(second, func(f *fake, s *sim.Step) { f.event[0].Set(seconds(s)) })})
	dst := w.add("dst", &fake{step: every(3*second, nil)})
	w.connect("src", "event", "dst", "in", sim.ConnectOptions{})
	require.Len(t, w.Warnings(), 1)
	require.NoError(t, w.run(7*second))
	require.Equal(t, []string{"0s: in src.m0=0.0", "3s: in src.m0=3.0", "6s: in src.m0=6.0"}, dst.log)
}

func TestInputThatDoesNotTriggerWaitsForStep(t *testing.T) {
	w := newWorld(t)
	w.add("src", &fake{step: every(second, func(f *fake, s *sim.Step) { f.out[0].Set(seconds(s)) })})
	dst := w.add("dst", &fake{typ: sim.Hybrid, step: func(_ context.Context, f *fake, s *sim.Step) (sim.Time, error) {
		return s.Time() + 2*second, nil
	}})
	w.connect("src", "out", "dst", "quiet", sim.ConnectOptions{})
	require.NoError(t, w.run(5*second))
	require.Equal(t, []string{"0s: quiet src.m0=0.0", "2s: quiet src.m0=2.0", "4s: quiet src.m0=4.0"}, dst.log)
}

func TestOutputTimeInTheFuture(t *testing.T) {
	w := newWorld(t)
	w.add("src", &fake{step: every(4*second, func(f *fake, s *sim.Step) {
		f.event[0].Set(seconds(s))
		require.NoError(t, s.SetOutputTime(s.Time()+2*second))
		require.ErrorContains(t, s.SetOutputTime(s.Time()-1), "before the step's time")
	})})
	dst := w.add("dst", &fake{typ: sim.EventBased, step: onTrigger(nil)})
	w.connect("src", "event", "dst", "in", sim.ConnectOptions{})
	require.NoError(t, w.run(9*second))
	require.Equal(t, []string{"2s: in src.m0=0.0", "6s: in src.m0=4.0"}, dst.log)
}

func TestShiftedLoop(t *testing.T) {
	w := newWorld(t)
	// Each adds one to what it gets: a counter that goes round.
	count := func(f *fake, s *sim.Step) { f.out[0].Set(f.in[0].Float() + 1) }
	a := w.add("a", &fake{step: every(second, count)})
	b := w.add("b", &fake{step: every(second, count)})
	w.connect("a", "out", "b", "in", sim.ConnectOptions{})
	w.connect("b", "out", "a", "in", sim.ConnectOptions{Shift: time.Second, Initial: sim.Int(10), HasInitial: true})
	require.NoError(t, w.run(3*second))
	require.Equal(t, []string{"0s: in b.m0=10", "1s: in b.m0=12.0", "2s: in b.m0=14.0"}, a.log)
	require.Equal(t, []string{"0s: in a.m0=11.0", "1s: in a.m0=13.0", "2s: in a.m0=15.0"}, b.log)
}

func TestLongShiftFromFastSourceDeliversEveryValueInTime(t *testing.T) {
	w := newWorld(t)
	w.add("src", &fake{step: every(second, func(f *fake, s *sim.Step) { f.out[0].Set(seconds(s)) })})
	dst := w.add("dst", &fake{step: every(2*second, nil)})
	w.connect("src", "out", "dst", "in", sim.ConnectOptions{Shift: 3 * time.Second, HasInitial: true})
	require.NoError(t, w.run(9*second))
	require.Equal(t, []string{"0s: in src.m0=null", "2s: in src.m0=null", "4s: in src.m0=1.0", "6s: in src.m0=3.0", "8s: in src.m0=5.0"}, dst.log)
}

func TestMaxAdvance(t *testing.T) {
	var got []sim.Time
	w := newWorld(t)
	w.add("src", &fake{step: every(5*second, func(f *fake, s *sim.Step) { f.event[0].Set(1) })})
	w.add("dst", &fake{typ: sim.EventBased, step: onTrigger(func(f *fake, s *sim.Step) { got = append(got, s.MaxAdvance()) })})
	w.connect("src", "event", "dst", "in", sim.ConnectOptions{})
	require.NoError(t, w.run(12*second))
	require.Equal(t, []sim.Time{5*second - 1, 10*second - 1, 12 * second}, got)
}

func TestInitialEvent(t *testing.T) {
	w := newWorld(t)
	f := w.add("a", &fake{typ: sim.EventBased, step: onTrigger(func(_ *fake, s *sim.Step) {
		require.Zero(t, s.Elapsed(), "it is the first step, however late")
	})})
	w.Instance("a").SetInitialEvent(3 * second)
	require.NoError(t, w.run(9*second))
	require.Equal(t, []string{"3s:"}, f.log)
}

// TestSourcesAreGroupedBySimulator: simulators add values up in the order in
// which they get them, and floating-point sums depend on it.
func TestSourcesAreGroupedBySimulator(t *testing.T) {
	w := newWorld(t)
	give := func(v float64) *fake {
		return &fake{step: every(second, func(f *fake, s *sim.Step) { f.out[0].Set(v); f.event[0].Set(-v) })}
	}
	w.add("b", give(1))
	w.add("a", give(2))
	dst := w.add("dst", &fake{typ: sim.EventBased, step: onTrigger(nil)})
	w.connect("b", "out", "dst", "in", sim.ConnectOptions{})
	w.connect("a", "event", "dst", "in", sim.ConnectOptions{})
	w.connect("a", "out", "dst", "in", sim.ConnectOptions{})
	w.connect("b", "event", "dst", "in", sim.ConnectOptions{})
	require.NoError(t, w.run(second))
	require.Equal(t, []string{"0s: in a.m0=-2.0 in b.m0=-1.0 in b.m0=1.0 in a.m0=2.0"}, dst.log)
}

// TestOmittedOutputIsNullAndTriggersNobody: so mosaik treats programs that leave
// a persistent attribute out.
func TestOmittedOutputIsNullAndTriggersNobody(t *testing.T) {
	w := newWorld(t)
	w.add("src", &fake{step: every(second, func(f *fake, s *sim.Step) {
		if s.Time() == second {
			f.out[0].Omit()
			return
		}
		f.out[0].Set(seconds(s))
	})})
	triggered := w.add("triggered", &fake{typ: sim.EventBased, step: onTrigger(func(f *fake, _ *sim.Step) { require.True(t, f.in[0].Fresh()) })})
	reader := w.add("reader", &fake{step: every(second, nil)})
	w.connect("src", "out", "triggered", "in", sim.ConnectOptions{})
	w.connect("src", "out", "reader", "in", sim.ConnectOptions{})
	require.NoError(t, w.run(3*second))
	require.Equal(t, []string{"0s: in src.m0=0.0", "2s: in src.m0=2.0"}, triggered.log)
	require.Equal(t, []string{"0s: in src.m0=0.0", "1s: in src.m0=null", "2s: in src.m0=2.0"}, reader.log)
}
