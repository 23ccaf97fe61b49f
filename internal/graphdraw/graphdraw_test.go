package graphdraw_test

import (
	"context"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/simrun/simrun/internal/graphdraw"
	"github.com/simrun/simrun/scenarios"
	"github.com/simrun/simrun/sim"
)

// loop has instantaneous, shifted and weak connections.
const loop = `
simrun: 1
name: loop
until: 1d
simulators:
  storage: {model: battery, params: {step: 15m}}
  load: {model: load, params: {step: 15m}}
  feeder: {model: meter}
  wish: {model: controller, group: market}
  other: {model: controller, group: market}
  target: {model: constant, params: {value: 1}}
entities:
  home: {of: load.Load, count: %d}
  store: {of: storage.Battery, count: %d}
connect:
  - home[*].power -> feeder.consumption
  - feeder.power -> wish.measured
  - target.value -> wish.setpoint
  - target.value -> other.measured
  - wish.command -> other.setpoint: {weak: true, initial: 0}
  - wish.command -> store[*].setpoint: {shift: 15m, initial: 0}
  - store[*].power -> feeder.consumption
record: {every: 1h, values: [feeder.power]}
`

func graph(t *testing.T, homes, stores int) *graphdraw.Graph {
	t.Helper()
	path := filepath.Join(t.TempDir(), "loop.yaml")
	require.NoError(t, os.WriteFile(path, fmt.Appendf(nil, loop, homes, stores), 0o644))
	s, err := scenarios.Read(path, scenarios.ReadOptions{})
	require.NoError(t, err)
	w, err := s.Build(context.Background(), scenarios.BuildOptions{Sink: func() sim.Sink { return &sim.Memory{} }})
	require.NoError(t, err)
	g := graphdraw.Of(w)
	require.NoError(t, w.Close())
	return g
}

func labels(g *graphdraw.Graph) (all []string) {
	for _, e := range g.Edges {
		all = append(all, strings.TrimSpace(e.From.Label+" -> "+e.To.Label+": "+e.Label()+" "+e.Delay()))
	}
	return all
}

func TestFewEntitiesAreShownOneByOne(t *testing.T) {
	g := graph(t, 2, 1)
	assert.ElementsMatch(t, []string{
		"Controller-0 -> Battery-0: command to setpoint 15 min later",
		"Load-0 -> Meter-0: power to consumption", "Load-1 -> Meter-0: power to consumption",
		"Battery-0 -> Meter-0: power to consumption", "Meter-0 -> Controller-0: power to measured",
		"Constant-0 -> Controller-0: value to setpoint", "Controller-0 -> Controller-0: command to setpoint weak",
		"Constant-0 -> Controller-0: value to measured"}, labels(g))
}

func TestManyEntitiesShareARow(t *testing.T) {
	g := graph(t, 1200, 300)
	assert.Contains(t, labels(g), "Load × 1,200 -> Meter-0: power to consumption × 1,200")
	assert.Contains(t, labels(g), "Controller-0 -> Battery × 300: command to setpoint × 300 15 min later")
	assert.Len(t, g.Edges, 7)
	assert.Less(t, len(g.SVG()), 10_000)
}

func TestDOT(t *testing.T) {
	text := graph(t, 2, 1).DOT(`a "loop"`)
	assert.True(t, strings.HasPrefix(text, "digraph \"a \\\"loop\\\"\" {\n"))
	for _, want := range []string{`subgraph cluster_1`, `label="storage";`, `[label="Load-1"];`,
		`[label="command to setpoint\n15 min later", style=dashed, constraint=false];`, `[label="command to setpoint\nweak", style=dotted, constraint=false];`} {
		assert.Contains(t, text, want)
	}
}

// The picture is well-formed, the same each time, and its boxes do not overlap.
func TestSVG(t *testing.T) {
	for _, size := range [][2]int{{1, 1}, {5, 3}, {40, 40}} {
		g := graph(t, size[0], size[1])
		text := g.SVG()
		require.Equal(t, text, graph(t, size[0], size[1]).SVG())
		for d := xml.NewDecoder(strings.NewReader(text)); ; {
			if _, err := d.Token(); errors.Is(err, io.EOF) {
				break
			} else if err != nil {
				t.Fatal(err)
			}
		}
		for _, want := range []string{"seen at the same time", "seen later", "weak: seen in the next round", "15 min later"} {
			assert.Contains(t, text, want)
		}
		assert.NotContains(t, text, "NaN")
		assert.NotContains(t, text, "%!")
		type box struct{ x, y, w, h float64 }
		var boxes []box
		for _, m := range regexp.MustCompile(`<g><rect x="([^"]+)" y="([^"]+)" width="([^"]+)" height="([^"]+)"`).FindAllStringSubmatch(text, -1) {
			var n [4]float64
			for i := range n {
				n[i], _ = strconv.ParseFloat(m[i+1], 64)
			}
			boxes = append(boxes, box{n[0], n[1], n[2], n[3]})
		}
		require.Len(t, boxes, 6)
		for i, a := range boxes {
			for _, b := range boxes[:i] {
				if a.x < b.x+b.w && b.x < a.x+a.w && a.y < b.y+b.h && b.y < a.y+a.h {
					t.Errorf("boxes %v and %v overlap", a, b)
				}
			}
		}
	}
}
