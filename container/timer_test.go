package container_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/simrun/simrun/container"
	"github.com/simrun/simrun/scheduler"
)

var start = time.Date(2024, 2, 29, 12, 0, 0, 0, time.UTC)

// alone returns an agent that does nothing, in a container with a start date.
func alone(t *testing.T) (*scheduler.Loop, *callee) {
	t.Helper()
	loop := scheduler.NewLoop(scheduler.Config{})
	c := container.New(loop, "test", container.WithStart(start))
	a := &callee{}
	require.NoError(t, c.Add("a", a))
	t.Cleanup(func() { require.NoError(t, c.Close()) })
	return loop, a
}

func advance(t *testing.T, loop *scheduler.Loop, to scheduler.Time) {
	t.Helper()
	require.NoError(t, loop.AdvanceTo(context.Background(), to))
}

func TestCallsThatArePutOff(t *testing.T) {
	loop, a := alone(t)
	var log []string
	note := func(what string) func(context.Context) error {
		return func(context.Context) error {
			log = append(log, fmt.Sprintf("%v %s", a.Now(), what))
			return nil
		}
	}
	add := func(_ *container.Timer, err error) { require.NoError(t, err) }
	add(a.CallIn(3*time.Second, note("in 3s")))
	add(a.CallAt(2*scheduler.Second, note("at 2s")))
	add(a.CallAtDate(start.Add(time.Second).In(time.FixedZone("", 3600)), note("at 12:00:01")))
	add(a.CallIn(0, note("at once")))
	add(a.CallAt(scheduler.Never, note("never")))
	require.Equal(t, scheduler.Time(0), loop.Next())
	advance(t, loop, scheduler.Hour)
	require.Equal(t, []string{"0s at once", "1s at 12:00:01", "2s at 2s", "3s in 3s"}, log)
	require.Equal(t, scheduler.Never, loop.Next())
}

func TestCancel(t *testing.T) {
	loop, a := alone(t)
	ran := 0
	timer, err := a.CallIn(time.Second, func(context.Context) error { ran++; return nil })
	require.NoError(t, err)
	require.True(t, timer.Cancel())
	require.False(t, timer.Cancel())
	require.Equal(t, scheduler.Never, loop.Next(), "nothing stays behind")

	timer, err = a.CallIn(time.Second, func(context.Context) error { ran++; return nil })
	require.NoError(t, err)
	advance(t, loop, scheduler.Second)
	require.Equal(t, 1, ran)
	require.False(t, timer.Cancel(), "it has been made")
}

// Of many timers those that were cancelled do not fire, all others do, in order.
func TestCancelSomeOfMany(t *testing.T) {
	loop, a := alone(t)
	random := rand.New(rand.NewPCG(3, 4))
	var want, got []int
	var timers []*container.Timer
	var due []scheduler.Time
	for i := range 500 {
		at := scheduler.Time(random.IntN(50))
		timer, err := a.CallAt(at, func(context.Context) error { got = append(got, i); return nil })
		require.NoError(t, err)
		timers, due, want = append(timers, timer), append(due, at), append(want, i)
	}
	want = slices.DeleteFunc(want, func(i int) bool { return random.IntN(2) == 0 && timers[i].Cancel() })
	slices.SortStableFunc(want, func(i, j int) int { return int(due[i] - due[j]) })
	advance(t, loop, scheduler.Second)
	require.Equal(t, want, got)
}

func TestCallEvery(t *testing.T) {
	loop, a := alone(t)
	var times []scheduler.Time
	var timer *container.Timer
	timer, err := a.CallEvery(15*time.Minute, func(context.Context) error {
		times = append(times, a.Now())
		if len(times) == 3 {
			require.True(t, timer.Cancel())
		}
		return nil
	})
	require.NoError(t, err)
	advance(t, loop, scheduler.Day) // one jump over all of them
	require.Equal(t, []scheduler.Time{15 * scheduler.Minute, 30 * scheduler.Minute, 45 * scheduler.Minute}, times)
	require.Equal(t, scheduler.Never, loop.Next())
}

func TestCallOnDates(t *testing.T) {
	loop, a := alone(t)
	sixOClock := func(after time.Time) time.Time {
		six := time.Date(after.Year(), after.Month(), after.Day(), 6, 0, 0, 0, time.UTC)
		if !six.After(after) {
			six = six.AddDate(0, 0, 1)
		}
		if six.Day() == 4 {
			return time.Time{} // the rule ends
		}
		return six
	}
	var dates []string
	timer, err := a.CallOnDates(sixOClock, func(context.Context) error {
		dates = append(dates, a.UTC().Format(time.DateTime))
		return nil
	})
	require.NoError(t, err)
	advance(t, loop, 10*scheduler.Day)
	require.Equal(t, []string{"2024-03-01 06:00:00", "2024-03-02 06:00:00", "2024-03-03 06:00:00"}, dates)
	require.False(t, timer.Cancel(), "none is to come")

	_, err = a.CallOnDates(func(after time.Time) time.Time { return after }, nil)
	require.ErrorContains(t, err, "return a later date, or the zero time to end")

	once := true
	_, err = a.CallOnDates(func(after time.Time) time.Time {
		if once {
			once = false
			return after.Add(time.Hour)
		}
		return after.Add(-time.Hour)
	}, func(context.Context) error { return nil })
	require.NoError(t, err)
	require.ErrorContains(t, loop.AdvanceTo(context.Background(), 20*scheduler.Day), "the rule for dates says that")
}

