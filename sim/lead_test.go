package sim_test

import (
	"context"
	"fmt"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/simrun/simrun/codec"
	"github.com/simrun/simrun/sim"
)

// TestSimulatorsRunAheadOfTheirReaders by a limited number of steps and of bytes, and not at
// all if their reader may ask them or set their inputs; the reader sees what it would see
// otherwise.
func TestSimulatorsRunAheadOfTheirReaders(t *testing.T) {
	long := strings.Repeat("x", 100_000)
	for _, test := range []struct {
		name  string
		typ   sim.Type // of the reader
		value string
		opts  sim.ConnectOptions
		pace  float64
		begun int32 // steps of the source, while the reader makes its first
	}{
		{name: "steps", begun: 65},
		{name: "steps that trigger", typ: sim.Hybrid, begun: 65},
		{name: "bytes", value: long, begun: 12},
		{name: "asked", opts: sim.ConnectOptions{AsyncRequests: true}, begun: 1},
		{name: "along the clock", pace: 1000, begun: 1},
	} {
		t.Run(test.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := newWorld(t)
				var begun atomic.Int32
				w.add("source", &fake{step: every(second, func(f *fake, s *sim.Step) {
					begun.Add(1)
					time.Sleep(time.Millisecond) // not too quick to be worth it
					f.out[0].SetValue(sim.RawValue(codec.Raw(fmt.Sprintf(`"%v%s"`, s.Time(), test.value))))
				})})
				release := make(chan struct{})
				var seen []string
				w.add("reader", &fake{typ: test.typ, step: func(_ context.Context, f *fake, s *sim.Step) (sim.Time, error) {
					<-release
					seen = append(seen, strings.TrimRight(f.in[0].Text(), "x"))
					return s.Time() + second, nil
				}})
				w.connect("source", "out", "reader", "in", test.opts)
				go func() {
					time.Sleep(time.Second)
					assert.Equal(t, test.begun, begun.Load())
					close(release)
				}()
				_, err := w.Run(t.Context(), sim.RunOptions{Until: 100 * second, Pace: test.pace})
				require.NoError(t, err)
				require.Equal(t, int32(100), begun.Load())
				var want []string
				for i := range 100 {
					want = append(want, fmt.Sprint(sim.Time(i)*second))
				}
				require.Equal(t, want, seen)
			})
		})
	}
}
