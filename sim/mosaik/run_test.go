package mosaik_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/simrun/simrun/sim"
	"github.com/simrun/simrun/sim/mosaik"
)

// Two programs on the real mosaik-api-v3, one stepping half as often as the
// other, with step and get_data in one write and in two.
func TestTimeBased(t *testing.T) {
	for name, separate := range map[string]bool{"one write": false, "two writes": true} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			cfg := func() mosaik.Config {
				c := peer(t, "timebased.py")
				c.SeparateGetData = separate
				return c
			}
			a := create(t, add(t, w, "A", cfg(), sim.Params{"step_size": 2}), "Counter", 1, sim.Params{"start": 10})[0]
			b := create(t, add(t, w, "B", cfg(), nil), "Counter", 2, nil)
			require.Equal(t, "counter-1", b[1].ID())
			require.NoError(t, w.Connect(a, "out", b[0], "in", sim.ConnectOptions{}))
			var m sim.Memory
			require.NoError(t, w.Record(&m, 0, sim.Ref{Entity: b[0], Attr: "out"}, sim.Ref{Entity: b[0], Attr: "seen"}))
			sum, err := w.Run(t.Context(), sim.RunOptions{Until: seconds(4)})
			require.NoError(t, err)
			require.True(t, sum.Complete)
			require.Equal(t, "0s:10 1s:11 2s:13 3s:14", values(&m, "B.counter-0", "out"))
			require.Equal(t, `0s:{"A.counter-0": 10} 1s:{"A.counter-0": 10} 2s:{"A.counter-0": 11} 3s:{"A.counter-0": 11}`, values(&m, "B.counter-0", "seen"))
		})
	}
}