func TestSleepUntilDate(t *testing.T) {
	loop, a := alone(t)
	require.NoError(t, a.Go(context.Background(), func(ctx context.Context) error {
		require.NoError(t, a.SleepUntilDate(ctx, start.AddDate(0, 0, 1)))
		require.Equal(t, scheduler.Day, a.Now())
		require.Equal(t, "2024-03-01T12:00:00Z", a.UTC().Format(time.RFC3339))
		require.EqualError(t, a.SleepUntilDate(ctx, start),
			`agent "a": 2024-02-29 12:00:00 +0000 UTC is before the present, 2024-03-01 12:00:00 +0000 UTC; nothing can happen in the past`)
		require.ErrorContains(t, a.SleepUntilDate(ctx, start.AddDate(300, 0, 0)), "more than 292 years after the start")
		return nil
	}))
	advance(t, loop, 2*scheduler.Day)
}

func TestTimesOfCallsThatCannotBe(t *testing.T) {
	loop, a := alone(t)
	advance(t, loop, scheduler.Minute)
	do := func(context.Context) error { return nil }
	_, err := a.CallAt(scheduler.Second, do)
	var past *scheduler.PastError
	require.ErrorAs(t, err, &past)
	require.EqualError(t, err, `agent "a": 1s is before the present, 60s; nothing can happen in the past`)
	_, err = a.CallIn(-time.Second, do)
	require.ErrorContains(t, err, `agent "a": a delay of -1s is negative`)
	_, err = a.CallAtDate(start, do)
	require.ErrorContains(t, err, "is before the present")
	_, err = a.CallEvery(0, do)
	require.ErrorContains(t, err, "is not positive")

	undated := &callee{}
	_, err = undated.CallIn(time.Second, do)
	require.ErrorContains(t, err, "add it to one first")
	require.NoError(t, container.New(loop, "undated").Add("b", undated))
	require.Zero(t, undated.UTC())
	_, err = undated.CallAtDate(start, do)
	require.EqualError(t, err, `agent "b": container "undated" has no start date; make it with container.WithStart`)
	_, err = undated.CallOnDates(func(after time.Time) time.Time { return after }, do)
	require.ErrorContains(t, err, "has no start date")
}

// A call that was put off is no behaviour: it may begin one, but not wait.
func TestCallThatIsPutOffMayBeginABehaviour(t *testing.T) {
	loop, a := alone(t)
	woke := scheduler.Never
	_, err := a.CallIn(time.Second, func(ctx context.Context) error {
		require.EqualError(t, a.Sleep(ctx, time.Second),
			`agent "a": the context is that of a call that was put off, which cannot wait; begin a behaviour with Go`)
		return a.Go(ctx, func(ctx context.Context) error {
			if err := a.Sleep(ctx, time.Second); err != nil {
				return err
			}
			woke = a.Now()
			return nil
		})
	})
	require.NoError(t, err)
	advance(t, loop, scheduler.Minute)
	require.Equal(t, 2*scheduler.Second, woke)
}

func TestCallThatIsPutOffFails(t *testing.T) {
	loop, a := alone(t)
	_, err := a.CallIn(time.Second, func(context.Context) error { return errors.New("no power") })
	require.NoError(t, err)
	require.EqualError(t, loop.AdvanceTo(context.Background(), scheduler.Minute),
		`t=1s: "a": TestCallThatIsPutOffFails.func1: no power`)
}

// An agent looks at its meter every quarter of an hour, until a date.
func ExampleAgent_CallEvery() {
	loop := scheduler.NewLoop(scheduler.Config{})
	home := container.New(loop, "home", container.WithStart(time.Date(2024, 3, 1, 6, 0, 0, 0, time.UTC)))
	defer home.Close()
	a := &callee{}
	if err := home.Add("meter", a); err != nil {
		fmt.Println(err)
	}
	reading, err := a.CallEvery(15*time.Minute, func(context.Context) error {
		fmt.Println(a.UTC().Format("15:04"), "read")
		return nil
	})
	if err != nil {
		fmt.Println(err)
	}
	_, err = a.CallAtDate(time.Date(2024, 3, 1, 6, 40, 0, 0, time.UTC), func(context.Context) error {
		fmt.Println(a.UTC().Format("15:04"), "stop:", reading.Cancel())
		return nil
	})
	if err != nil {
		fmt.Println(err)
	}
	for loop.Next() != scheduler.Never {
		if err := loop.AdvanceTo(context.Background(), loop.Next()); err != nil {
			fmt.Println(err)
		}
	}
	// Output:
	// 06:15 read
	// 06:30 read
	// 06:40 stop: true
}

// Timers that have ended are forgotten, also those before which others still wait.
func TestTimersAreForgotten(t *testing.T) {
	loop := scheduler.NewLoop(scheduler.Config{})
	c := container.New(loop, "test")
	a := &callee{}
	require.NoError(t, c.Add("a", a))
	nothing := func(context.Context) error { return nil }
	for now := range 200 {
		advance(t, loop, scheduler.Time(now)*scheduler.Second)
		for range 5 {
			_, err := a.CallIn(time.Second, nothing)
			require.NoError(t, err)
		}
		_, err := a.CallIn(time.Hour, nothing)
		require.NoError(t, err)
		pending := now + 1 + 5
		require.GreaterOrEqual(t, a.Timers(), pending)
		require.LessOrEqual(t, a.Timers(), 2*pending+16)
	}
	advance(t, loop, 2*scheduler.Hour)
	_, err := a.CallIn(time.Second, nothing)
	require.NoError(t, err)
	require.Equal(t, 1, a.Timers())
	require.NoError(t, c.Close())
}
