package scheduler_test

import (
	"context"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/simrun/simrun/scheduler"
)

func TestRunUntilLeavesOutWhatIsDueAtTheEnd(t *testing.T) {
	l, a := loopWith(t, "a")
	var ran []scheduler.Time
	for _, at := range []scheduler.Time{9, 10, 11} {
		_, err := l.At(at, a, func() error { ran = append(ran, at); return nil })
		require.NoError(t, err)
	}
	require.NoError(t, scheduler.RunUntil(context.Background(), l, 10))
	require.Equal(t, []scheduler.Time{9}, ran)
	require.Equal(t, scheduler.Time(10), l.Next())
}
