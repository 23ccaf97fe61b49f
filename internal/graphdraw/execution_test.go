package graphdraw_test

import (
	"encoding/xml"
	"errors"
	"io"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/simrun/simrun/internal/graphdraw"
	"github.com/simrun/simrun/sim"
)

// ticking is an execution of two simulators, the second of which answers the first at
// the same time, twice.
func ticking() *graphdraw.Execution {
	e := &graphdraw.Execution{Start: time.Date(2026, 6, 1, 0, 0, 0, 0, time.UTC), Lanes: []string{"a", "<b>"}}
	for i := range 3 {
		first, at := len(e.Steps), sim.Time(i)*sim.Time(time.Minute)
		for lane := range 2 {
			e.Steps = append(e.Steps, graphdraw.ExecutionStep{Lane: lane, At: at, Label: "1", Title: "a & b"})
		}
		e.Steps = append(e.Steps, graphdraw.ExecutionStep{Lane: 0, At: at, Label: "2"})
		e.Arrows = append(e.Arrows, graphdraw.Arrow{From: first, To: first + 1, Kind: graphdraw.TriggerArrow, Title: "x"},
			graphdraw.Arrow{From: first + 1, To: first + 2, Kind: graphdraw.SeenArrow, Title: "y"})
		if i > 0 {
			e.Arrows = append(e.Arrows, graphdraw.Arrow{From: first - 3, To: first, Kind: graphdraw.AskedArrow})
		}
	}
	return e
}

func TestExecutionSVG(t *testing.T) {
	text := ticking().SVG()
	for d := xml.NewDecoder(strings.NewReader(text)); ; {
		if _, err := d.Token(); errors.Is(err, io.EOF) {
			break
		} else if err != nil {
			t.Fatal(err)
		}
	}
	var places []string // of the steps: x, y
	for _, m := range regexp.MustCompile(`<circle cx="([^"]+)" cy="([^"]+)"`).FindAllStringSubmatch(text, -1) {
		places = append(places, m[1]+" "+m[2])
	}
	// Every step is right of what has led to it, in its lane.
	require.Equal(t, []string{"87.2 74.0", "133.2 122.0", "179.2 74.0", "225.2 74.0", "271.2 122.0", "317.2 74.0", "363.2 74.0", "409.2 122.0", "455.2 74.0"}, places)
	for _, want := range []string{"06-01 00:01:00", "&lt;b&gt;", "a &amp; b", "its value triggers the step"} {
		require.Contains(t, text, want)
	}
	require.Equal(t, text, ticking().SVG())
}

func TestExecutionDOT(t *testing.T) {
	text := ticking().DOT("run")
	for _, want := range []string{"digraph \"run\" {", `s1 [label="1\n06-01 00:00:00", tooltip="a & b"];`, `s0 -> s1 [color=black, tooltip="x"];`, `s1 -> s2 [style=dashed, tooltip="y"];`} {
		require.Contains(t, text, want)
	}
}
