package main

import (
	"bytes"
	"context"
	"os"
	"regexp"
	"testing"

	"github.com/stretchr/testify/require"
	"gonum.org/v1/plot/plotter"

	"github.com/simrun/simrun/scenarios"
	"github.com/simrun/simrun/sim"
)

// runDistrict runs the shipped district.
func runDistrict(t *testing.T) table {
	t.Helper()
	ctx := context.Background()
	s, err := scenarios.Read("builtin:district", scenarios.ReadOptions{})
	require.NoError(t, err)
	var results sim.Memory
	world, err := s.Build(ctx, scenarios.BuildOptions{Sink: func() sim.Sink { return &results }})
	require.NoError(t, err)
	defer func() { require.NoError(t, world.Close()) }()
	_, err = world.Run(ctx, sim.RunOptions{Until: s.Until})
	require.NoError(t, err)
	rows := make(table)
	for _, row := range results.Rows {
		one := results.Series[row.Series]
		value, err := row.Value.Float64()
		require.NoError(t, err)
		name := one.Entity + "." + one.Attr
		rows[name] = append(rows[name], plotter.XY{X: row.Time.Seconds() / 86400, Y: value})
	}
	return rows
}

// The picture in the README shows the district as it is shipped, and what its
// words say is so.
func TestPictureIsTrue(t *testing.T) {
	rows := runDistrict(t)
	extremes := func(name string) (low, high float64) {
		points, err := rows.steps(name, 1)
		require.NoError(t, err)
		_, _, low, high = plotter.XYRange(points)
		return low, high
	}
	lowWithout, highWithout := extremes("unassisted.power")
	lowWith, highWith := extremes("transformer.power")
	require.Less(t, highWith, 0.65*highWithout, "import peak, with and without batteries")
	require.Less(t, -lowWith, 0.75*-lowWithout, "export peak, with and without batteries")

	drawing, err := draw(rows, ".svg")
	require.NoError(t, err)
	var now bytes.Buffer
	_, err = drawing.WriteTo(&now)
	require.NoError(t, err)
	committed, err := os.ReadFile("../../docs/img/district.svg")
	require.NoError(t, err)
	words := regexp.MustCompile(`>[^<>\n]+</text>`)
	require.Equal(t, words.FindAllString(now.String(), -1), words.FindAllString(string(committed), -1),
		"draw it anew, as the comment of this package says")
}

func TestResultsThatAreNotTheDistricts(t *testing.T) {
	_, err := draw(table{}, ".svg")
	require.ErrorContains(t, err, "no values of unassisted.power; run the district as it is shipped")
	_, err = read(bytes.NewBufferString("time,date,entity,attribute,value\n0,,a,b,x\n"))
	require.ErrorContains(t, err, `"x"`)
}
