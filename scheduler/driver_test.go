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

func TestMoveToRunsNothing(t *testing.T) {
	l, a := loopWith(t, "a")
	var order []string
	note := func(what string) func() error {
		return func() error { order = append(order, what); return nil }
	}
	for _, at := range []scheduler.Time{1, 5} {
		_, err := l.At(at, a, note(at.String()))
		require.NoError(t, err)
	}
	require.ErrorContains(t, l.MoveTo(5), "something is due at 0.000000001s")
	require.NoError(t, scheduler.RunUntil(context.Background(), l, 5))
	require.NoError(t, l.MoveTo(5))
	require.Equal(t, scheduler.Time(5), l.Now())
	_, err := l.At(5, a, note("later"))
	require.NoError(t, err)
	var past *scheduler.PastError
	require.ErrorAs(t, l.MoveTo(4), &past)
	require.Error(t, l.MoveTo(scheduler.Never))
	require.NoError(t, l.AdvanceTo(context.Background(), 5))
	require.Equal(t, []string{"0.000000001s", "0.000000005s", "later"}, order)
}
