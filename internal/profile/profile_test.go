package profile

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/simrun/simrun/sim"
)

func TestBottleneck(t *testing.T) {
	cost := func(name string, steps int64, own, messaging time.Duration) Cost {
		return Cost{name, sim.Stats{Steps: steps, Own: own, Messaging: messaging}}
	}
	away := cost("agents", 10, 9*time.Second, 0)
	away.Containers = []sim.ContainerStats{{Name: "south", Own: time.Second}, {Name: "north", Own: 8 * time.Second}}
	for name, tc := range map[string]struct {
		wall  time.Duration
		pace  float64
		costs []Cost
		want  string
	}{
		"one is slow": {10 * time.Second, 0, []Cost{cost("house", 240, 8*time.Second, 0), cost("grid", 10, time.Second, 0)},
			"80% of the time is house's own steps (240, 33.3 ms each)."},
		"messages": {10 * time.Second, 0, []Cost{cost("house", 1000, time.Second, 7*time.Second)},
			"70% of the time is messages to and from house (1,000, 7.00 ms each)."},
		"a container": {10 * time.Second, 0, []Cost{away},
			"90% of the time is agents' own steps (10, 900 ms each), 80% waiting for container north."},
		"nobody": {10 * time.Second, 0, []Cost{cost("a", 10, 3*time.Second, 0), cost("b", 10, 2*time.Second, 0), cost("c", 5, 2*time.Second, 0)},
			"30% of the time is a's own steps (10, 300 ms each); no simulator takes more."},
		"the loop": {10 * time.Second, 0, []Cost{cost("a", 1e7, 2*time.Second, 0)},
			"80% of the time is simrun's own work between 10,000,000 short steps; of the simulators, a takes the most, 20%."},
		"the clock": {10 * time.Second, 1, []Cost{cost("a", 10, time.Second, 0)},
			"The run follows the clock; 10% of the time is a's own steps (10, 100 ms each)."},
		"the clock alone": {10 * time.Second, 1, []Cost{cost("a", 10, time.Millisecond, 0)},
			"The run follows the clock; the simulators take less than 1% of the time."},
		"side by side, longer than the run": {10 * time.Second, 0, []Cost{cost("a", 10, 11*time.Second, 0), cost("b", 10, 9*time.Second, 0)},
			"100% of the time is a's own steps (10, 1.10 s each)."},
		"no steps": {time.Second, 0, []Cost{cost("a", 0, 0, 0)}, ""},
	} {
		t.Run(name, func(t *testing.T) {
			assert.Equal(t, tc.want, Bottleneck(tc.wall, tc.pace, tc.costs))
		})
	}
}

func TestLongest(t *testing.T) {
	times := []time.Duration{3, 1, 9, 1, 0}
	took := func(i int) time.Duration { return times[i] }
	assert.Equal(t, []bool{true, false, true, false, false}, Longest(5, 2, took))
	assert.Equal(t, []bool{true, true, true, false, false}, Longest(5, 3, took), "of equal ones the first")
	assert.Equal(t, []bool{true, true}, Longest(2, 5, took))
}

func TestStepSize(t *testing.T) {
	got, asked := StepSize(sim.Stats{Steps: 5, Advanced: 4 * time.Hour, Requests: 2, Requested: float64(6 * time.Hour)})
	assert.Equal(t, time.Hour, got)
	assert.Equal(t, 3*time.Hour, asked)
	got, asked = StepSize(sim.Stats{Steps: 1})
	assert.Negative(t, got)
	assert.Negative(t, asked)
}

// model is a simulator to have instances of.
type model struct {
	Out sim.Output `attr:"out" unit:"1" doc:"nothing"`
}

func (*model) Step(*sim.Step) error { return nil }

func instances(t *testing.T, names ...string) []*sim.Instance {
	w := sim.NewWorld(sim.Config{})
	t.Cleanup(func() { require.NoError(t, w.Close()) })
	for _, name := range names {
		_, err := w.Add(context.Background(), name, sim.NewModel[model](sim.ModelConfig{Name: "M", Step: time.Second}), sim.AddOptions{})
		require.NoError(t, err)
	}
	return w.Instances()
}

