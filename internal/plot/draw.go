package plot

import (
	"bytes"
	"fmt"
	"image/color"
	"io"
	"math"
	"strings"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/plotter"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
	"gonum.org/v1/plot/vg/vgimg"
	"gonum.org/v1/plot/vg/vgsvg"
)

// dpi is the resolution of PNG files.
const dpi = 200

// Size of a figure, in points of 1/72 inch.
type Size struct{ Width, Height float64 }

// DefaultSize fits a figure to its panels, at the width of a page.
func (f *Figure) DefaultSize() Size {
	each := 150.0
	switch n := len(f.Panels); {
	case n == 1:
		each = 230
	case n > 4:
		each = 115
	}
	return Size{Width: 540, Height: 60 + each*float64(len(f.Panels))}
}

// Formats of pictures, as the extensions of their files.
var Formats = []string{".svg", ".png"}

// Draw writes the figure as ".svg" or ".png".
func (f *Figure) Draw(w io.Writer, format string, size Size) error {
	width, height := vg.Length(size.Width), vg.Length(size.Height)
	var canvas vg.CanvasWriterTo
	switch format {
	case ".svg":
		canvas = vgsvg.New(width, height)
	case ".png":
		canvas = vgimg.PngCanvas{Canvas: vgimg.NewWith(vgimg.UseWH(width, height), vgimg.UseDPI(dpi))}
	default:
		return fmt.Errorf("a picture cannot be a %q; use .svg or .png", format)
	}
	f.draw(draw.New(canvas))
	var out bytes.Buffer
	if _, err := canvas.WriteTo(&out); err != nil {
		return err
	}
	// The font that the library measures with is not on every machine that shows
	// the picture; these are as wide.
	text := bytes.ReplaceAll(out.Bytes(), []byte("font-family:Liberation Sans;"),
		[]byte("font-family:Liberation Sans,Arial,Helvetica,sans-serif;"))
	_, err := w.Write(text)
	return err
}

// draw lays out the title and the panels.
func (f *Figure) draw(c draw.Canvas) {
	c.FillPolygon(color.White, []vg.Point{c.Min, {X: c.Max.X, Y: c.Min.Y}, c.Max, {X: c.Min.X, Y: c.Max.Y}})
	c = draw.Crop(c, 6, -14, 4, -6)
	if f.Title != "" {
		style := textStyle(titleSize)
		style.XAlign, style.YAlign = draw.XLeft, draw.YTop
		c.FillText(style, vg.Point{X: c.Min.X + 4, Y: c.Max.Y}, f.Title)
		c = draw.Crop(c, 0, 0, 0, -titleSize-6)
	}
	ticks, label := f.timeTicks()
	plots := make([]*plot.Plot, len(f.Panels))
	for i := range f.Panels {
		plots[i] = f.panel(&f.Panels[i], ticks)
		if i == len(f.Panels)-1 {
			plots[i].X.Label.Text = label
		}
	}
	// The areas of all panels are as high as each other and begin at one x; below
	// the last are the numbers of the time axis.
	axis := plots[len(plots)-1].DataCanvas(c).Min.Y - c.Min.Y
	left, right := vg.Length(0), c.Max.X
	labels := c.Min.X + textSize // of the vertical axes
	c.Min.X += textSize + 8
	legends := make([]vg.Length, len(plots))
	free := c.Max.Y - c.Min.Y - axis
	for i, p := range plots {
		if i < len(plots)-1 {
			p.X.Tick.Marker = unlabelled(ticks)
		}
		own := p.DataCanvas(c)
		left, right = max(left, own.Min.X), min(right, own.Max.X)
		legends[i] = f.Panels[i].legend(c, false)
		free -= legends[i]
	}
	area := free / vg.Length(len(plots))
	top := c.Max.Y
	for i, p := range plots {
		bottom := top - legends[i] - area
		cell := draw.Crop(c, 0, 0, 0, 0)
		cell.Min.Y, cell.Max.Y = bottom, top
		own := p.DataCanvas(c)
		if i == len(plots)-1 {
			cell.Min.Y = c.Min.Y
		} else {
			cell.Min.Y += 4
		}
		at := cell
		at.Min.X, at.Max.X = left, right
		f.Panels[i].legend(at, true)
		cell.Max.Y -= legends[i]
		p.Draw(draw.Crop(cell, left-own.Min.X, right-own.Max.X, 0, 0))
		style := textStyle(textSize)
		style.XAlign, style.YAlign, style.Rotation = draw.XCenter, draw.YBottom, math.Pi/2
		c.FillText(style, vg.Point{X: labels, Y: bottom + area/2}, f.Panels[i].Label)
		top = bottom
	}
}

// unlabelled are ticks without texts.
func unlabelled(ticks []plot.Tick) plot.ConstantTicks {
	bare := make(plot.ConstantTicks, len(ticks))
	for i, t := range ticks {
		bare[i].Value = t.Value
	}
	return bare
}

