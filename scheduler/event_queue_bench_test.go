package scheduler

import (
	"fmt"
	"math/rand/v2"
	"testing"
)

// BenchmarkEventQueueHold is the hold model: pop the first event and schedule
// it again later, with n events waiting (Jones, "An empirical comparison of
// priority-queue and event-set implementations", CACM 29(4), 1986).
func BenchmarkEventQueueHold(b *testing.B) {
	for _, n := range []int{100, 10_000, 1_000_000} {
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			random := rand.New(rand.NewPCG(1, 2))
			increments := make([]Time, 1<<16)
			for i := range increments {
				increments[i] = Time(random.ExpFloat64() * float64(Second))
			}
			var q eventQueue
			seq := order(0)
			for i := range n {
				seq++
				q.push(increments[i%len(increments)], seq, event{})
			}
			b.ReportAllocs()
			b.ResetTimer()
			for i := range b.N {
				t, _, e := q.pop()
				seq++
				q.push(t+increments[i%len(increments)], seq, e)
			}
		})
	}
}
