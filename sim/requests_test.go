package sim_test

import (
	"context"
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/simrun/simrun/sim"
)

// TestAsyncRequests: a controller reads from a plant and sets data in it while
// it steps.
func TestAsyncRequests(t *testing.T) {
	ctx := context.Background()
	w := newWorld(t)
	plant := w.add("plant", &fake{step: every(second, func(f *fake, s *sim.Step) { f.out[0].Set(seconds(s) + 0.5) })})
	var read []string
	w.add("control", &fake{step: func(_ context.Context, f *fake, s *sim.Step) (sim.Time, error) {
		q := f.env.Requests
		v, err := q.GetData(ctx, "plant.m0", "out")
		require.NoError(t, err)
		read = append(read, v.String())
		require.NoError(t, q.SetData(ctx, "control.m0", "plant.m0", "quiet", sim.Float(-seconds(s))))
		_, err = q.GetData(ctx, "stranger.m0", "out")
		require.ErrorContains(t, err, `simulator "control" may not ask "stranger.m0"; connect stranger to control with async requests`)
		require.ErrorContains(t, q.SetData(ctx, "control.m0", "plant.m0", "inn", sim.Int(1)), `did you mean "in"?`)
		_, err = q.GetData(ctx, "nobody.m0", "out")
		require.ErrorContains(t, err, `there is no entity "nobody.m0"`)
		require.ErrorContains(t, q.SetEvent(ctx, 5*second), "not paced by real time")
		p, err := q.Progress(ctx)
		require.NoError(t, err)
		require.GreaterOrEqual(t, p, 0.0)
		require.LessOrEqual(t, p, 100.0)
		g, err := q.Related(ctx, "control.m0")
		require.NoError(t, err)
		require.Equal(t, [][2]string{{"plant.m0", "control.m0"}}, g.Edges)
		return s.Time() + 2*second, nil
	}})
	w.add("stranger", &fake{step: every(second, nil)})
	w.connect("plant", "out", "control", "in", sim.ConnectOptions{AsyncRequests: true})
	require.NoError(t, w.run(4*second))
	require.Equal(t, []string{"0.5", "2.5"}, read)
	require.Equal(t, []string{"0s:", "1s: quiet control.m0=-0.0", "2s:", "3s: quiet control.m0=-2.0"}, plant.log)
	_, err := plant.env.Requests.Progress(ctx)
	require.ErrorContains(t, err, "before the run or after it")
}

// TestSetDataDoesNotDependOnWhoIsFaster: two controllers set the same input at
// the same time, and the one or the other gets there first.
func TestSetDataDoesNotDependOnWhoIsFaster(t *testing.T) {
	ctx := context.Background()
	for _, first := range []string{"a", "b"} {
		w := newWorld(t)
		plant := w.add("plant", &fake{step: every(3*second, nil)})
		done := make(chan struct{})
		for name, step := range map[string]sim.Time{"a": second, "b": 2 * second} {
			w.add(name, &fake{step: func(_ context.Context, f *fake, s *sim.Step) (sim.Time, error) {
				if s.Time() == 0 && name != first {
					<-done
				}
				v := sim.Text(fmt.Sprint(name, s.Time()))
				require.NoError(t, f.env.Requests.SetData(ctx, name, "plant.m0", "quiet", v))
				require.NoError(t, f.env.Requests.SetData(ctx, "both", "plant.m0", "quiet", v))
				if s.Time() == 0 && name == first {
					close(done)
				}
				return s.Time() + step, nil
			}})
			w.ConnectAsync(w.es["plant"], w.es[name])
		}
		require.NoError(t, w.run(7*second))
		require.Equal(t, []string{"0s:",
			`3s: quiet a="a2s" quiet both="b2s" quiet b="b2s"`,
			`6s: quiet a="a5s" quiet both="a5s" quiet b="b4s"`}, plant.log)
	}
}

