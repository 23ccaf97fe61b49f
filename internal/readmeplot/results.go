package main

import (
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"strconv"

	"gonum.org/v1/plot/plotter"
)

// table holds recorded series by "entity.attribute", X in days from the start.
type table map[string]plotter.XYs

// read reads a results.csv.
func read(r io.Reader) (table, error) {
	in := csv.NewReader(r)
	in.ReuseRecord = true
	if _, err := in.Read(); err != nil {
		return nil, err
	}
	t := make(table)
	for {
		record, err := in.Read()
		if errors.Is(err, io.EOF) {
			return t, nil
		}
		if err != nil {
			return nil, err
		}
		seconds, err := strconv.ParseFloat(record[0], 64)
		if err != nil {
			return nil, err
		}
		value, err := strconv.ParseFloat(record[4], 64)
		if err != nil {
			return nil, err
		}
		name := record[2] + "." + record[3]
		t[name] = append(t[name], plotter.XY{X: seconds / 86400, Y: value})
	}
}

// steps returns the named series as a line of steps, since a value holds until
// the next, with its values scaled.
func (t table) steps(name string, scale float64) (plotter.XYs, error) {
	points := t[name]
	if len(points) < 2 {
		return nil, fmt.Errorf("no values of %s; run the district as it is shipped", name)
	}
	var line plotter.XYs
	for i, p := range points {
		until := p.X + (p.X - points[max(0, i-1)].X)
		if i+1 < len(points) {
			until = points[i+1].X
		}
		line = append(line, plotter.XY{X: p.X, Y: p.Y * scale}, plotter.XY{X: until, Y: p.Y * scale})
	}
	return line, nil
}
