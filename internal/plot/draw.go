package plot

import (
	"bytes"
	"fmt"
	"image/color"
	"io"
	"math"
	"strconv"
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

// pageWidth is that of a page with its margins.
const pageWidth = 540

// DefaultSize fits a figure to its panels and their legends, at the width of a page.
func (f *Figure) DefaultSize() Size {
	each := 150.0
	switch n := len(f.Panels); {
	case n == 1:
		each = 230
	case n > 4:
		each = 115
	}
	height := 46 + vg.Length(each)*vg.Length(len(f.Panels))
	const numbers = 70 // beside the panels
	rows := draw.Canvas{Rectangle: vg.Rectangle{Max: vg.Point{X: pageWidth - numbers}}}
	for i := range f.Panels {
		height += f.Panels[i].legend(rows, false) - legendLine
	}
	height += f.title(rows, false)
	return Size{Width: pageWidth, Height: math.Ceil(float64(height) + legendLine)}
}

// Formats of pictures, as the extensions of their files.
var Formats = []string{".svg", ".png"}

// Draw writes the figure as ".svg" or ".png". It is an error if there is no room for
// its panels in the size.
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
	if err := f.draw(draw.New(canvas)); err != nil {
		return err
	}
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

// leastArea is the least height of a panel that can be read.
const leastArea = 28

// roomy is enough for what stands beside and below a panel, and something of the panel.
const roomy = 100

// draw lays out the title and the panels.
func (f *Figure) draw(c draw.Canvas) error {
	size := c.Size()
	c.FillPolygon(color.White, []vg.Point{c.Min, {X: c.Max.X, Y: c.Min.Y}, c.Max, {X: c.Min.X, Y: c.Max.Y}})
	c = draw.Crop(c, 6, -14, 4, -6)
	c = draw.Crop(c, 0, 0, 0, -f.title(c, true))
	plots := make([]*plot.Plot, len(f.Panels))
	for i := range f.Panels {
		plots[i] = f.panel(&f.Panels[i])
	}
	last := len(plots) - 1
	// The areas of all panels are as high as each other and begin at one x; below
	// the last are the numbers of the time axis.
	labels := c.Min.X + textSize // of the vertical axes
	c.Min.X += textSize + 8
	left, right, area := c.Min.X, c.Max.X, c.Size().Y/vg.Length(len(plots))
	legends := make([]vg.Length, len(plots))
	powers := make([]int, len(plots))
	// What stands beside and below the areas is as large where there is more room. Where there is
	// too little the plots do not tell how large it is.
	room := c
	room.Min.Y, room.Max.X = min(c.Min.Y, c.Max.Y-roomy), max(c.Max.X, c.Min.X+roomy)
	// How many numbers there is room for at the axes follows from the areas, which
	// follow from the numbers.
	for range 2 {
		ticks, label := f.timeTicks(right - left)
		for i, p := range plots {
			powers[i] = f.Panels[i].setTicks(p, area)
			if p.X.Tick.Marker = unlabelled(ticks); i == last {
				p.X.Tick.Marker, p.X.Label.Text = plot.ConstantTicks(ticks), label
			}
		}
		left, right = 0, c.Max.X
		for _, p := range plots {
			own := p.DataCanvas(room)
			left, right = max(left, own.Min.X), min(right, own.Max.X-room.Max.X+c.Max.X)
		}
		at := c
		at.Min.X, at.Max.X = left, right
		free := c.Size().Y - plots[last].DataCanvas(room).Min.Y + room.Min.Y
		for i := range plots {
			legends[i] = f.Panels[i].legend(at, false)
			free -= legends[i]
		}
		area = free / vg.Length(len(plots))
	}
	if area < leastArea || right-left < leastArea {
		const mm = 25.4 / 72
		return fmt.Errorf("%.0f x %.0f mm are too small for the panels and their legends; make it %.0f mm wide and %.0f mm high at least, or choose fewer series",
			size.X*mm, size.Y*mm, math.Ceil(float64(size.X+max(0, leastArea-(right-left)))*mm), math.Ceil(float64(size.Y+max(0, leastArea-area)*vg.Length(len(plots)))*mm))
	}
	top := c.Max.Y
	for i, p := range plots {
		bottom := top - legends[i] - area
		cell := c
		cell.Min.Y, cell.Max.Y = bottom, top
		own := p.DataCanvas(c)
		if i == last {
			cell.Min.Y = c.Min.Y
		} else {
			cell.Min.Y += 4
		}
		at := cell
		at.Min.X, at.Max.X = left, right
		f.Panels[i].legend(at, true)
		cell.Max.Y -= legends[i]
		p.Draw(draw.Crop(cell, left-own.Min.X, right-own.Max.X, 0, 0))
		f.Panels[i].axisLabel(c, vg.Point{X: labels, Y: bottom + area/2}, area+legends[i]/2, powers[i])
		top = bottom
	}
	return nil
}

// title draws the title into the top of c, in as many lines as it needs, if really, and
// returns the height of that.
func (f *Figure) title(c draw.Canvas, really bool) vg.Length {
	if f.Title == "" {
		return 0
	}
	style := textStyle(titleSize)
	style.XAlign, style.YAlign = draw.XLeft, draw.YTop
	const line = titleSize + 3
	y, text := c.Max.Y, ""
	put := func() {
		if really {
			c.FillText(style, vg.Point{X: c.Min.X + 4, Y: y}, text)
		}
		y -= line
	}
	for word := range strings.FieldsSeq(f.Title) {
		longer := strings.TrimSpace(text + " " + word)
		if text != "" && otherFonts*style.Width(longer) > c.Max.X-c.Min.X-4 {
			put()
			longer = word
		}
		text = longer
	}
	put()
	return c.Max.Y - y + 3
}

// unlabelled are ticks without texts.
func unlabelled(ticks []plot.Tick) plot.ConstantTicks {
	bare := make(plot.ConstantTicks, len(ticks))
	for i, t := range ticks {
		bare[i].Value = t.Value
	}
	return bare
}

// axisLabel writes what the vertical axis of a panel means, upwards around a place, in a
// height. The numbers at the axis are to be multiplied by 10 to the power.
func (p *Panel) axisLabel(c draw.Canvas, at vg.Point, height vg.Length, power int) {
	style := textStyle(textSize)
	style.XAlign, style.YAlign, style.Rotation = draw.XLeft, draw.YBottom, math.Pi/2
	raised := style
	raised.Font.Size *= 0.75
	name, before, exponent, after, gap := p.Name, "", "", "", vg.Length(0)
	switch {
	case power != 0:
		before, exponent, after = " (10", strings.ReplaceAll(strconv.Itoa(power), "-", "−"), ")"
		if p.Unit != "" {
			gap, after = style.Width(" "), p.Unit+")" // in SVG a text does not begin with a space
		}
	case p.Unit != "":
		before = " (" + p.Unit + ")"
	}
	rest := style.Width(before) + raised.Width(exponent) + gap + style.Width(after)
	name = shorten(style, name, height-rest)
	at.Y -= (style.Width(name) + rest) / 2
	c.FillText(style, at, name+before)
	if exponent != "" {
		at.Y += style.Width(name + before)
		c.FillText(raised, vg.Point{X: at.X - textSize*0.35, Y: at.Y}, exponent)
		at.Y += raised.Width(exponent) + gap
		c.FillText(style, at, after)
	}
}

// shorten takes out the middle of a text that is wider than this.
func shorten(style draw.TextStyle, text string, width vg.Length) string {
	whole := []rune(text)
	for keep := len(whole) - 1; otherFonts*style.Width(text) > width && keep > 1; keep-- {
		text = string(whole[:(keep+1)/2]) + "…" + string(whole[len(whole)-keep/2:])
	}
	return text
}

// legend draws what the colours mean into the top of c, if really, and returns
// the height of that.
func (p *Panel) legend(c draw.Canvas, really bool) vg.Length {
	style := textStyle(textSize)
	style.XAlign, style.YAlign = draw.XLeft, draw.YCenter
	x, y := c.Min.X, c.Max.Y-legendLine/2
	for i := range p.Families {
		f := &p.Families[i]
		text := shorten(style, f.label(), c.Max.X-c.Min.X-swatch-4)
		width := swatch + 4 + otherFonts*style.Width(text) + 14
		if x > c.Min.X && x+width-14 > c.Max.X {
			x, y = c.Min.X, y-legendLine
		}
		if really {
			if f.Events {
				c.DrawGlyph(f.dot(), vg.Point{X: x + swatch/2, Y: y})
			} else {
				c.StrokeLine2(f.line(false), x, y, x+swatch, y)
			}
			c.FillText(style, vg.Point{X: x + swatch + 4, Y: y}, text)
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

// panel makes the plot of a panel, without ticks.
func (f *Figure) panel(panel *Panel) *plot.Plot {
	p := plot.New()
	p.BackgroundColor = nil
	for _, a := range []*plot.Axis{&p.X, &p.Y} {
		a.Label.TextStyle, a.Tick.Label = withAlign(a.Label.TextStyle), withAlign(a.Tick.Label)
		a.LineStyle = draw.LineStyle{Color: ink, Width: gridWidth}
		a.Tick.LineStyle, a.Tick.Length = draw.LineStyle{Color: ink, Width: gridWidth}, 3
		a.Padding = 0
		a.Label.Padding = 2
	}
	p.X.Min, p.X.Max = f.From, f.To
	p.Add(gridLines{})
	for i := range panel.Families { // bundles below lines
		panel.Families[i].addBundle(p, f.From, f.To)
	}
	for i := range panel.Families {
		panel.Families[i].add(p, f.From, f.To)
	}
	p.Y.Min, p.Y.Max = panel.limits(f.To)
	return p
}

// setTicks gives the vertical axis as many ticks as there is room for in a height. The
// numbers are to be multiplied by 10 to the power that it returns.
func (p *Panel) setTicks(of *plot.Plot, height vg.Length) (power int) {
	low, high := of.Y.Min, of.Y.Max
	whole := p.whole()
	const most = 5
	ticks, power := niceTicks(low, high, max(2, min(most, int(height/(1.5*textSize)))), whole)
	if len(ticks) < 2 {
		ticks, power = niceTicks(low, high, most, whole)
	}
	of.Y.Min, of.Y.Max = min(low, ticks[0].Value), max(high, ticks[len(ticks)-1].Value)
	of.Y.Tick.Marker = plot.ConstantTicks(ticks)
	return power
}

// withAlign keeps where a text is put, and changes how it looks.
func withAlign(old draw.TextStyle) draw.TextStyle {
	style := textStyle(textSize)
	style.XAlign, style.YAlign, style.Rotation = old.XAlign, old.YAlign, old.Rotation
	return style
}

// gridLines are lines at the ticks of both axes.
type gridLines struct{}

// Plot implements plot.Plotter.
func (gridLines) Plot(c draw.Canvas, p *plot.Plot) {
	style := draw.LineStyle{Color: grid, Width: gridWidth}
	x, y := p.Transforms(&c)
	for _, t := range p.X.Tick.Marker.Ticks(p.X.Min, p.X.Max) {
		c.StrokeLine2(style, x(t.Value), c.Min.Y, x(t.Value), c.Max.Y)
	}
	for _, t := range p.Y.Tick.Marker.Ticks(p.Y.Min, p.Y.Max) {
		c.StrokeLine2(style, c.Min.X, y(t.Value), c.Max.X, y(t.Value))
	}
}

// addBundle adds the thin curves of a family of many, or the range that they cover.
func (f *Family) addBundle(p *plot.Plot, from, to float64) {
	if len(f.Curves) == 1 || f.Events {
		return
	}
	if len(f.Curves) > mostThin {
		c := palette[f.Color%len(palette)]
		c.A = 0x38
		p.Add(&plotter.Polygon{XYs: rangeOf(f.Curves, from, to), Color: c})
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
	// Lines are made of pieces: to fill the outline of one takes time with the square of
	// how often it goes up and down.
	const piece = 200
	var run plotter.XYs
	end := func() {
		for ; len(run) > piece; run = run[piece-1:] {
			p.Add(&plotter.Line{XYs: run[:piece:piece], LineStyle: style})
		}
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
