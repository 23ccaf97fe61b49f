package mosaikimport

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

func TestStretches(t *testing.T) {
	pairs := func(list ...int) (pairs [][2]int) {
		for i := 0; i < len(list); i += 2 {
			pairs = append(pairs, [2]int{list[i], list[i+1]})
		}
		return pairs
	}
	for name, test := range map[string]struct {
		pairs [][2]int
		want  []string
	}{
		"one":                  {pairs(2, 3), []string{"[2 2] [3 3] "}},
		"pairwise":             {pairs(0, 0, 1, 1, 2, 2), []string{"[0 2] [0 2] "}},
		"pairwise, with gap":   {pairs(0, 1, 1, 2, 3, 4), []string{"[0 1] [1 2] ", "[3 3] [4 4] "}},
		"one to all":           {pairs(1, 0, 1, 1, 1, 2), []string{"[1 1] [0 2] "}},
		"all to one":           {pairs(0, 5, 1, 5), []string{"[0 1] [5 5] "}},
		"all to one, reversed": {pairs(1, 5, 0, 5), []string{"[1 1] [5 5] ", "[0 0] [5 5] "}}, // the input keeps its order
		"all to all":           {pairs(0, 0, 0, 1, 1, 0, 1, 1), []string{"[0 1] [0 1] all"}},
		"all to all, by dest":  {pairs(0, 0, 1, 0, 0, 1, 1, 1), []string{"[0 1] [0 1] all"}},
		"in turns":             {pairs(0, 0, 1, 1, 2, 0, 3, 1, 4, 0), []string{"[0 4] [0 1] round-robin"}},
		"out of order":         {pairs(2, 2, 0, 0, 1, 1), []string{"[0 2] [0 2] "}},
	} {
		t.Run(name, func(t *testing.T) {
			var got []string
			for _, s := range stretches(test.pairs) {
				got = append(got, fmt.Sprintf("%v %v %s", s.from, s.to, s.pick))
			}
			assert.Equal(t, test.want, got)
		})
	}
}

// expand makes the connections of a line, as docs/scenario.md tells.
func (s stretch) expand(t require.TestingT) (pairs [][2]int) {
	n, m := s.from[1]-s.from[0]+1, s.to[1]-s.to[0]+1
	switch s.pick {
	case "all":
		for i := range n * m {
			pairs = append(pairs, [2]int{s.from[0] + i/m, s.to[0] + i%m})
		}
		return pairs
	case "":
		require.True(t, n == m || n == 1 || m == 1, "%d to %d", n, m)
	default:
		require.Equal(t, "round-robin", s.pick)
	}
	for i := range max(n, m) {
		pairs = append(pairs, [2]int{s.from[0] + i%n, s.to[0] + i%m})
	}
	return pairs
}

// However connections are composed, the lines of the file make them all, and
// every input gets its sources in the order of the script.
func TestLinesKeepTheSourcesOfInputs(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		groups := make([]*group, rapid.IntRange(1, 3).Draw(t, "groups"))
		tr := &translator{Recording: &Recording{}, places: make(map[int]place), resolution: 1}
		handle := 0
		for i := range groups {
			groups[i] = &group{name: fmt.Sprint("g", i), size: rapid.IntRange(1, 4).Draw(t, "size")}
			for j := range groups[i].size {
				tr.places[handle] = place{groups[i], j}
				handle++
			}
		}
		var loops []func() // that scripts have, among connections without a pattern
		add := func(src, dest int) {
			c := connection{Source: src, Output: "o", Destination: dest, Input: rapid.SampledFrom([]string{"a", "b"}).Draw(t, "input"), Shift: int64(rapid.IntRange(0, 1).Draw(t, "shift"))}
			for _, other := range tr.Connections {
				if other.Source == c.Source && other.Destination == c.Destination && other.Input == c.Input {
					c.Shift = other.Shift // otherwise it is refused
				}
			}
			tr.Connections = append(tr.Connections, c)
		}
		for range rapid.IntRange(0, 4).Draw(t, "loops") {
			a, b := rapid.IntRange(0, handle-1).Draw(t, "a"), rapid.IntRange(0, handle-1).Draw(t, "b")
			loops = append(loops, func() {
				for i := range rapid.IntRange(1, 5).Draw(t, "times") {
					add((a+i)%handle, b)
					add(b, (a+i)%handle)
				}
			}, func() {
				for i := range handle {
					for j := range rapid.IntRange(0, handle).Draw(t, "inner") {
						add(i, j)
					}
				}
			})
		}
		for _, loop := range loops {
			loop()
		}
		tr.connect()
		require.Empty(t, tr.problems)

		type source struct {
			entity place
			shift  int64
		}
		type port struct {
			entity place
			attr   string
		}
		want, got := make(map[port][]source), make(map[port][]source)
		seen := make(map[string]bool)
		for _, c := range tr.Connections {
			if id := fmt.Sprint(c.Source, c.Destination, c.Input); !seen[id] {
				seen[id] = true
				p := port{tr.places[c.Destination], c.Input}
				want[p] = append(want[p], source{tr.places[c.Source], c.Shift})
			}
		}
		for _, l := range tr.lines {
			var shift int64
			if l.options.shift != "" {
				shift = 1
			}
			for _, s := range stretches(l.pairs) {
				for _, pair := range s.expand(t) {
					p := port{place{l.to, pair[1]}, l.input}
					got[p] = append(got[p], source{place{l.from, pair[0]}, shift})
				}
			}
		}
		assert.Equal(t, want, got)
	})
}
