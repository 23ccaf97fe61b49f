package sim_test

import (
	"context"
	"log/slog"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/simrun/simrun/sim"
)

// The log tells of the run with virtual time, of steps only if that is wanted.
func TestLog(t *testing.T) {
	run := func(level slog.Level) string {
		var text strings.Builder
		logger := slog.New(slog.NewTextHandler(&text, &slog.HandlerOptions{Level: level, ReplaceAttr: func(_ []string, a slog.Attr) slog.Attr {
			if a.Key == slog.TimeKey || a.Key == "took" || a.Key == "wall" {
				return slog.Attr{} // measured
			}
			return a
		}}))
		w := sim.NewWorld(sim.Config{Logger: logger})
		one := createMany(t, w, "one", ramp(time.Second), 1)[0]
		two := createMany(t, w, "two", gain(time.Second), 1)[0]
		must(t, w.Connect(one, "out", two, "in", sim.ConnectOptions{}))
		_, err := w.Run(context.Background(), sim.RunOptions{Until: sim.Time(time.Second)})
		require.NoError(t, err)
		require.NoError(t, w.Close())
		return text.String()
	}
	const quiet = `level=INFO msg="simulator initialised" simulator=one type=time-based
level=INFO msg="simulator initialised" simulator=two type=time-based
level=INFO msg="run begins" simulators=2 until=1s pace=0
`
	const ended = `level=INFO msg="run ended" complete=true t=1s steps=2
`
	require.Equal(t, quiet+ended, run(slog.LevelInfo))
	require.Equal(t, quiet+`level=DEBUG msg=step t=0s round=0 simulator=one next=1s values=1
level=DEBUG msg=step t=0s round=0 simulator=two next=1s values=1
`+ended, run(slog.LevelDebug))
	require.Empty(t, run(slog.LevelWarn))
}
