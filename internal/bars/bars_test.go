package main

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

const printed = `goos: linux
pkg: github.com/simrun/simrun/sim
BenchmarkStep-2       	 7265155	       165.3 ns/op	       0 B/op	       0 allocs/op
BenchmarkEntities/1000-2         	   30057	     40075 ns/op	         3.000 ms-startup	        40.00 ns/connection	       2 B/op	       0 allocs/op
BenchmarkEntities/10000         	    1368	    816587 ns/op	        41.00 ms-startup	        80.00 ns/connection	     919 B/op	       0 allocs/op
PASS
`

func measured(t *testing.T) figures {
	f := make(figures)
	require.NoError(t, f.read("sim", printed))
	for _, ratio := range []float64{3, 1, 2} {
		f.add(pairSimrun, 1000*ratio)
		f.add(pairMosaik, 1000)
		f.add(pairRatio, ratio)
	}
	return f
}

func TestReport(t *testing.T) {
	var b strings.Builder
	kept, err := report(&b, measured(t))
	require.NoError(t, err)
	require.True(t, kept)
	require.Equal(t, `                                      median  least   most
external simulator, simrun, steps/s     2000   1000   3000
external simulator, mosaik, steps/s     1000   1000   1000
external simulator, ratio in a round       2      1      3
step of a Go simulator, ns             165.3  165.3  165.3
step of a Go simulator, allocations        0      0      0
1,000 connections, ns for each            40     40     40
10,000 connections, ns for each           80     80     80
10,000 connections, startup, ms           41     41     41
bar external-step ratio 2 target 1.6 ok
bar go-step ns 165.3 target 1000 ok
bar go-step allocs 0 target 0 ok
bar connections-10000 growth 2 target 3 ok
bar connections-10000 startup-ms 41 target 1000 ok
`, b.String())
}

// Each bar can be missed.
func TestShort(t *testing.T) {
	for _, test := range []struct {
		figure string
		value  float64
		line   string
	}{
		{pairRatio, 1.5, "bar external-step ratio 1.5 target 1.6 short\n"},
		{stepTime, 1001, "bar go-step ns 1001 target 1000 short\n"},
		{stepAllocs, 1, "bar go-step allocs 1 target 0 short\n"},
		{connections10k, 400, "bar connections-10000 growth 10 target 3 short\n"},
		{startup10k, 1500, "bar connections-10000 startup-ms 1500 target 1000 short\n"},
	} {
		f := measured(t)
		f[test.figure] = []float64{test.value}
		var b strings.Builder
		kept, err := report(&b, f)
		require.NoError(t, err)
		require.False(t, kept)
		require.Contains(t, b.String(), test.line)
		require.Equal(t, 1, strings.Count(b.String(), "short"))
	}
}

func TestMissingFigures(t *testing.T) {
	f := make(figures)
	require.ErrorContains(t, f.read("sim", "PASS\n"), "benchmarks of sim: no results in")
	require.ErrorContains(t, f.read("sim", "BenchmarkStep 5 x ns/op"), "is not a result")
	_, err := report(&strings.Builder{}, f)
	require.ErrorContains(t, err, "the benchmarks gave no")
}
