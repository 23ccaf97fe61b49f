//go:build unix
package main
import "testing"
func BenchmarkMM1(b *testing.B) { for b.Loop() { b.ReportMetric(mm1Handlers(5000000), "ns/c") } }
func BenchmarkPH(b *testing.B) { for b.Loop() { b.ReportMetric(phold(1024,1,5000000), "ns/c") } }
