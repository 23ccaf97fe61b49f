package models_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/simrun/simrun/models"
	"github.com/simrun/simrun/scheduler"
	"github.com/simrun/simrun/sim"
)

// Two loads and a plant, changing every 10 minutes, between the meter's own
// steps: powers 3+1-0, 3+1-6, 3+1-1, ... by hand.
func TestMeterByHand(t *testing.T) {
	b := newBench(t, time.Time{}, nil)
	meter := b.make(b.add("m", models.NewMeter(), sim.Params{"step": "1h"}), nil)
	plant := []float64{0, 6, 1, 1, 1, 1, 1}
	b.connect(b.signal("a", 24*time.Hour, func(sim.Time) float64 { return 3 }), "x", meter, "consumption")
	b.connect(b.signal("b", 24*time.Hour, func(sim.Time) float64 { return 1 }), "x", meter, "consumption")
	b.connect(b.signal("c", 10*time.Minute, func(t sim.Time) float64 { return plant[t/(10*scheduler.Minute)] }), "x", meter, "generation")
	b.run(time.Hour + time.Minute)
	at := func(attr string) []float64 { _, v := b.results.Floats("m.Meter-0", attr); return v }
	require.Equal(t, []float64{4, -2, 3, 3, 3, 3, 3}, at("power"))
	require.Equal(t, []float64{4, 4, 4, 4, 4, 4, 4}, at("peak"))
	require.Equal(t, []float64{4, -2, -2, -2, -2, -2, -2}, at("valley"))
	imports, exports := at("import"), at("export")
	require.InDelta(t, (4+3*4)/6.0, imports[6], 1e-12)
	require.InDelta(t, 2/6.0, exports[6], 1e-12)
}
