package graphdraw

import (
	"cmp"
	"math"
	"slices"
)

// Measures, in pixels.
const (
	rowHeight  = 22.0
	headHeight = 26.0
	boxGap     = 26.0 // between boxes of a layer
	dummyGap   = 15.0 // around an arrow that passes a layer
	leastGap   = 70.0 // between layers
	laneGap    = 20.0 // between arrows that lead back
	gapPerEdge = 25.0 // more between layers for each arrow that begins there, but two
	margin     = 20.0
	textSize   = 12.0
	smallSize  = 10.0
)

// mostWidening is how many arrows widen a gap.
const mostWidening = 6

// textWidth is about how wide a text is.
func textWidth(text string, size float64) float64 {
	return 0.56 * size * float64(len([]rune(text)))
}

// item is what stands in a layer: a box, or the place where an edge passes.
type item struct {
	box           *Box
	layer         int
	x, y          float64 // upper left corner
	width, height float64
	in, out       []*item // in the layers before and after
}

func (i *item) middle() float64 { return i.y + i.height/2 }

// path is an edge and the places that it passes.
type path struct {
	*Edge
	from, to *item
	via      []*item
	back     bool // below the boxes
	lane     int
}

// layout is where everything is.
type layout struct {
	layers        [][]*item
	items         map[*Box]*item
	paths         []*path
	width, height float64
	bottom        float64 // of the boxes
	lanes         int
}

func (g *Graph) layout() *layout {
	l := &layout{items: make(map[*Box]*item)}
	for _, box := range g.Boxes {
		it := &item{box: box, width: textWidth(box.Name, textSize*1.1) + 24, height: headHeight + rowHeight*float64(len(box.Rows)) + 4}
		for _, row := range box.Rows {
			it.width = max(it.width, textWidth(row.Label, textSize)+32)
		}
		l.items[box] = it
	}
	l.assignLayers(g)
	for _, e := range g.Edges {
		l.addPath(e)
	}
	l.order()
	l.placeX()
	l.placeY()
	return l
}

// assignLayers puts each box one layer after the last one from which it gets
// values at the same time. Those edges have no cycles: a world with one cannot run;
// if there is one nevertheless, it ends where it would go around.
func (l *layout) assignLayers(g *Graph) {
	before := make(map[*item][]*item)
	for _, e := range g.Edges {
		from, to := l.items[e.From.Box], l.items[e.To.Box]
		if !e.Late() && from != to {
			before[to] = append(before[to], from)
		}
	}
	const open, done = 1, 2
	state := make(map[*item]int)
	var visit func(*item)
	visit = func(it *item) {
		state[it] = open
		for _, b := range before[it] {
			if state[b] == 0 {
				visit(b)
			}
			if state[b] == done {
				it.layer = max(it.layer, b.layer+1)
			}
		}
		state[it] = done
	}
	for _, box := range g.Boxes {
		if state[l.items[box]] == 0 {
			visit(l.items[box])
		}
	}
	// What gives values stands right before the first that gets them.
	after := make(map[*item]int)
	for _, e := range g.Edges {
		from, to := l.items[e.From.Box], l.items[e.To.Box]
		if !e.Late() && from != to && (after[from] == 0 || to.layer < after[from]) {
			after[from] = to.layer
		}
	}
	for _, box := range g.Boxes {
		it := l.items[box]
		if first := after[it]; first > it.layer+1 && len(before[it]) == 0 {
			it.layer = first - 1
		}
		for len(l.layers) <= it.layer {
			l.layers = append(l.layers, nil)
		}
	}
	for _, box := range g.Boxes {
		it := l.items[box]
		l.layers[it.layer] = append(l.layers[it.layer], it)
	}
}

// addPath finds the layers that an edge passes.
func (l *layout) addPath(e *Edge) {
	p := &path{Edge: e, from: l.items[e.From.Box], to: l.items[e.To.Box]}
	l.paths = append(l.paths, p)
	if p.back = p.to.layer <= p.from.layer; p.back {
		p.lane = l.lanes
		l.lanes++
		return
	}
	for _, other := range l.paths[:len(l.paths)-1] {
		if other.from == p.from && other.to == p.to && !other.back {
			p.via = other.via // they go together
			return
		}
	}
	last := p.from
	for layer := p.from.layer + 1; layer <= p.to.layer; layer++ {
		next := p.to
		if layer < p.to.layer {
			next = &item{layer: layer, height: 1}
			l.layers[layer] = append(l.layers[layer], next)
			p.via = append(p.via, next)
		}
		last.out, next.in = append(last.out, next), append(next.in, last)
		last = next
	}
}

