package sim_test

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/simrun/simrun/sim"
)

func rowsOf(m *sim.Memory) []string {
	var rows []string
	for _, r := range m.Rows {
		rows = append(rows, fmt.Sprintf("%v %s %v", r.Time, m.Series[r.Series].Attr, r.Value))
	}
	return rows
}

func TestRecordSamplesWhatIsValid(t *testing.T) {
	w := newWorld(t)
	w.add("src", &fake{step: every(3*second, func(f *fake, s *sim.Step) {
		f.out[0].Set(seconds(s))
		if s.Time() == 3*second {
			f.event[0].Set(-1)
		}
	})})
	var all, sampled sim.Memory
	refs := []sim.Ref{{Entity: w.es["src"], Attr: "event"}, {Entity: w.es["src"], Attr: "out"}}
	require.NoError(t, w.Record(&all, 0, refs...))
	require.NoError(t, w.Record(&sampled, 2*time.Second, refs...))
	require.NoError(t, w.run(9*second))
	require.Equal(t, []string{"0s out 0.0", "3s event -1.0", "3s out 3.0", "6s out 6.0"}, rowsOf(&all))
	require.Equal(t, []string{"0s out 0.0", "2s out 0.0", "3s event -1.0", "4s out 3.0", "6s out 6.0", "8s out 6.0"}, rowsOf(&sampled))
}

// TestRecordingsShareASink: rows of several recordings come in one order,
// whatever is flushed when.
func TestRecordingsShareASink(t *testing.T) {
	w := newWorld(t)
	w.add("src", &fake{step: every(second, func(f *fake, s *sim.Step) { f.out[0].Set(seconds(s)) })})
	var m sim.Memory
	ref := sim.Ref{Entity: w.es["src"], Attr: "out"}
	require.NoError(t, w.Record(&m, 2*time.Second, ref))
	ref.Name = "all"
	require.NoError(t, w.Record(&m, 0, ref))
	require.NoError(t, w.run(4*second))
	var got []string
	for _, r := range m.Rows {
		got = append(got, fmt.Sprintf("%v %s", r.Time, m.Series[r.Series].Entity))
		require.Equal(t, "src.m0", m.Series[r.Series].FullID)
	}
	require.Equal(t, []string{"0s src.m0", "0s all", "1s all", "2s src.m0", "2s all", "3s all"}, got)
}

func TestRecordIsInOrderOfTimeAndSeries(t *testing.T) {
	w := newWorld(t)
	put := func(f *fake, s *sim.Step) { f.out[0].Set(seconds(s)) }
	w.add("fast", &fake{step: every(second, put)})
	w.add("slow", &fake{step: every(2*second, put)})
	var m sim.Memory
	require.NoError(t, w.Record(&m, 0, sim.Ref{Entity: w.es["slow"], Attr: "out"}, sim.Ref{Entity: w.es["fast"], Attr: "out"}))
	require.NoError(t, w.run(4*second))
	var got []string
	for _, r := range m.Rows {
		got = append(got, fmt.Sprintf("%v %s", r.Time, m.Series[r.Series].Entity))
	}
	require.Equal(t, []string{"0s slow.m0", "0s fast.m0", "1s fast.m0", "2s slow.m0", "2s fast.m0", "3s fast.m0"}, got)
}

// TestFailureKeepsWhatWasRecorded: every value up to the failure, samples up to
// where all have arrived.
func TestFailureKeepsWhatWasRecorded(t *testing.T) {
	w := newWorld(t)
	w.add("src", &fake{step: every(second, func(f *fake, s *sim.Step) { f.out[0].Set(seconds(s)) })})
	w.add("dst", &fake{step: func(_ context.Context, _ *fake, s *sim.Step) (sim.Time, error) {
		if s.Time() == 3*second {
			return 0, errors.New("broken")
		}
		return s.Time() + second, nil
	}})
	w.connect("src", "out", "dst", "in", sim.ConnectOptions{})
	var all, sampled sim.Memory
	ref := sim.Ref{Entity: w.es["src"], Attr: "out"}
	require.NoError(t, w.Record(&all, 0, ref))
	require.NoError(t, w.Record(&sampled, time.Second, ref))
	require.ErrorContains(t, w.run(9*second), "broken")
	require.Equal(t, []string{"0s out 0.0", "1s out 1.0", "2s out 2.0", "3s out 3.0"}, rowsOf(&all))
	require.Equal(t, []string{"0s out 0.0", "1s out 1.0", "2s out 2.0"}, rowsOf(&sampled))
}
