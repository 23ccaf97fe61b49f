package container_test

import (
	"context"
	"fmt"
	"runtime"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/simrun/simrun/container"
	"github.com/simrun/simrun/scheduler"
)

// many is the size of what the benchmarks below do in one operation.
const many = 100_000

// idle is an agent as most are: it exposes something and waits to be called.
type idle struct {
	container.Agent
	calls int
}

func (a *idle) Start(context.Context) error {
	a.Expose("poke", a.poke)
	return nil
}

func (a *idle) poke(context.Context) (int, error) {
	a.calls++
	return a.calls, nil
}

func addIdle(tb testing.TB, c *container.Container, n int) {
	for i := range n {
		require.NoError(tb, c.Add(fmt.Sprint("agent-", i), &idle{}))
	}
	require.Len(tb, c.Agents(), n)
}

// An idle agent holds no coroutine, and less than 1 KiB.
func TestIdleAgentIsSmall(t *testing.T) {
	const n = 5000
	loop := scheduler.NewLoop(scheduler.Config{})
	c := container.New(loop, "test")
	before := heap()
	addIdle(t, c, n)
	advance(t, loop, scheduler.Second)
	require.Less(t, (heap()-before)/n, int64(1024), "bytes of an idle agent")
	require.Equal(t, scheduler.Never, loop.Next())
	require.NoError(t, c.Close())
}

// BenchmarkAgents makes 100,000 agents and lets them start.
func BenchmarkAgents(b *testing.B) {
	b.ReportAllocs()
	for range b.N {
		loop := scheduler.NewLoop(scheduler.Config{})
		c := container.New(loop, "bench")
		b.StopTimer()
		before := heap()
		b.StartTimer()
		addIdle(b, c, many)
		require.NoError(b, loop.AdvanceTo(context.Background(), 0))
		b.StopTimer()
		b.ReportMetric(float64(heap()-before)/many, "B/agent")
		require.NoError(b, c.Close())
		b.StartTimer()
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/many/float64(b.N), "ns/agent")
}

// BenchmarkTimers puts off 100,000 calls, of as many agents or of one, and makes
// them.
func BenchmarkTimers(b *testing.B) {
	for _, agents := range []int{1, many} {
		b.Run(fmt.Sprint("agents=", agents), func(b *testing.B) {
			loop := scheduler.NewLoop(scheduler.Config{})
			c := container.New(loop, "bench")
			all := make([]*idle, agents)
			for i := range all {
				all[i] = &idle{}
				require.NoError(b, c.Add(fmt.Sprint("agent-", i), all[i]))
			}
			require.NoError(b, loop.AdvanceTo(context.Background(), 0))
			fired := 0
			fire := func(context.Context) error { fired++; return nil }
			b.ReportAllocs()
			b.ResetTimer()
			for range b.N {
				now := loop.Now()
				for i := range many {
					if _, err := all[i%agents].CallAt(now+scheduler.Time(i%1000+1)*scheduler.Millisecond, fire); err != nil {
						b.Fatal(err)
					}
				}
				require.NoError(b, loop.AdvanceTo(context.Background(), now+scheduler.Second))
			}
			b.StopTimer()
			require.Equal(b, many*b.N, fired)
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/many/float64(b.N), "ns/timer")
			require.NoError(b, c.Close())
		})
	}
}

// BenchmarkSleepers lets 100,000 behaviours of as many agents begin and sleep once.
func BenchmarkSleepers(b *testing.B) {
	loop := scheduler.NewLoop(scheduler.Config{})
	c := container.New(loop, "bench")
	woke := 0
	agents := make([]*callee, many)
	for i := range agents {
		agents[i] = &callee{}
		require.NoError(b, c.Add(fmt.Sprint("sleeper-", i), agents[i]))
	}
	ctx := context.Background()
	b.ReportAllocs()
	b.ResetTimer()
	for range b.N {
		now := loop.Now()
		for i, a := range agents {
			err := a.Go(ctx, func(ctx context.Context) error {
				err := a.SleepUntil(ctx, now+scheduler.Time(i%1000+1)*scheduler.Millisecond)
				woke++
				return err
			})
			if err != nil {
				b.Fatal(err)
			}
		}
		require.NoError(b, loop.AdvanceTo(ctx, now+scheduler.Second))
	}
	b.StopTimer()
	require.Equal(b, many*b.N, woke)
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/many/float64(b.N), "ns/sleeper")
	require.NoError(b, c.Close())
}

// BenchmarkPeriodicSleepers lets 100,000 behaviours of as many agents sleep once a
// second, and tells what each of them holds.
func BenchmarkPeriodicSleepers(b *testing.B) {
	loop := scheduler.NewLoop(scheduler.Config{})
	c := container.New(loop, "bench")
	before := heap() + stacks()
	for i := range many {
		require.NoError(b, c.Add(fmt.Sprint("agent-", i), &caller{start: func(ctx context.Context, a *caller) error {
			for {
				if err := a.Sleep(ctx, time.Second); err != nil {
					return err
				}
			}
		}}))
	}
	require.NoError(b, loop.AdvanceTo(context.Background(), 0))
	size := heap() + stacks() - before
	b.ReportAllocs()
	b.ResetTimer()
	for range b.N {
		require.NoError(b, loop.AdvanceTo(context.Background(), loop.Now()+scheduler.Second))
	}
	b.StopTimer()
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/many/float64(b.N), "ns/wakeup")
	b.ReportMetric(float64(size)/many, "B/agent")
	require.NoError(b, c.Close())
}

// stacks returns the bytes that stacks of goroutines and coroutines take.
func stacks() int64 {
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return int64(m.StackInuse)
}
