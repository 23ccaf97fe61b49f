package mosaik_test

import (
	"encoding/json"
	"fmt"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/simrun/simrun/internal/peertest"
	"github.com/simrun/simrun/sim"
	"github.com/simrun/simrun/sim/mosaik"
)

const tankSource = "../../docs/java/Tank.java"

func javaTank(t *testing.T) mosaik.Config {
	return mosaik.Config{
		Command:      []string{peertest.Java(t), tankSource, "{addr}"},
		Log:          filepath.Join(t.TempDir(), "java.log"),
		StartTimeout: enough, // it is compiled first
	}
}

// TestJava runs the simulator in Java of docs/external.md, coupled with one in
// Python, here and in the real mosaik: all values are the same.
func TestJava(t *testing.T) {
	w := newWorld(t)
	tanks := add(t, w, "Tank", javaTank(t), sim.Params{"step_size": 30})
	tank := create(t, tanks, "Tank", 2, sim.Params{"area": 0.3, "level": 0.1})
	pump := create(t, add(t, w, "Pump", peer(t, "timebased.py"), sim.Params{"step_size": 60}), "Counter", 1, sim.Params{"start": 1})[0]
	for _, e := range tank {
		require.NoError(t, w.Connect(pump, "out", e, "inflow", sim.ConnectOptions{}))
	}
	require.NoError(t, w.Connect(tank[0], "level", pump, "in", sim.ConnectOptions{Shift: time.Second, Initial: sim.Float(0.5), HasInitial: true}))
	drained, err := tanks.Call(t.Context(), "drain", []any{"Tank-1"}, nil)
	require.NoError(t, err)
	var m sim.Memory
	require.NoError(t, w.Record(&m, 0, sim.Ref{Entity: tank[0], Attr: "level"}, sim.Ref{Entity: tank[1], Attr: "level"}))
	_, err = w.Run(t.Context(), sim.RunOptions{Until: seconds(601)})
	require.NoError(t, err)

	out, _, err := inMosaik(t, "tank", fmt.Sprintf("'%s' %s", peertest.Java(t), tankSource))
	require.NoError(t, err)
	var theirs struct {
		Drained float64
		Levels  map[string]map[string]map[string]float64
	}
	require.NoError(t, json.Unmarshal([]byte(out), &theirs))
	ours, err := drained.Float64()
	require.NoError(t, err)
	require.Equal(t, theirs.Drained, ours)
	require.Len(t, m.Rows, 2*21)
	for _, row := range m.Rows {
		value, err := row.Value.Float64()
		require.NoError(t, err)
		at, name := fmt.Sprint(int(time.Duration(row.Time).Seconds())), m.Series[row.Series].FullID
		level, found := theirs.Levels[at]["level"][name]
		require.True(t, found, "%s at %s", name, at)
		require.Equal(t, level, value, "%s at %s", name, at)
	}
}

// TestJavaFails: its exceptions come back as errors, and it goes on.
func TestJavaFails(t *testing.T) {
	w := newWorld(t)
	tanks := add(t, w, "Tank", javaTank(t), nil)
	_, err := tanks.Create(t.Context(), "Tank", 1, sim.Params{"area": -1})
	require.ErrorContains(t, err, `simulator "Tank": create Tank: it answered with a failure: IllegalArgumentException: the area -1.0 m2 must be above 0`)
	_, err = tanks.Call(t.Context(), "drain", []any{"Tank-9"}, nil)
	require.ErrorContains(t, err, "NullPointerException")
}
