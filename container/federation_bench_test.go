package container_test

import (
	"context"
	"fmt"
	"math"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/simrun/simrun/container"
	"github.com/simrun/simrun/scheduler"
)

// BenchmarkFederation is agents that call each other, in pairs, one after the other.
// A call takes two rounds, in which all pairs take part. With one container every
// pair lives there; with two its halves live apart. The loop alone, without a
// federation, is 0 containers.
func BenchmarkFederation(b *testing.B) {
	for _, pairs := range []int{1, 1000} {
		for containers := range 3 {
			b.Run(fmt.Sprintf("pairs=%d/containers=%d", pairs, containers), func(b *testing.B) {
				var all []*container.Container
				var parts []container.Part
				for i := range max(containers, 1) {
					c := container.New(scheduler.NewLoop(scheduler.Config{MaxRounds: math.MaxInt}), fmt.Sprint("c", i))
					all, parts = append(all, c), append(parts, container.Local(c))
				}
				calls := (b.N + pairs - 1) / pairs
				for i := range pairs {
					to := &callee{}
					to.Expose("add", func(_ context.Context, x, y float64) (float64, error) { return x + y, nil })
					name := fmt.Sprint("callee-", i)
					require.NoError(b, all[len(all)-1].Add(name, to))
					require.NoError(b, all[0].Add(fmt.Sprint("caller-", i), &caller{start: func(ctx context.Context, a *caller) error {
						for range calls {
							if _, err := a.Call(ctx, name, "add", 1.0, 2.0); err != nil {
								return err
							}
						}
						return nil
					}}))
				}
				advance := container.NewFederation(math.MaxInt, parts...).AdvanceTo
				if containers == 0 {
					advance = all[0].Loop().AdvanceTo
				}
				b.ReportAllocs()
				b.ResetTimer()
				require.NoError(b, advance(context.Background(), 0))
				b.StopTimer()
				b.ReportMetric(b.Elapsed().Seconds()*1e9/float64(2*calls), "ns/round")
				closeAll(b, all...)
			})
		}
	}
}
