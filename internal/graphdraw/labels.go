package graphdraw

import (
	"fmt"
	"html"
	"math"
	"strings"
)

// area is where a label is.
type area struct{ x1, y1, x2, y2 float64 }

func (a area) overlaps(b area) bool { return a.x1 < b.x2 && b.x1 < a.x2 && a.y1 < b.y2 && b.y1 < a.y2 }

// places are where labels are better not.
type places struct {
	labels, boxes []area
	arrows        map[[2]int][]point // by cell
}

// point is one of an arrow.
type point struct {
	x, y float64
	of   *path
}

// cell is the size of the cells by which points are found, in pixels, and between is how far
// apart the points of an arrow are.
const (
	cell    = 40.0
	between = 4.0
)

func cellOf(x, y float64) [2]int {
	return [2]int{int(math.Floor(x / cell)), int(math.Floor(y / cell))}
}

// places collects what labels can be in the way of.
func (l *layout) places() *places {
	p := &places{arrows: make(map[[2]int][]point)}
	for _, layer := range l.layers {
		for _, it := range layer {
			if it.box != nil {
				p.boxes = append(p.boxes, area{it.x, it.y, it.x + it.width, it.y + it.height})
			}
		}
	}
	for _, arrow := range l.paths {
		if arrow.back {
			continue // below all others
		}
		for i, c := range l.curves(arrow) {
			n := math.Ceil(math.Hypot(c.x2-c.x1, c.y2-c.y1) / between)
			for k := range int(n) {
				p.add(arrow, c, float64(k)/n)
			}
			if i < len(arrow.via) { // on, straight, through a layer
				for x := c.x2; x < c.x2+arrow.via[i].width; x += between {
					at := cellOf(x, c.y2)
					p.arrows[at] = append(p.arrows[at], point{x, c.y2, arrow})
				}
			}
		}
	}
	return p
}

func (p *places) add(arrow *path, c curve, t float64) {
	x, y := c.at(t)
	at := cellOf(x, y)
	p.arrows[at] = append(p.arrows[at], point{x, y, arrow})
}

// cost is how bad a place is for the label of an arrow: on another label or a box it
// cannot be read, on other arrows it seems to be theirs.
func (p *places) cost(a area, of *path) (cost int) {
	const unreadable = 1000
	for _, other := range p.labels {
		if a.overlaps(other) {
			cost += unreadable
		}
	}
	for _, box := range p.boxes {
		if a.overlaps(box) {
			cost += unreadable
		}
	}
	low, high := cellOf(a.x1, a.y1), cellOf(a.x2, a.y2)
	for i := low[0]; i <= high[0]; i++ {
		for j := low[1]; j <= high[1]; j++ {
			for _, q := range p.arrows[[2]int{i, j}] {
				if q.of != of && a.overlaps(area{q.x, q.y, q.x, q.y}) {
					cost++
				}
			}
		}
	}
	return cost
}

// label is the best place on an arrow for a text of this width: as near to the middle of
// its first part as others allow.
func (l *layout) label(p *path, half float64, others *places) area {
	around := func(x, y float64) area { return area{x - half, y - 7, x + half, y + 7} }
	if p.back {
		x1, _, x2, _ := l.ends(p)
		return around((x1+x2)/2, l.laneY(p))
	}
	var best area
	least := math.MaxInt
	for _, c := range l.curves(p) {
		for _, t := range []float64{0.5, 0.4, 0.6, 0.3, 0.7, 0.2, 0.8} {
			a := around(c.at(t))
			if cost := others.cost(a, p); cost < least {
				best, least = a, cost
			}
		}
	}
	return best
}

// drawLabels writes on each edge what travels over it.
func (l *layout) drawLabels(b *strings.Builder) {
	type written struct {
		from, to *item
		text     string
	}
	others := l.places()
	seen := make(map[written]bool)
	for _, p := range l.paths {
		text := p.Label()
		if delay := p.Delay(); delay != "" {
			text += ", " + delay
		}
		w := written{p.from, p.to, text}
		if seen[w] {
			continue // beside it is one that says the same
		}
		seen[w] = true
		at := l.label(p, textWidth(text, smallSize)/2+3, others)
		others.labels = append(others.labels, at)
		color, _ := look(p.Shift > 0, p.Weak)
		fmt.Fprintf(b, "<rect x=\"%.1f\" y=\"%.1f\" width=\"%.1f\" height=\"%.1f\" fill=\"#ffffff\" fill-opacity=\"0.85\"/>", at.x1, at.y1, at.x2-at.x1, at.y2-at.y1)
		fmt.Fprintf(b, "<text x=\"%.1f\" y=\"%.1f\" font-size=\"%g\" text-anchor=\"middle\" fill=\"%s\">%s</text>\n",
			(at.x1+at.x2)/2, at.y2-3.5, smallSize, color, html.EscapeString(text))
	}
}
