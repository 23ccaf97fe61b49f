package graphdraw

import (
	"fmt"
	"html"
	"strings"
)

// Colours of the picture, which has a white background.
const (
	ink     = "#222222"
	frame   = "#7a869a"
	head    = "#e8edf4"
	instant = "#44546a"
	shifted = "#d55e00"
	weak    = "#0072b2"
)

// SVG is the graph as a picture.
func (g *Graph) SVG() string {
	l := g.layout()
	legend := g.legend()
	var b strings.Builder
	width := max(l.width, 40+textWidth(strings.Join(legend.texts(), ""), smallSize)+60*float64(len(legend)))
	height := l.height
	if len(legend) > 0 {
		height += 26
	}
	fmt.Fprintf(&b, "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"%.0f\" height=\"%.0f\" font-family=\"Liberation Sans,Arial,Helvetica,sans-serif\" fill=\"%s\">\n", width, height, ink)
	b.WriteString("<rect width=\"100%\" height=\"100%\" fill=\"#ffffff\"/>\n<defs>\n")
	for _, c := range []string{instant, shifted, weak} {
		fmt.Fprintf(&b, "<marker id=\"%s\" viewBox=\"0 0 8 8\" refX=\"7\" refY=\"4\" markerWidth=\"8\" markerHeight=\"8\" orient=\"auto\" markerUnits=\"userSpaceOnUse\"><path d=\"M0,0.5 L8,4 L0,7.5 z\" fill=\"%s\"/></marker>\n", c[1:], c)
	}
	b.WriteString("</defs>\n")
	for _, p := range l.paths {
		l.drawPath(&b, p)
	}
	for _, box := range g.Boxes {
		l.drawBox(&b, l.items[box])
	}
	l.drawLabels(&b)
	x := margin
	for _, e := range legend {
		color, dash := look(e.Shift > 0, e.Weak)
		fmt.Fprintf(&b, "<path d=\"M%.1f,%.1f h30\" fill=\"none\" stroke=\"%s\" stroke-width=\"1.4\"%s marker-end=\"url(#%s)\"/>\n", x, height-16, color, dash, color[1:])
		fmt.Fprintf(&b, "<text x=\"%.1f\" y=\"%.1f\" font-size=\"%g\">%s</text>\n", x+36, height-12.5, smallSize, e.text)
		x += 60 + textWidth(e.text, smallSize)
	}
	b.WriteString("</svg>\n")
	return b.String()
}

// look is the colour of an arrow, and its dashes as an attribute.
func look(isShifted, isWeak bool) (color, dash string) {
	switch {
	case isWeak:
		return weak, ` stroke-dasharray="1.5 3"`
	case isShifted:
		return shifted, ` stroke-dasharray="6 3"`
	}
	return instant, ""
}

type legend []legendEntry

type legendEntry struct {
	Edge
	text string
}

func (l legend) texts() (all []string) {
	for _, e := range l {
		all = append(all, e.text)
	}
	return all
}

// legend explains the kinds of arrows, if there are several.
func (g *Graph) legend() (l legend) {
	var isShifted, isWeak bool
	for _, e := range g.Edges {
		isShifted = isShifted || e.Shift > 0 && !e.Weak
		isWeak = isWeak || e.Weak
	}
	if !isShifted && !isWeak {
		return nil
	}
	l = append(l, legendEntry{text: "seen at the same time"})
	if isShifted {
		l = append(l, legendEntry{Edge: Edge{Shift: 1}, text: "seen later"})
	}
	if isWeak {
		l = append(l, legendEntry{Edge: Edge{Weak: true}, text: "weak: seen in the next round"})
	}
	return l
}

