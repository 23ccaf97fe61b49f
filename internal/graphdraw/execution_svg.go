package graphdraw

import (
	"fmt"
	"html"
	"strings"
)

// Measures of pictures of executions, in pixels.
const (
	columnWidth = 46.0
	laneHeight  = 48.0
	stepSize    = 9.0 // radius
	timeHeight  = 30.0
)

// SVG is the execution as a picture: a lane for each simulator, virtual time from left
// to right. Its axis is not to scale: what happens at one time is spread as far as its
// causes need.
func (e *Execution) SVG() string {
	columns, times := e.columns()
	left := margin
	for _, name := range e.Lanes {
		left = max(left, margin+textWidth(name, textSize)+24)
	}
	last := 0
	for _, c := range columns {
		last = max(last, c)
	}
	x := func(step int) float64 { return left + columnWidth*(float64(columns[step])+0.5) }
	y := func(lane int) float64 { return margin + timeHeight + laneHeight*(float64(lane)+0.5) }
	bottom := y(len(e.Lanes)) - laneHeight/2
	right := left + columnWidth*float64(last+1)
	width := max(right+margin, 620)
	var b strings.Builder
	fmt.Fprintf(&b, "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"%.0f\" height=\"%.0f\" font-family=\"Liberation Sans,Arial,Helvetica,sans-serif\" fill=\"%s\">\n", width, bottom+44, ink)
	b.WriteString("<rect width=\"100%\" height=\"100%\" fill=\"#ffffff\"/>\n<defs>\n")
	for _, c := range []string{instant, weak} {
		fmt.Fprintf(&b, "<marker id=\"%s\" viewBox=\"0 0 8 8\" refX=\"7\" refY=\"4\" markerWidth=\"8\" markerHeight=\"8\" orient=\"auto\" markerUnits=\"userSpaceOnUse\"><path d=\"M0,0.5 L8,4 L0,7.5 z\" fill=\"%s\"/></marker>\n", c[1:], c)
	}
	b.WriteString("</defs>\n")
	e.drawTimes(&b, times, left, right, bottom)
	for i, name := range e.Lanes {
		fmt.Fprintf(&b, "<text x=\"%.1f\" y=\"%.1f\" font-size=\"%g\" font-weight=\"bold\" text-anchor=\"end\">%s</text>\n", left-12, y(i)+4, textSize, html.EscapeString(name))
		fmt.Fprintf(&b, "<path d=\"M%.1f,%.1f H%.1f\" stroke=\"%s\"/>\n", left, y(i), right, head)
	}
	for _, a := range e.Arrows {
		from, to := &e.Steps[a.From], &e.Steps[a.To]
		drawArrow(&b, a, x(a.From), y(from.Lane), x(a.To), y(to.Lane))
	}
	for i, s := range e.Steps {
		fmt.Fprintf(&b, "<g><title>%s</title><circle cx=\"%.1f\" cy=\"%.1f\" r=\"%g\" fill=\"%s\" stroke=\"%s\"/>", html.EscapeString(s.Title), x(i), y(s.Lane), stepSize, head, frame)
		fmt.Fprintf(&b, "<text x=\"%.1f\" y=\"%.1f\" font-size=\"%g\" text-anchor=\"middle\">%s</text></g>\n", x(i), y(s.Lane)+3, labelSize(s.Label), html.EscapeString(s.Label))
	}
	e.drawLegend(&b, left, bottom+26)
	b.WriteString("</svg>\n")
	return b.String()
}

// labelSize is the size of a text that fits a step.
func labelSize(label string) float64 { return min(9, 27/float64(max(len(label), 1))) }

// drawTimes writes the times, and draws bands for every other one.
func (e *Execution) drawTimes(b *strings.Builder, times []columnTime, left, right, bottom float64) {
	written := 0.0 // texts must not overlap
	for i, t := range times {
		begin, end := left+columnWidth*float64(t.first), right
		if i+1 < len(times) {
			end = left + columnWidth*float64(times[i+1].first)
		}
		if i%2 == 0 {
			fmt.Fprintf(b, "<rect x=\"%.1f\" y=\"%.1f\" width=\"%.1f\" height=\"%.1f\" fill=\"#f6f8fb\"/>\n", begin, margin+timeHeight, end-begin, bottom-margin-timeHeight)
		}
		text := e.when(t.at)
		if begin >= written {
			fmt.Fprintf(b, "<path d=\"M%.1f,%.1f V%.1f\" stroke=\"%s\"/>\n", begin, margin+timeHeight-6, bottom, frame)
			fmt.Fprintf(b, "<text x=\"%.1f\" y=\"%.1f\" font-size=\"%g\">%s</text>\n", begin, margin+timeHeight-12, smallSize, text)
			written = begin + textWidth(text, smallSize) + 10
		}
	}
}

func drawArrow(b *strings.Builder, a Arrow, x1, y1, x2, y2 float64) {
	title := html.EscapeString(a.Title)
	if a.Kind == AskedArrow {
		fmt.Fprintf(b, "<path d=\"M%.1f,%.1f H%.1f\" stroke=\"%s\" stroke-width=\"2.5\"><title>%s</title></path>\n", x1+stepSize, y1, x2-stepSize, frame, title)
		return
	}
	color, dash := seenLook(a.Kind)
	var d string
	switch {
	case y1 == y2: // over the lane
		d = fmt.Sprintf("M%.1f,%.1f Q%.1f,%.1f %.1f,%.1f", x1, y1-stepSize, (x1+x2)/2, y1-laneHeight*0.8, x2, y2-stepSize-1)
	default:
		// Down right of the column, where no other step is, and into the step from its side.
		down := 0.75 * stepSize
		if y2 < y1 {
			down = -down
		}
		d = fmt.Sprintf("M%.1f,%.1f C%.1f,%.1f %.1f,%.1f %.1f,%.1f", x1+0.7*stepSize, y1+down, x1+columnWidth*0.5, y1+(y2-y1)*0.45,
			x2-columnWidth*0.6, y2, x2-stepSize-1, y2)
	}
	fmt.Fprintf(b, "<path d=\"%s\" fill=\"none\" stroke=\"%s\" stroke-width=\"1.3\"%s marker-end=\"url(#%s)\"><title>%s</title></path>\n", d, color, dash, color[1:], title)
}

func seenLook(k ArrowKind) (color, dash string) {
	if k == SeenArrow {
		return weak, ` stroke-dasharray="3 3"`
	}
	return instant, ""
}

// drawLegend explains the arrows.
func (e *Execution) drawLegend(b *strings.Builder, x, y float64) {
	for _, entry := range []struct {
		kind ArrowKind
		text string
	}{{AskedArrow, "has asked for the step"}, {TriggerArrow, "its value triggers the step"}, {SeenArrow, "its value is seen, but does not trigger"}} {
		if entry.kind == AskedArrow {
			fmt.Fprintf(b, "<path d=\"M%.1f,%.1f h30\" stroke=\"%s\" stroke-width=\"2.5\"/>\n", x, y, frame)
		} else {
			color, dash := seenLook(entry.kind)
			fmt.Fprintf(b, "<path d=\"M%.1f,%.1f h30\" fill=\"none\" stroke=\"%s\" stroke-width=\"1.3\"%s marker-end=\"url(#%s)\"/>\n", x, y, color, dash, color[1:])
		}
		fmt.Fprintf(b, "<text x=\"%.1f\" y=\"%.1f\" font-size=\"%g\">%s</text>\n", x+36, y+3.5, smallSize, entry.text)
		x += 60 + textWidth(entry.text, smallSize)
	}
}
