package main

import (
	"fmt"
	"image/color"
	"io"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/plotter"
	"gonum.org/v1/plot/vg"
	vgdraw "gonum.org/v1/plot/vg/draw"
	"gonum.org/v1/plot/vg/vgimg"
	"gonum.org/v1/plot/vg/vgsvg"
)

// The colours lie in the middle between black and white, so that they can be
// read on a page of either; there is no background.
var (
	grey   = color.NRGBA{0x80, 0x88, 0x92, 0xff}
	faint  = color.NRGBA{0x80, 0x88, 0x92, 0x60}
	orange = color.NRGBA{0xdb, 0x7d, 0x22, 0xff}
	wash   = color.NRGBA{0xdb, 0x7d, 0x22, 0x50}
	blue   = color.NRGBA{0x2f, 0x80, 0xed, 0xff}
	green  = color.NRGBA{0x2e, 0xa0, 0x6e, 0xff}
	leaf   = color.NRGBA{0x2e, 0xa0, 0x6e, 0x48}
)

const (
	width, height = 720, 400 // points
	lowerHeight   = 115      // of that for the state of charge
	days          = 7
	textSize      = 12
)

// draw lays out the two plots, one above the other.
func draw(t table, format string) (io.WriterTo, error) {
	power, err := powerPlot(t)
	if err != nil {
		return nil, err
	}
	charge, err := chargePlot(t)
	if err != nil {
		return nil, err
	}
	var canvas vg.CanvasWriterTo
	switch format {
	case ".svg":
		canvas = vgsvg.New(width, height)
	case ".png":
		canvas = vgimg.PngCanvas{Canvas: vgimg.NewWith(vgimg.UseWH(width, height), vgimg.UseDPI(144),
			vgimg.UseBackgroundColor(color.Transparent))}
	default:
		return nil, fmt.Errorf("a picture cannot be a %q; name it .svg or .png", format)
	}
	all := vgdraw.New(canvas)
	upper := vgdraw.Crop(all, 4, -10, lowerHeight, -6)
	lower := vgdraw.Crop(all, 4, -10, 4, lowerHeight-height)
	// The same time is to stand at the same place in both.
	indent := power.DataCanvas(upper).Min.X - charge.DataCanvas(lower).Min.X
	power.Draw(vgdraw.Crop(upper, max(0, -indent), 0, 0, 0))
	charge.Draw(vgdraw.Crop(lower, max(0, indent), 0, 0, 0))
	return canvas, nil
}

// powerPlot shows what the batteries change, and the week's peaks.
func powerPlot(t table) (*plot.Plot, error) {
	without, err := t.steps("unassisted.power", 1)
	if err != nil {
		return nil, err
	}
	with, err := t.steps("transformer.power", 1)
	if err != nil {
		return nil, err
	}
	p := newPlot("kW from the grid", -49, 46, plot.ConstantTicks{
		{Value: -40, Label: "−40"}, {Value: -20, Label: "−20"}, {Value: 0, Label: "0"}, {Value: 20, Label: "20"}})
	p.Add(between(without, with, wash), line(without, orange, 1), line(with, blue, 1.8))
	p.Add(
		text(0.03, 38.5, orange, "without batteries: "+envelope(p, without, orange)),
		text(2.4, 38.5, blue, "with batteries whose agents agree on who charges: "+envelope(p, with, blue)),
	)
	return p, nil
}

// chargePlot shows how full the batteries are.
func chargePlot(t table) (*plot.Plot, error) {
	mean, err := t.steps("charge.mean", 100)
	if err != nil {
		return nil, err
	}
	p := newPlot("% charged", -2, 128, plot.ConstantTicks{
		{Value: 0, Label: "0"}, {Value: 50, Label: "50"}, {Value: 100, Label: "100"}})
	for i, day := range []string{"Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"} {
		p.X.Tick.Marker = append(p.X.Tick.Marker.(plot.ConstantTicks), plot.Tick{Value: float64(i) + 0.5, Label: day})
	}
	zero := plotter.XYs{{X: 0, Y: 0}, {X: days, Y: 0}}
	p.Add(between(mean, zero, leaf), line(mean, green, 1.5), text(0.03, 112, green, "batteries, mean"))
	return p, nil
}

// newPlot returns an empty plot of the week, with lines at midnights and at the
// ticks of the vertical axis.
func newPlot(label string, low, high float64, ticks plot.ConstantTicks) *plot.Plot {
	p := plot.New()
	p.BackgroundColor = nil
	p.Y.Label.Text = label
	p.X.Min, p.X.Max, p.Y.Min, p.Y.Max = 0, days, low, high
	p.X.Tick.Marker, p.Y.Tick.Marker = plot.ConstantTicks{}, ticks
	for _, a := range []*plot.Axis{&p.X, &p.Y} {
		a.LineStyle.Width, a.Tick.LineStyle.Width, a.Padding = 0, 0, 4
		a.Label.TextStyle.Color, a.Tick.Label.Color = grey, grey
		for _, style := range []*vgdraw.TextStyle{&a.Label.TextStyle, &a.Tick.Label} {
			style.Font.Size, style.Font.Variant = textSize, "Sans"
		}
	}
	for day := range days + 1 {
		p.Add(line(plotter.XYs{{X: float64(day), Y: low}, {X: float64(day), Y: high}}, faint, 0.5))
	}
	for _, tick := range ticks {
		p.Add(line(plotter.XYs{{X: 0, Y: tick.Value}, {X: days, Y: tick.Value}}, faint, 0.5))
	}
	return p
}

// line draws a line through points.
func line(points plotter.XYs, c color.Color, width vg.Length) plot.Plotter {
	return &plotter.Line{XYs: points, LineStyle: vgdraw.LineStyle{Color: c, Width: width}}
}

// between fills the area between two lines.
func between(a, b plotter.XYs, c color.Color) plot.Plotter {
	outline := append(plotter.XYs{}, a...)
	for i := range b {
		outline = append(outline, b[len(b)-1-i])
	}
	return &plotter.Polygon{XYs: []plotter.XYs{outline}, Color: c}
}

// text writes text that begins at a point.
func text(x, y float64, c color.Color, s string) plot.Plotter {
	style := vgdraw.TextStyle{Color: c, Font: plot.DefaultFont, Handler: plot.DefaultTextHandler}
	style.Font.Size, style.Font.Variant = textSize, "Sans"
	return &plotter.Labels{XYs: plotter.XYs{{X: x, Y: y}}, Labels: []string{s}, TextStyle: []vgdraw.TextStyle{style}}
}

// envelope draws dashed lines at the largest and the smallest value, and
// returns both as text.
func envelope(p *plot.Plot, points plotter.XYs, c color.Color) string {
	_, _, low, high := plotter.XYRange(points)
	for _, y := range []float64{low, high} {
		p.Add(&plotter.Line{XYs: plotter.XYs{{X: 0, Y: y}, {X: days, Y: y}},
			LineStyle: vgdraw.LineStyle{Color: c, Width: 1, Dashes: []vg.Length{3, 4}}})
	}
	return fmt.Sprintf("−%.0f to %.0f kW", -low, high)
}
