package process_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/simrun/simrun/scheduler"
	"github.com/simrun/simrun/sim/process"
)

func TestEvents(t *testing.T) {
	s, d := newModel(t)
	price := process.NewEvent[float64](s, "price")
	for _, name := range []string{"b", "a"} {
		s.Start(name, func(p *process.Process) error {
			v, err := process.Await(p, price)
			d.note("%s knows %v", name, v)
			return err
		})
	}
	s.StartAt(scheduler.Second, "market", func(p *process.Process) error {
		price.Trigger(3.5)
		assert.True(t, price.Happened())
		assert.PanicsWithValue(t, `process: event "price" happens a second time; make a new one`, func() { price.Trigger(4) })
		v, err := process.Await(p, price)
		d.note("market knows %v", v)
		return err
	})
	run(t, s)
	assert.Equal(t, []string{"1s market knows 3.5", "1s b knows 3.5", "1s a knows 3.5"}, d.lines)
}

func TestEventsFail(t *testing.T) {
	s, d := newModel(t)
	broken := errors.New("the line is dead")
	e := process.NewEvent[int](s, "answer")
	s.Start("p", func(p *process.Process) error {
		_, err := process.Await(p, e)
		d.note("%v", err)
		return nil
	})
	s.Start("q", func(p *process.Process) error {
		e.Fail(broken)
		assert.ErrorIs(t, p.Wait(e), broken)
		return nil
	})
	run(t, s)
	assert.Equal(t, []string{"0s the line is dead"}, d.lines)
	assert.ErrorIs(t, s.RunUntilDone(context.Background(), e), broken)
	assert.Panics(t, func() { process.NewEvent[int](s, "e").Fail(nil) })
}

func TestTasksHaveResults(t *testing.T) {
	s, d := newModel(t)
	task := process.StartTask(s, "count", func(p *process.Process) (int, error) { return 42, p.Hold(time.Second) })
	s.Start("p", func(p *process.Process) error {
		n, err := process.Await(p, task)
		d.note("%d", n)
		return err
	})
	require.NoError(t, s.RunUntilDone(context.Background(), task))
	run(t, s)
	assert.Equal(t, []string{"1s 42"}, d.lines)
}

// Who waits for the result of a task that is cancelled must not take nothing for the result.
func TestTasksThatAreCancelledHaveNone(t *testing.T) {
	for name, c := range map[string]struct {
		begin scheduler.Time // of who cancels
		body  func(p *process.Process) (int, error)
		want  error
	}{
		"before it begins": {0, func(*process.Process) (int, error) { return 1, nil }, process.ErrCancelled},
		"and returns":      {1, func(p *process.Process) (int, error) { return 1, p.Hold(time.Hour) }, process.ErrCancelled},
		"and waits again": {1, func(p *process.Process) (int, error) {
			_ = p.Hold(time.Hour)
			return 1, p.Hold(time.Hour)
		}, process.ErrCancelled},
		"and has a result all the same": {1, func(p *process.Process) (int, error) {
			_ = p.Hold(time.Hour)
			return 1, nil
		}, nil},
	} {
		s, _ := newModel(t)
		task := process.StartTask(s, "task", c.body)
		if c.begin == 0 {
			task.Cancel()
		} else {
			_, err := s.At(c.begin, func() error { task.Cancel(); return nil })
			require.NoError(t, err)
		}
		n, err := task.Value()
		assert.Zero(t, n, name)
		require.NoError(t, err, name)
		s.Start("p", func(p *process.Process) error {
			_, err := process.Await(p, task)
			assert.Equal(t, c.want, err, name)
			return p.Wait(task) // it has ended
		})
		run(t, s)
	}
}

func TestAnyOfAndAllOf(t *testing.T) {
	s, d := newModel(t)
	after := func(seconds int) process.Waitable {
		e, err := s.Timeout(time.Duration(seconds) * time.Second)
		require.NoError(t, err)
		return e
	}
	never := process.NewEvent[int](s, "never")
	s.Start("p", func(p *process.Process) error {
		first, err := process.Await(p, process.AnyOf(s, after(3), never, after(2)))
		require.NoError(t, err)
		d.note("part %d is the first", first)
		require.NoError(t, p.Wait(process.AllOf(s, after(1), process.AnyOf(s, after(2), never))))
		d.note("both have happened")
		require.NoError(t, p.Wait(process.AllOf(s)))
		first, err = process.Await(p, process.AnyOf(s, never, after(0), process.AllOf(s)))
		require.NoError(t, err)
		d.note("part %d has happened already", first)
		failing := process.NewEvent[int](s, "failing")
		all := process.AllOf(s, after(5), failing)
		failing.Fail(errors.New("no"))
		assert.EqualError(t, p.Wait(all), "no")
		assert.EqualError(t, p.Wait(process.AnyOf(s, never, failing)), "no")
		return nil
	})
	run(t, s)
	assert.Equal(t, []string{"2s part 2 is the first", "4s both have happened", "4s part 2 has happened already"}, d.lines)

	late := s.Start("late", func(p *process.Process) error {
		return p.Wait(process.AnyOf(s, never, process.AllOf(s, never, process.NewEvent[int](s, "x")), never, never))
	})
	run(t, s)
	assert.Equal(t, []process.Wait{{Process: "late", For: `any of event "never", all of event "never", event "x", event "never", ...`,
		Since: s.Now()}}, s.Waiting())
	assert.False(t, late.Ended())
}
