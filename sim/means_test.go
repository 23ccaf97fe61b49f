package sim_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/simrun/simrun/sim"
)

func TestMeansAreOverTime(t *testing.T) {
	w := newWorld(t)
	w.add("src", &fake{step: every(3*second, func(f *fake, s *sim.Step) { f.out[0].Set(seconds(s)) })})
	var m sim.Memory
	ref := sim.Ref{Entity: w.es["src"], Attr: "out"}
	require.NoError(t, w.RecordMeans(&m, 4*time.Second, ref))
	require.NoError(t, w.Record(&m, 0, ref))
	require.NoError(t, w.run(9*second))
	// 0 until 3, 3 until 6, 6 until 9: rows of both are in one order, and the last interval ends with the run.
	require.Equal(t, []string{"0s out_mean 0.75", "0s out 0.0", "3s out 3.0", "4s out_mean 4.5", "6s out 6.0", "8s out_mean 6.0"}, rowsOf(&m))
}

func TestMeansOfARunThatFails(t *testing.T) {
	w := newWorld(t)
	w.add("src", &fake{step: func(_ context.Context, f *fake, s *sim.Step) (sim.Time, error) {
		if s.Time() == 5*second {
			return 0, errors.New("broken")
		}
		f.out[0].Set(seconds(s))
		return s.Time() + second, nil
	}})
	var m sim.Memory
	ref := sim.Ref{Entity: w.es["src"], Attr: "out"}
	require.NoError(t, w.RecordMeans(&m, 2*time.Second, ref))
	require.NoError(t, w.Record(&m, 0, ref))
	require.ErrorContains(t, w.run(9*second), "broken")
	require.Equal(t, []string{"0s out_mean 0.5", "0s out 0.0", "1s out 1.0", "2s out_mean 2.5", "2s out 2.0", "3s out 3.0", "4s out_mean null", "4s out 4.0"}, rowsOf(&m))
}

// TestMeansAreThoseOfTheValues compares means with what comes of all values by summing up.
func TestMeansAreThoseOfTheValues(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		until := sim.Time(rapid.IntRange(1, 40).Draw(rt, "until")) * second
		over := sim.Time(rapid.IntRange(1, 12).Draw(rt, "over")) * second
		step := sim.Time(rapid.IntRange(1, 9).Draw(rt, "step")) * second
		first := sim.Time(rapid.IntRange(0, 2).Draw(rt, "first")) // steps before there is a number
		values := rapid.SliceOfN(rapid.IntRange(-1, 5), 41, 41).Draw(rt, "values")
		w := newWorld(t)
		at := func(t sim.Time) (float64, bool) {
			v := values[t/step]
			return float64(v), t/step >= first && v >= 0
		}
		w.add("src", &fake{step: every(step, func(f *fake, s *sim.Step) {
			if v, ok := at(s.Time()); ok {
				f.out[0].Set(v)
			} else if s.Time()/step >= first {
				f.out[0].SetValue(sim.Null)
			}
		})})
		var m sim.Memory
		require.NoError(t, w.RecordMeans(&m, time.Duration(over), sim.Ref{Entity: w.es["src"], Attr: "out"}))
		require.NoError(t, w.run(until))
		i, told := 0, false
		for from := sim.Time(0); from < until; from += over {
			var sum, n float64
			for s := from; s < min(from+over, until); s += second {
				if v, ok := at(s); ok {
					sum, n = sum+v, n+1
				}
			}
			if n == 0 && !told {
				continue
			}
			require.Less(t, i, len(m.Rows))
			if told = n > 0; !told { // the mean before is not valid any more
				require.Equal(t, sim.Row{Time: from, Value: sim.Null}, m.Rows[i])
				i++
				continue
			}
			got, err := m.Rows[i].Value.Float64()
			require.NoError(t, err)
			require.Equal(t, from, m.Rows[i].Time)
			require.InDelta(t, sum/n, got, 1e-12)
			i++
		}
		require.Len(t, m.Rows, i)
	})
}

func TestMeansOfNumbersThatAreFarApart(t *testing.T) {
	w := newWorld(t)
	w.add("src", &fake{step: every(2*second, func(f *fake, s *sim.Step) {
		f.out[0].Set([]float64{-1.5e308, 1.5e308}[s.Time()/second/2])
	})})
	var m sim.Memory
	require.NoError(t, w.RecordMeans(&m, 4*time.Second, sim.Ref{Entity: w.es["src"], Attr: "out"}))
	require.NoError(t, w.run(4*second))
	require.Equal(t, []string{"0s out_mean 0.0"}, rowsOf(&m))
}

func TestMeansThatCannotBe(t *testing.T) {
	w := newWorld(t)
	w.add("src", &fake{step: every(second, nil)})
	var m sim.Memory
	e := w.es["src"]
	require.EqualError(t, w.RecordMeans(&m, 0, sim.Ref{Entity: e, Attr: "out"}), "record: a mean over 0s; it needs a positive time")
	require.EqualError(t, w.RecordMeans(&m, time.Second, sim.Ref{Entity: e, Attr: "event"}),
		"record: event of src.m0 is an event, which has no mean over time; record its values")
	require.ErrorContains(t, w.RecordMeans(&m, time.Second, sim.Ref{Entity: e, Attr: "outt"}), `has no output "outt"`)
}