// legend draws what the colours mean into the top of c, if really, and returns
// the height of that.
func (p *Panel) legend(c draw.Canvas, really bool) vg.Length {
	style := textStyle(textSize)
	style.XAlign, style.YAlign = draw.XLeft, draw.YCenter
	x, y := c.Min.X, c.Max.Y-legendLine/2
	for i := range p.Families {
		f := &p.Families[i]
		width := swatch + 4 + otherFonts*style.Width(f.label()) + 14
		if x > c.Min.X && x+width > c.Max.X {
			x, y = c.Min.X, y-legendLine
		}
		if really {
			if f.Events {
				c.DrawGlyph(f.dot(), vg.Point{X: x + swatch/2, Y: y})
			} else {
				c.StrokeLine2(f.line(false), x, y, x+swatch, y)
			}
			c.FillText(style, vg.Point{X: x + swatch + 4, Y: y}, f.label())
		}
		x += width
	}
	return c.Max.Y - y + legendLine/2
}

// label is the entry in the legend.
func (f *Family) label() string {
	if len(f.Curves) == 1 || f.Events {
		return f.Name
	}
	what := "mean"
	if len(f.Curves) > mostThin {
		what = "mean and range"
	}
	return strings.TrimSuffix(fmt.Sprintf("%s: %s of %d %s", f.Name, what, len(f.Curves), f.Each), " ")
}

// panel makes the plot of a panel.
func (f *Figure) panel(panel *Panel, ticks []plot.Tick) *plot.Plot {
	p := plot.New()
	p.BackgroundColor = nil
	for _, a := range []*plot.Axis{&p.X, &p.Y} {
		a.Label.TextStyle, a.Tick.Label = withAlign(a.Label.TextStyle), withAlign(a.Tick.Label)
		a.LineStyle = draw.LineStyle{Color: ink, Width: gridWidth}
		a.Tick.LineStyle, a.Tick.Length = draw.LineStyle{Color: ink, Width: gridWidth}, 3
		a.Padding = 0
		a.Label.Padding = 2
	}
	p.X.Tick.Marker = plot.ConstantTicks(ticks)
	p.X.Min, p.X.Max = f.From, f.To
	low, high := panel.limits(f.To)
	yTicks := niceTicks(low, high)
	p.Y.Min, p.Y.Max = min(low, yTicks[0].Value), max(high, yTicks[len(yTicks)-1].Value)
	p.Y.Tick.Marker = plot.ConstantTicks(yTicks)
	for _, t := range ticks {
		p.Add(straight(t.Value, p.Y.Min, t.Value, p.Y.Max))
	}
	for _, t := range yTicks {
		p.Add(straight(f.From, t.Value, f.To, t.Value))
	}
	for i := range panel.Families { // bundles below lines
		panel.Families[i].addBundle(p, f.From, f.To)
	}
	for i := range panel.Families {
		panel.Families[i].add(p, f.From, f.To)
	}
	return p
}

// withAlign keeps where a text is put, and changes how it looks.
func withAlign(old draw.TextStyle) draw.TextStyle {
	style := textStyle(textSize)
	style.XAlign, style.YAlign, style.Rotation = old.XAlign, old.YAlign, old.Rotation
	return style
}

func straight(x1, y1, x2, y2 float64) plot.Plotter {
	return &plotter.Line{XYs: plotter.XYs{{X: x1, Y: y1}, {X: x2, Y: y2}}, LineStyle: draw.LineStyle{Color: grid, Width: gridWidth}}
}

// addBundle adds the thin curves of a family of many, or the range that they cover.
func (f *Family) addBundle(p *plot.Plot, from, to float64) {
	if len(f.Curves) == 1 || f.Events {
		return
	}
	if len(f.Curves) > mostThin {
		c := palette[f.Color%len(palette)]
		c.A = 0x38
		p.Add(&plotter.Polygon{XYs: []plotter.XYs{rangeOf(f.Curves, from, to)}, Color: c})
		return
	}
	for _, points := range f.Curves {
		f.addSteps(p, points, to, f.line(true))
	}
}

// add adds the curve of a family, or the mean, or its events.
func (f *Family) add(p *plot.Plot, from, to float64) {
	if f.Events {
		for _, points := range f.Curves {
			p.Add(&plotter.Scatter{XYs: xys(points), GlyphStyle: f.dot()})
		}
		return
	}
	points := f.Curves[0]
	if len(f.Curves) > 1 {
		points = meanOf(f.Curves, from, to)
	}
	f.addSteps(p, points, to, f.line(false))
}

func (f *Family) dot() draw.GlyphStyle {
	return draw.GlyphStyle{Color: palette[f.Color%len(palette)], Radius: 2, Shape: draw.CircleGlyph{}}
}

// addSteps adds steps, with gaps where values are no numbers.
func (f *Family) addSteps(p *plot.Plot, points []Point, to float64, style draw.LineStyle) {
	var run plotter.XYs
	end := func() {
		if len(run) > 1 {
			p.Add(&plotter.Line{XYs: run, LineStyle: style})
		}
		run = nil
	}
	for i, q := range points {
		until := to
		if i+1 < len(points) {
			until = points[i+1].T
		}
		if !drawable(q.V) {
			end()
			continue
		}
		if n := len(run); n > 0 && run[n-1].Y == q.V {
			run[n-1].X = until // one line instead of two
			continue
		}
		run = append(run, plotter.XY{X: q.T, Y: q.V}, plotter.XY{X: until, Y: q.V})
	}
	end()
}

func xys(points []Point) plotter.XYs {
	var all plotter.XYs
	for _, q := range points {
		if drawable(q.V) {
			all = append(all, plotter.XY{X: q.T, Y: q.V})
		}
	}
	return all
}