// TestRequestsBesideEachOther is for the race detector: two simulators ask at
// the same time, while new inputs come into being.
func TestRequestsBesideEachOther(t *testing.T) {
	ctx := context.Background()
	w := newWorld(t)
	w.add("plant", &fake{step: every(second, nil)})
	for name, attr := range map[string]string{"a": "in", "b": "quiet"} {
		w.add(name, &fake{step: every(second, func(f *fake, s *sim.Step) {
			_, err := f.env.Requests.Related(ctx)
			require.NoError(t, err)
			require.NoError(t, f.env.Requests.SetData(ctx, name, "plant.m0", attr, sim.Int(1)))
		})})
		w.ConnectAsync(w.es["plant"], w.es[name])
	}
	require.NoError(t, w.run(20*second))
}

// TestRequestsAfterTheStepAreRefused: those that are asked may step then.
func TestRequestsAfterTheStepAreRefused(t *testing.T) {
	ctx := context.Background()
	w := newWorld(t)
	var refused []error
	control := &fake{step: every(9*second, nil)}
	w.add("plant", &fake{step: every(second, func(*fake, *sim.Step) {
		_, err := control.env.Requests.GetData(ctx, "plant.m0", "out")
		refused = append(refused, err, control.env.Requests.SetData(ctx, "x", "plant.m0", "in", sim.Int(1)))
	})})
	w.add("control", control)
	w.ConnectAsync(w.es["plant"], w.es["control"])
	require.NoError(t, w.run(second))
	require.Len(t, refused, 2)
	for _, err := range refused {
		require.ErrorContains(t, err, `simulator "control" asks for data, or sets data, after its step is complete`)
	}
}

// TestGetDataIsAsOfWhatTheRequesterMaySee: neither an output for a later time,
// nor one of a later round, although the source has made them already.
func TestGetDataIsAsOfWhatTheRequesterMaySee(t *testing.T) {
	ctx := context.Background()
	w := newWorld(t)
	w.add("plan", &fake{step: every(2*second, func(f *fake, s *sim.Step) {
		f.out[0].Set(seconds(s))
		require.NoError(t, s.SetOutputTime(s.Time()+3*second))
	})})
	// loop makes three rounds at each time, and triggers control in the first two;
	// slow, outside the group, holds control up until loop has made all of them.
	g := w.NewGroup("g")
	w.addIn(g, "loop", &fake{typ: sim.Hybrid, step: every(2*second, func(f *fake, s *sim.Step) {
		v := f.in[0].Float()
		f.out[0].Set(10*seconds(s) + v)
		if v < 2 {
			f.event[0].Set(v + 1)
		}
	})})
	w.connect("loop", "event", "loop", "in", sim.ConnectOptions{Weak: true})
	w.add("slow", &fake{typ: sim.EventBased, step: onTrigger(func(f *fake, s *sim.Step) { f.event[0].Set(0) })})
	w.connect("loop", "event", "slow", "in", sim.ConnectOptions{})
	var read []string
	w.addIn(g, "control", &fake{typ: sim.EventBased, step: onTrigger(func(f *fake, s *sim.Step) {
		for _, id := range []string{"plan.m0", "loop.m0"} {
			v, err := f.env.Requests.GetData(ctx, id, "out")
			require.NoError(t, err)
			read = append(read, fmt.Sprint(s.Time(), " ", id, " ", v))
		}
	})})
	w.connect("loop", "event", "control", "in", sim.ConnectOptions{})
	w.connect("slow", "event", "control", "in", sim.ConnectOptions{})
	w.ConnectAsync(w.es["plan"], w.es["control"])
	w.ConnectAsync(w.es["loop"], w.es["control"])
	require.NoError(t, w.run(5*second))
	require.Equal(t, []string{
		"0s plan.m0 null", "0s loop.m0 0.0", "0s plan.m0 null", "0s loop.m0 1.0",
		"2s plan.m0 null", "2s loop.m0 20.0", "2s plan.m0 null", "2s loop.m0 21.0",
		"4s plan.m0 0.0", "4s loop.m0 40.0", "4s plan.m0 0.0", "4s loop.m0 41.0",
	}, read)
}

// TestRequestsBetweenRounds: in a group a source that makes rounds at one time for itself waits for
// the requester before the next one, in which it gets what is set; unless the requester waits for
// all its rounds, because of somebody outside the group.
func TestRequestsBetweenRounds(t *testing.T) {
	for _, outside := range []bool{false, true} {
		synctest.Test(t, func(t *testing.T) { testRequestsBetweenRounds(t, outside) })
	}
}