// event is one of a trace as a viewer reads it.
type event struct {
	Ph, Cat, Name string
	Tid           int
	Ts, Dur       float64
	Args          map[string]any
}

func written(t *testing.T, tr *Trace) []event {
	var b bytes.Buffer
	require.NoError(t, tr.Write(&b, `a "run"`))
	var doc struct{ TraceEvents []event }
	require.NoError(t, json.Unmarshal(b.Bytes(), &doc), b.String())
	return doc.TraceEvents
}

func TestTraceHasALaneForEachSimulator(t *testing.T) {
	ins := instances(t, "house", `the "grid"`)
	tr := NewTrace(ins)
	began := time.Now()
	tr.Add(ins[0], sim.Span{At: 0, Began: began, Took: 2 * time.Millisecond})
	tr.Add(ins[1], sim.Span{At: sim.Time(time.Hour), Began: began.Add(2 * time.Millisecond), Took: time.Millisecond, Waited: 2 * time.Millisecond, For: ins[0]})
	events := written(t, tr)
	var lines []string
	for _, e := range events {
		lines = append(lines, fmt.Sprint(e.Ph, " ", e.Tid, " ", e.Name, " ", e.Ts, " ", e.Dur, " ", e.Args))
	}
	assert.Equal(t, []string{
		`M 0 process_name 0 0 map[name:a "run"]`,
		`M 1 thread_name 0 0 map[name:house]`,
		`M 1 thread_sort_index 0 0 map[sort_index:1]`,
		`X 1 step 0 2000 map[virtual time:0 s]`,
		`M 2 thread_name 0 0 map[name:the "grid"]`,
		`M 2 thread_sort_index 0 0 map[sort_index:2]`,
		`X 2 waiting for house 0 2000 map[]`,
		`X 2 step 2000 1000 map[virtual time:1 h]`,
	}, lines)
}

func TestTraceIsBoundedAndKeepsEveryStep(t *testing.T) {
	ins := instances(t, "a", "b")
	tr := NewTrace(ins)
	tr.most = 1000
	random := rand.New(rand.NewPCG(1, 2))
	now := time.Now()
	last := make(map[*sim.Instance]time.Time)
	steps, busy := map[*sim.Instance]int{}, map[*sim.Instance]time.Duration{}
	for i := range 200_000 {
		in, other := ins[i%2], ins[1-i%2]
		s := sim.Span{At: sim.Time(i), Began: now, Took: time.Duration(random.IntN(100_000))}
		if l, ok := last[in]; ok {
			s.Waited, s.For = now.Sub(l), other
		}
		tr.Add(in, s)
		now = now.Add(s.Took + time.Duration(random.IntN(10_000)))
		last[in] = now.Add(-time.Nanosecond)
		steps[in]++
		busy[in] += s.Took
		require.LessOrEqual(t, tr.spans, tr.most)
	}
	assert.Greater(t, tr.spans, tr.most/4, "no more is merged than need be")
	for i, in := range ins {
		var n int
		var d time.Duration
		for _, s := range tr.lanes[i].spans {
			n += s.steps
			d += s.busy
		}
		assert.Equal(t, steps[in], n)
		assert.Equal(t, busy[in], d)
	}
	// Viewers want spans of one lane to be nested or apart.
	ends := map[int]float64{}
	for _, e := range written(t, tr) {
		if e.Ph == "X" && e.Cat == "step" {
			assert.GreaterOrEqual(t, e.Ts, ends[e.Tid]-0.001)
			ends[e.Tid] = e.Ts + e.Dur
		}
	}
}

func BenchmarkTrace(b *testing.B) {
	w := sim.NewWorld(sim.Config{})
	defer w.Close()
	in, err := w.Add(context.Background(), "a", sim.NewModel[model](sim.ModelConfig{Name: "M", Step: time.Second}), sim.AddOptions{})
	require.NoError(b, err)
	tr := NewTrace([]*sim.Instance{in})
	now := time.Now()
	b.ReportAllocs()
	for i := range b.N {
		tr.Add(in, sim.Span{At: sim.Time(i), Began: now, Took: 100})
		now = now.Add(200)
	}
}
