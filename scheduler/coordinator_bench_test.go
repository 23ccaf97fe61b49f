package scheduler

import (
	"fmt"
	"testing"
)

// BenchmarkCoordinator is a step of one of n processes that are connected in a chain, to one
// that reads them all, or is triggered by them all, or to one that they all read.
func BenchmarkCoordinator(b *testing.B) {
	for _, shape := range []struct {
		name string
		link func(c *Coordinator, i LP)
	}{
		{"chain", func(c *Coordinator, i LP) { c.Link(i-1, i, Delay{}, false) }},
		{"in", func(c *Coordinator, i LP) { c.Link(i, 0, Delay{}, false) }},
		{"trigger", func(c *Coordinator, i LP) { c.Link(i, 0, Delay{}, true); c.NeedMaxAdvance(0) }},
		{"out", func(c *Coordinator, i LP) { c.Link(0, i, Delay{}, false) }},
	} {
		for _, n := range []int{2, 100, 10000} {
			for _, window := range []int{0, 64} {
				b.Run(fmt.Sprintf("%s/%d/window=%d", shape.name, n, window), func(b *testing.B) {
					c := NewCoordinator()
					for i := range LP(n) {
						c.Schedule(c.Add(fmt.Sprintf("p%05d", i)), At(0))
						c.SetWindow(i, window)
						if i > 0 {
							shape.link(c, i)
						}
					}
					if err := c.Start(Never); err != nil {
						b.Fatal(err)
					}
					b.ReportAllocs()
					for b.Loop() {
						g, _ := c.Next()
						c.Schedule(g.LP, At(g.Stamp.Time+1))
						c.Done(g.LP)
					}
				})
			}
		}
	}
}
