//go:build !race

package process_test

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"runtime"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/simrun/simrun/scheduler"
	"github.com/simrun/simrun/sim/process"
)

// startMany starts n processes that hold for a second again and again, and returns
// the memory that each of them takes: heap, stack, and what the runtime knows of it.
func startMany(tb testing.TB, s *process.Simulation, n int) float64 {
	memory := func() uint64 {
		runtime.GC()
		var m runtime.MemStats
		runtime.ReadMemStats(&m)
		return m.HeapAlloc + m.StackInuse
	}
	before := memory()
	server := process.NewResource(s, "server", n/2)
	for range n {
		s.Start("customer", func(p *process.Process) error {
			for {
				if err := server.Acquire(p); err != nil {
					return err
				}
				if err := p.Hold(time.Second); err != nil {
					return err
				}
				server.Release()
			}
		})
	}
	require.NoError(tb, s.RunUntil(context.Background(), scheduler.Second))
	return float64(memory()-before) / float64(n)
}

// BenchmarkLive has as many processes alive as its name says, half of which hold, while
// the others wait in one line. An iteration is a hold. Run each alone to see the
// memory: what the runtime keeps of goroutines that have ended is used again.
func BenchmarkLive(b *testing.B) {
	for _, n := range []int{1_000, 100_000, 1_000_000} {
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			s := process.New("live")
			defer s.Close()
			each := startMany(b, s, n)
			b.ReportAllocs()
			b.ResetTimer()
			until := scheduler.Second
			for i := 0; i < b.N; i += n / 2 {
				until += scheduler.Second
				require.NoError(b, s.RunUntil(context.Background(), until))
			}
			b.StopTimer()
			b.ReportMetric(each, "B/process")
		})
	}
}

// The limit is for 64-bit machines. How much stack a goroutine is given at first depends on
// what others needed before, so the test runs in a program of its own.
func TestALiveProcessIsSmall(t *testing.T) {
	const alone = "SIMRUN_TEST_ALONE"
	if os.Getenv(alone) == "" {
		c := exec.Command(os.Args[0], "-test.run=^"+t.Name()+"$")
		c.Env = append(os.Environ(), alone+"=1")
		output, err := c.CombinedOutput()
		require.NoError(t, err, "%s", output)
		return
	}
	s := process.New("live")
	assert.Less(t, startMany(t, s, 100_000), 3072.0)
	require.NoError(t, s.Close())
}