func (l *layout) drawBox(b *strings.Builder, it *item) {
	fmt.Fprintf(b, "<g><rect x=\"%.1f\" y=\"%.1f\" width=\"%.1f\" height=\"%.1f\" rx=\"5\" fill=\"#ffffff\" stroke=\"%s\"/>\n", it.x, it.y, it.width, it.height, frame)
	fmt.Fprintf(b, "<path d=\"M%.1f,%.1f v-%.1f q0,-5 5,-5 h%.1f q5,0 5,5 v%.1f z\" fill=\"%s\" stroke=\"%s\"/>\n", it.x, it.y+headHeight, headHeight-5, it.width-10, headHeight-5, head, frame)
	fmt.Fprintf(b, "<text x=\"%.1f\" y=\"%.1f\" font-size=\"%g\" font-weight=\"bold\" text-anchor=\"middle\">%s</text>\n", it.x+it.width/2, it.y+17.5, textSize, html.EscapeString(it.box.Name))
	for _, row := range it.box.Rows {
		fmt.Fprintf(b, "<text x=\"%.1f\" y=\"%.1f\" font-size=\"%g\" text-anchor=\"middle\">%s</text>\n", it.x+it.width/2, l.rowY(row)+4, textSize, html.EscapeString(row.Label))
	}
	b.WriteString("</g>\n")
}

// ends are where an edge leaves its source and where it arrives. Those that lead back do so
// a little below the others, which they would hide.
func (l *layout) ends(p *path) (x1, y1, x2, y2 float64) {
	y := 0.0
	if p.back {
		y = rowHeight / 4
	}
	return p.from.x + p.from.width, l.rowY(p.From) + y, p.to.x, l.rowY(p.To) + y
}

// laneY is the height of an edge that leads back.
func (l *layout) laneY(p *path) float64 { return l.bottom + laneGap*float64(p.lane+1) }

func (l *layout) drawPath(b *strings.Builder, p *path) {
	x1, y1, x2, y2 := l.ends(p)
	var d strings.Builder
	fmt.Fprintf(&d, "M%.1f,%.1f", x1, y1)
	if p.back {
		// Down on the right, back in a lane of its own, up on the left. Lanes that lie
		// deeper go down further away, so that they do not cross more than they must.
		away := 10 + 18*float64(p.lane+1)/float64(l.lanes+1)
		_, right := l.sides(p.from.layer)
		left, _ := l.sides(p.to.layer)
		down, up, lane := right+away, left-away, l.laneY(p)
		const r = 7
		fmt.Fprintf(&d, " H%.1f q%[2]d,0 %[2]d,%[2]d", down-r, r)
		fmt.Fprintf(&d, " V%.1f q0,%[2]d -%[2]d,%[2]d", lane-r, r)
		fmt.Fprintf(&d, " H%.1f q-%[2]d,0 -%[2]d,-%[2]d", up+r, r)
		fmt.Fprintf(&d, " V%.1f q0,-%[2]d %[2]d,-%[2]d H%.1[3]f", y2+r, r, x2)
	} else {
		for i, c := range l.curves(p) {
			if i > 0 {
				fmt.Fprintf(&d, " H%.1f", c.x1)
			}
			fmt.Fprintf(&d, " C%.1f,%.1f %.1f,%.1f %.1f,%.1f", c.bend1(), c.y1, c.bend2(), c.y2, c.x2, c.y2)
		}
	}
	color, dash := look(p.Shift > 0, p.Weak)
	fmt.Fprintf(b, "<path d=\"%s\" fill=\"none\" stroke=\"%s\" stroke-width=\"1.4\"%s marker-end=\"url(#%s)\"/>\n", d.String(), color, dash, color[1:])
}

// curve is a cubic Bezier curve that begins and ends horizontally.
type curve struct{ x1, y1, x2, y2 float64 }

func (c curve) bend1() float64 { return c.x1 + (c.x2-c.x1)*0.45 }
func (c curve) bend2() float64 { return c.x2 - (c.x2-c.x1)*0.45 }

// at is the point of the curve at t from 0 to 1.
func (c curve) at(t float64) (x, y float64) {
	b := func(p1, p2, p3, p4 float64) float64 {
		u := 1 - t
		return u*u*u*p1 + 3*u*u*t*p2 + 3*u*t*t*p3 + t*t*t*p4
	}
	return b(c.x1, c.bend1(), c.bend2(), c.x2), b(c.y1, c.y1, c.y2, c.y2)
}

// curves are the parts of an edge that leads forward, between layers.
func (l *layout) curves(p *path) (all []curve) {
	x1, y1, x2, y2 := l.ends(p)
	for _, v := range p.via {
		all = append(all, curve{x1, y1, v.x, v.y})
		x1, y1 = v.x+v.width, v.y
	}
	return append(all, curve{x1, y1, x2, y2})
}