func testRequestsBetweenRounds(t *testing.T, outside bool) {
	ctx := context.Background()
	w := newWorld(t)
	g := w.NewGroup("g")
	began := time.Now()
	source := w.addIn(g, "source", &fake{typ: sim.Hybrid, step: func(_ context.Context, f *fake, s *sim.Step) (sim.Time, error) {
		round := f.in[0].Float()
		f.out[0].Set(10*seconds(s) + round)
		if round < 2 {
			f.event[0].Set(round + 1)
		}
		time.Sleep(time.Second)
		return (s.Time()/second + 1) * second, nil
	}})
	var asked []string
	w.addIn(g, "control", &fake{step: func(_ context.Context, f *fake, s *sim.Step) (sim.Time, error) {
		v, err := f.env.Requests.GetData(ctx, "source.m0", "out")
		if err != nil {
			return 0, err
		}
		asked = append(asked, fmt.Sprint(time.Since(began), " ", v))
		return s.Time() + second, f.env.Requests.SetData(ctx, "control.m0", "source.m0", "quiet", sim.Float(seconds(s)))
	}})
	w.connect("source", "event", "source", "in", sim.ConnectOptions{Weak: true})
	w.ConnectAsync(w.es["source"], w.es["control"])
	expected := []string{"1s 0.0", "4s 10.0"}
	log := []string{"0s:", "0s: in source.m0=1.0 quiet control.m0=0.0", "0s: in source.m0=2.0",
		"1s:", "1s: in source.m0=1.0 quiet control.m0=1.0", "1s: in source.m0=2.0"}
	if outside {
		w.add("slow", &fake{typ: sim.EventBased, step: onTrigger(func(f *fake, s *sim.Step) { f.out[0].Set(0) })})
		w.connect("source", "event", "slow", "in", sim.ConnectOptions{})
		w.connect("slow", "out", "control", "quiet", sim.ConnectOptions{})
		expected = []string{"3s 0.0", "6s 10.0"}
		log = []string{"0s:", "0s: in source.m0=1.0", "0s: in source.m0=2.0",
			"1s: quiet control.m0=0.0", "1s: in source.m0=1.0", "1s: in source.m0=2.0"}
	}
	require.NoError(t, w.run(2*second))
	require.Equal(t, expected, asked)
	require.Equal(t, log, source.log)
}

// TestRequestsInNestedGroups: control may ask plan for all rounds of a time, and house, which makes rounds
// with plan, in a group inside theirs. As house waits for plan, and plan for control, control asks house between rounds.
func TestRequestsInNestedGroups(t *testing.T) {
	ctx := context.Background()
	w := newWorld(t)
	outer := w.NewGroup("outer")
	inner := outer.NewGroup("inner")
	count := onTrigger(func(f *fake, s *sim.Step) {
		f.out[0].Set(f.in[0].Float())
		if v := f.in[0].Float(); v < 3 {
			f.event[0].Set(v + 1)
		}
	})
	w.addIn(outer, "plan", &fake{typ: sim.EventBased, step: count})
	w.addIn(inner, "house", &fake{typ: sim.EventBased, step: count})
	w.Instance("house").SetInitialEvent(0)
	var asked []string
	w.addIn(inner, "control", &fake{typ: sim.EventBased, step: onTrigger(func(f *fake, s *sim.Step) {
		for _, id := range []string{"plan.m0", "house.m0"} {
			v, err := f.env.Requests.GetData(ctx, id, "out")
			require.NoError(t, err)
			asked = append(asked, fmt.Sprint(id, " ", v))
		}
	})})
	w.connect("house", "event", "plan", "in", sim.ConnectOptions{})
	w.connect("plan", "event", "house", "in", sim.ConnectOptions{Weak: true})
	w.connect("house", "event", "control", "in", sim.ConnectOptions{})
	w.ConnectAsync(w.es["plan"], w.es["control"])
	w.ConnectAsync(w.es["house"], w.es["control"])
	require.NoError(t, w.run(second))
	require.Equal(t, []string{"plan.m0 1.0", "house.m0 0.0", "plan.m0 3.0", "house.m0 2.0"}, asked)
}