// order sorts each layer by the mean place of what its items are connected to,
// forth and back.
func (l *layout) order() {
	place := make(map[*item]float64)
	note := func(layer []*item) {
		for i, it := range layer {
			place[it] = (float64(i) + 0.5) / float64(len(layer))
		}
	}
	for _, layer := range l.layers {
		note(layer)
	}
	sortBy := func(layer []*item, neighbours func(*item) []*item) {
		centre := make(map[*item]float64)
		for _, it := range layer {
			centre[it] = place[it]
			if all := neighbours(it); len(all) > 0 {
				sum := 0.0
				for _, n := range all {
					sum += place[n]
				}
				centre[it] = sum / float64(len(all))
			}
		}
		slices.SortStableFunc(layer, func(a, b *item) int { return cmp.Compare(centre[a], centre[b]) })
		note(layer)
	}
	const sweeps = 8
	for range sweeps {
		for i := 1; i < len(l.layers); i++ {
			sortBy(l.layers[i], func(it *item) []*item { return it.in })
		}
		for i := len(l.layers) - 2; i >= 0; i-- {
			sortBy(l.layers[i], func(it *item) []*item { return it.out })
		}
	}
}

// placeX leaves room for texts between layers: for the longest, and for several beside
// each other.
func (l *layout) placeX() {
	gap, begin := make([]float64, len(l.layers)), make([]int, len(l.layers))
	for _, p := range l.paths {
		if !p.back {
			at := p.from.layer
			gap[at] = max(gap[at], textWidth(p.Label(), smallSize)+40)
			begin[at]++
		}
	}
	for at, n := range begin {
		gap[at] += gapPerEdge * float64(min(max(n-2, 0), mostWidening))
	}
	x := margin
	if l.lanes > 0 {
		x += laneGap
	}
	for i, layer := range l.layers {
		width := 0.0
		for _, it := range layer {
			width = max(width, it.width)
		}
		for _, it := range layer {
			if it.box == nil {
				it.width = width
			}
			it.x = x + (width-it.width)/2
		}
		x += width
		if i < len(l.layers)-1 {
			x += max(leastGap, gap[i])
		}
	}
	l.width = x + margin
	if l.lanes > 0 {
		l.width += laneGap
	}
}

// placeY moves items towards the middle of their neighbours, in their order.
func (l *layout) placeY() {
	for _, layer := range l.layers {
		y := margin
		for _, it := range layer {
			it.y = y
			y += it.height + gapAfter(it)
		}
	}
	const rounds = 30
	for r := range rounds {
		for i := range l.layers {
			layer := l.layers[i]
			if r%2 == 1 {
				layer = l.layers[len(l.layers)-1-i]
			}
			relax(layer)
		}
	}
	top := math.Inf(1)
	for _, layer := range l.layers {
		for _, it := range layer {
			top = min(top, it.y)
		}
	}
	for _, layer := range l.layers {
		for _, it := range layer {
			it.y += margin - top
			l.bottom = max(l.bottom, it.y+it.height)
		}
	}
	l.height = l.bottom + margin
	if l.lanes > 0 {
		l.height += laneGap*float64(l.lanes) + 8
	}
}

func gapAfter(it *item) float64 {
	if it.box == nil {
		return dummyGap
	}
	return boxGap
}

// relax gives each item of a layer the place that it wants, as far as the order
// and the gaps allow: items that would overlap are moved apart by the same amount.
func relax(layer []*item) {
	type block struct {
		first, last int
		want        float64 // of the first item's upper end, summed over the items
		n           float64
		height      float64
	}
	var blocks []block
	for i, it := range layer {
		want, n := 0.0, 0.0
		for _, list := range [][]*item{it.in, it.out} {
			for _, o := range list {
				want += o.middle()
				n++
			}
		}
		if n == 0 {
			want, n = it.middle(), 1
		}
		b := block{first: i, last: i, want: want/n - it.height/2, n: 1, height: it.height + gapAfter(it)}
		for len(blocks) > 0 {
			p := &blocks[len(blocks)-1]
			if p.want/p.n+p.height <= b.want/b.n {
				break
			}
			b = block{first: p.first, last: b.last, want: p.want + b.want - b.n*p.height, n: p.n + b.n, height: p.height + b.height}
			blocks = blocks[:len(blocks)-1]
		}
		blocks = append(blocks, b)
	}
	for _, b := range blocks {
		y := b.want / b.n
		for i := b.first; i <= b.last; i++ {
			layer[i].y = y
			y += layer[i].height + gapAfter(layer[i])
		}
	}
}

// rowY is the height at which edges of a row begin and end.
func (l *layout) rowY(r *Row) float64 {
	return l.items[r.Box].y + headHeight + rowHeight*(float64(r.place)+0.5)
}

// sides are the ends of a layer on the left and on the right.
func (l *layout) sides(layer int) (left, right float64) {
	left = math.Inf(1)
	for _, it := range l.layers[layer] {
		left, right = min(left, it.x), max(right, it.x+it.width)
	}
	return left, right
}
