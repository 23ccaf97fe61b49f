package sim_test

import (
	"context"
	"testing"

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
