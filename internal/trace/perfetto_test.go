package trace_test

import (
	"bytes"
	"context"
	"encoding/json"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/simrun/simrun/internal/trace"
	"github.com/simrun/simrun/scheduler"
	"github.com/simrun/simrun/sim"
)

// What is written is JSON; every arrow has two ends, not backwards in time, and each is
// where something happens in a lane with a name.
func TestPerfetto(t *testing.T) {
	for path, want := range map[string]int{chainRun(t, 1, nil): 0, market(t, "1h"): 40, triggered(t): 9} {
		r, err := trace.Open(path)
		require.NoError(t, err)
		defer r.Close()
		var out bytes.Buffer
		p := trace.NewPerfetto(&out, r.Header)
		f := trace.Filter{To: sim.Never}
		require.NoError(t, f.Each(r, p.Item))
		require.NoError(t, p.Close())
		var all struct {
			TraceEvents []struct {
				Name, Ph string
				Pid, Tid int
				Ts, Dur  float64
				ID       int
			}
		}
		require.NoError(t, json.Unmarshal(out.Bytes(), &all))
		type lane struct{ pid, tid int }
		type span struct{ from, to float64 }
		names, spans := map[lane]bool{}, map[lane][]span{}
		for _, e := range all.TraceEvents {
			switch {
			case e.Name == "thread_name":
				names[lane{e.Pid, e.Tid}] = true
			case e.Ph == "X":
				spans[lane{e.Pid, e.Tid}] = append(spans[lane{e.Pid, e.Tid}], span{e.Ts, e.Ts + e.Dur})
			}
		}
		begins := map[int]float64{}
		arrows := 0
		for _, e := range all.TraceEvents {
			if e.Ph != "s" && e.Ph != "f" {
				continue
			}
			l := lane{e.Pid, e.Tid}
			require.True(t, names[l])
			there := false
			for _, s := range spans[l] {
				there = there || s.from <= e.Ts && e.Ts <= s.to
			}
			require.True(t, there, "%v", e)
			if e.Ph == "s" {
				begins[e.ID] = e.Ts
				continue
			}
			require.LessOrEqual(t, begins[e.ID], e.Ts)
			delete(begins, e.ID)
			arrows++
		}
		require.Empty(t, begins)
		require.Equal(t, want, arrows)
	}
}

// listener steps when something comes.
type listener struct {
	In sim.Input `attr:"in,trigger" doc:"number"`
}

func (*listener) Step(*sim.Step) error { return nil }

// triggered runs a stage that triggers a listener a second later.
func triggered(t *testing.T) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "trace.zst")
	w, err := trace.Create(path, trace.About{})
	require.NoError(t, err)
	world := sim.NewWorld(sim.Config{Trace: w})
	ctx := context.Background()
	add := func(name string, s sim.Simulator) *sim.Entity {
		in, err := world.Add(ctx, name, s, sim.AddOptions{})
		require.NoError(t, err)
		es, err := in.Create(ctx, in.Meta().Models[0].Name, 1, nil)
		require.NoError(t, err)
		return es[0]
	}
	from := add("from", sim.NewModel[stage](sim.ModelConfig{Name: "Stage", Step: time.Second}))
	to := add("to", sim.NewModel[listener](sim.ModelConfig{Name: "Listener", Type: sim.EventBased}))
	require.NoError(t, world.Connect(from, "out", to, "in", sim.ConnectOptions{Shift: time.Second}))
	_, err = world.Run(ctx, sim.RunOptions{Until: 10 * scheduler.Second})
	require.NoError(t, err)
	require.NoError(t, world.Close())
	require.NoError(t, w.Close(trace.End{Complete: true}))
	return path
}
