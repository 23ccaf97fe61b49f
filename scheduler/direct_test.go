package scheduler_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"runtime"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/simrun/simrun/scheduler"
)

// A loop with a trace runs every event on the goroutine that advances it; one without
// lets processes go on to each other directly, or let time pass without waiting. Nobody
// can tell the difference: the same happens at the same times, under the same keys, to the
// same limits, wherever the run is stopped on the way.
func TestProcessesGoOnToEachOtherInTheSameOrder(t *testing.T) {
	lines := 0
	for seed := range uint64(300) {
		limit := uint64(0)
		if seed%3 == 0 {
			limit = 200 + seed
		}
		traced := uint64(0)
		want := playRandomModel(t, seed, scheduler.Config{MaxEvents: limit, Trace: func(scheduler.Occurrence) { traced++ }})
		lines += len(want)
		require.Equal(t, want, playRandomModel(t, seed, scheduler.Config{MaxEvents: limit}), "seed %d", seed)
		if limit > 0 {
			require.LessOrEqual(t, traced, limit)
		}
	}
	require.Greater(t, lines, 30_000)
	require.Zero(t, coroutines())
}

// playRandomModel returns what processes and handlers did that sleep, wait, wake
// each other, begin others, and end, fail or are closed at random.
func playRandomModel(t *testing.T, seed uint64, cfg scheduler.Config) (log []string) {
	random := rand.New(rand.NewPCG(seed, 1))
	l := scheduler.NewLoop(cfg)
	say := func(who string, what any) {
		log = append(log, fmt.Sprint(l.Now(), l.Round(), l.Key(), who, what))
	}
	var all []*scheduler.Process
	actors := make([]*scheduler.Actor, 3)
	for i := range actors {
		var err error
		actors[i], err = l.Actor(fmt.Sprint("actor", i))
		require.NoError(t, err)
	}
	someTime := func() time.Duration { return time.Duration(random.IntN(4)) * time.Duration(1+random.IntN(3)*50) }
	var spawn func()
	body := func(name string) func(p *scheduler.Process) error {
		return func(p *scheduler.Process) (err error) {
			defer func() { say(name, "ends") }()
			for err == nil {
				say(name, "goes on")
				switch random.IntN(40) {
				case 0:
					return nil
				case 1:
					spawn()
				case 2:
					_, err = l.After(someTime(), p.Actor(), func() error { say(name, "handler"); spawn(); return nil })
				case 3:
					err = l.Post(p.Actor(), func() error { say(name, "message"); return nil })
				case 4, 5, 6, 7, 8:
					_ = all[random.IntN(len(all))].Wake() // it may not wait
				case 9, 10:
					err = p.Wait()
				case 11, 12, 13:
					err = p.WaitUntil(l.Now().Add(someTime()))
				case 14:
					if random.IntN(20) == 0 {
						return fmt.Errorf("%s fails", name)
					}
				case 15:
					if random.IntN(20) == 0 {
						panic(name + " panics")
					}
				default:
					err = p.Sleep(someTime())
				}
			}
			return err
		}
	}
	spawn = func() {
		if name := fmt.Sprint("p", len(all)); len(all) < 60 {
			p, err := l.SpawnAt(l.Now().Add(someTime()), scheduler.Normal, actors[random.IntN(len(actors))], name, body(name))
			if err != nil {
				say(name, err)
				return
			}
			all = append(all, p)
		}
	}
	for range 12 {
		spawn()
	}
	_, err := l.At(700, actors[1], func() error { say("close", actors[1].Close()); return nil })
	require.NoError(t, err)
	for until := scheduler.Time(0); until < 2000 && err == nil; until += scheduler.Time(random.IntN(400)) {
		if random.IntN(2) == 0 {
			err = l.AdvanceTo(context.Background(), until)
		} else {
			err = scheduler.RunUntil(context.Background(), l, until+1)
		}
		say("stopped", fmt.Sprint(l.Next(), err))
	}
	if err := l.Close(); err != nil {
		say("close", err)
	}
	return log
}

// Tests that fail within a process call runtime.Goexit. That ends the goroutine that
// advances the loop, and no process that has nothing to do with it.
func TestProcessThatExitsItsGoroutine(t *testing.T) {
	for others := range 4 {
		l, a := loopWith(t, "a")
		var ended []error
		for i := range others {
			_, err := l.Spawn(a, "other", func(p *scheduler.Process) error {
				err := p.Sleep(time.Duration(1 + i))
				for err == nil {
					err = p.Sleep(2)
				}
				ended = append(ended, err)
				return err
			})
			require.NoError(t, err)
		}
		_, err := l.Spawn(a, "exits", func(p *scheduler.Process) error {
			if err := p.Sleep(10); err != nil {
				return err
			}
			runtime.Goexit()
			return nil
		})
		require.NoError(t, err)
		returned := false
		gone := make(chan struct{})
		go func() {
			defer close(gone)
			_ = l.AdvanceTo(context.Background(), 20) // it does not return
			returned = true
		}()
		<-gone
		require.False(t, returned)
		require.Empty(t, ended)
		require.NoError(t, l.Close())
		require.Len(t, ended, others)
		for _, err := range ended {
			require.ErrorIs(t, err, scheduler.ErrClosed)
		}
		require.Zero(t, coroutines())
	}
}
