package main

import (
	"context"
	"fmt"
	"math"
	"runtime"
	"time"

	"github.com/simrun/simrun/container"
	"github.com/simrun/simrun/internal/bench"
	"github.com/simrun/simrun/scheduler"
)

// echo is the agent of all figures.
type echo struct {
	container.Agent
	begin func(ctx context.Context, a *echo) error // nil: it only answers
}

func (a *echo) Start(ctx context.Context) error {
	a.Expose("echo", container.Instant1(a.echo)) // a plain function, as the peer's
	if a.begin == nil {
		return nil
	}
	return a.begin(ctx, a)
}

func (a *echo) echo(value any) (any, error) { return value, nil }

func world() (*scheduler.Loop, *container.Container) {
	loop := scheduler.NewLoop(scheduler.Config{MaxRounds: math.MaxInt})
	return loop, container.New(loop, "bench")
}

// advance sets the external clock.
func advance(loop *scheduler.Loop, t scheduler.Time) {
	bench.Check(loop.AdvanceTo(context.Background(), t))
}

// add adds n agents, which have started when it returns.
func add(loop *scheduler.Loop, c *container.Container, name string, n int, begin func(int) func(context.Context, *echo) error) []*echo {
	all := make([]*echo, n)
	for i := range all {
		all[i] = &echo{begin: begin(i)}
		bench.Check(c.Add(fmt.Sprint(name, i), all[i]))
	}
	advance(loop, loop.Now())
	return all
}

func nothing(int) func(context.Context, *echo) error { return nil }

// calls returns the calls per second.
func calls() float64 {
	const count = 1_000_000
	loop, c := world()
	add(loop, c, "callee-", agents, nothing)
	left := 0
	callers := add(loop, c, "caller-", agents, nothing)
	round := func(n int) time.Duration {
		left = n
		for i, a := range callers {
			to := fmt.Sprint("callee-", i)
			bench.Check(a.Go(context.Background(), func(ctx context.Context) error {
				for left > 0 {
					left--
					if _, err := a.Call(ctx, to, "echo", []any{1, 2.5, "abc"}); err != nil {
						return err
					}
				}
				return nil
			}))
		}
		start := time.Now()
		advance(loop, loop.Now())
		return time.Since(start)
	}
	round(agents)
	seconds := round(count).Seconds()
	bench.Check(c.Close())
	return count / seconds
}

// sleep returns how many behaviours wake up in a second, not counting and counting
// the time that they take to begin.
func sleep() (wakeups, sleeps float64) {
	loop, c := world()
	woken := 0
	start := time.Now()
	add(loop, c, "sleeper-", sleepers, func(i int) func(context.Context, *echo) error {
		until := scheduler.Time(1+i%times) * scheduler.Second
		return func(ctx context.Context, a *echo) error {
			err := a.SleepUntil(ctx, until)
			woken++
			return err
		}
	})
	asleep := time.Now()
	passTimes(loop)
	seconds := time.Since(asleep).Seconds()
	if woken != sleepers {
		bench.Check(fmt.Errorf("%d woke up", woken))
	}
	total := time.Since(start).Seconds()
	bench.Check(c.Close())
	return sleepers / seconds, sleepers / total
}

func passTimes(loop *scheduler.Loop) {
	for t := range times {
		advance(loop, scheduler.Time(t+1)*scheduler.Second)
	}
}

// timers returns how many calls that were put off are made in a second.
func timers() float64 {
	loop, c := world()
	all := add(loop, c, "agent-", sleepers, nothing)
	fired := 0
	for i, a := range all {
		_, err := a.CallAt(scheduler.Time(1+i%times)*scheduler.Second, func(context.Context) error { fired++; return nil })
		bench.Check(err)
	}
	runtime.GC() // what was left of making the agents, which took longer than all that follows
	start := time.Now()
	passTimes(loop)
	seconds := time.Since(start).Seconds()
	if fired != sleepers {
		bench.Check(fmt.Errorf("%d fired", fired))
	}
	bench.Check(c.Close())
	return sleepers / seconds
}

// create returns how long it takes to make agents, and the bytes of one.
func create() (seconds, bytes float64) {
	loop, c := world()
	before := inUse()
	start := time.Now()
	add(loop, c, "agent-", sleepers, nothing)
	seconds = time.Since(start).Seconds()
	bytes = (inUse() - before) / sleepers
	bench.Check(c.Close())
	return seconds, bytes
}

func inUse() float64 {
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return float64(m.HeapInuse + m.StackInuse)
}
