// Package made has benchmarks whose results are made up.
package made

import (
	"fmt"
	"testing"
)

func BenchmarkMade(b *testing.B) {
	for _, n := range []int{1, 10} {
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			for b.Loop() {
			}
			b.ReportMetric(2.5, "ns/connection")
			b.ReportMetric(float64(n), "ms-startup")
		})
	}
}

func BenchmarkSkipped(b *testing.B) { b.Skip("the peer is not installed") }
