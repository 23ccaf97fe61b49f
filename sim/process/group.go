package process

// group is an event that depends on others.
type group struct {
	what    string
	parts   []part
	left    int // parts that have to happen still
	decided func(index int, err error)
}

// part is the place of a group in the line of an event.
type part struct {
	group *group
	index int
	of    Waitable
	waits bool
	node  waiter
}

// AnyOf returns an event that happens with the first of its parts; its value is
// the index of that. If the part fails so does it. AnyOf nobody never happens.
func AnyOf(s *Simulation, parts ...Waitable) *Event[int] {
	e := NewEvent[int](s, "")
	g := &group{what: "any of ", left: 1}
	e.what = g
	g.decided = func(index int, err error) {
		if err != nil {
			e.Fail(err)
			return
		}
		e.Trigger(index)
	}
	g.join(parts)
	return e
}

// AllOf returns an event that happens with the last of its parts, or as a failure
// with the first that fails. AllOf nobody has happened at once.
func AllOf(s *Simulation, parts ...Waitable) *Event[struct{}] {
	e := NewEvent[struct{}](s, "")
	g := &group{what: "all of ", left: len(parts)}
	e.what = g
	g.decided = func(_ int, err error) {
		if err != nil {
			e.Fail(err)
			return
		}
		e.Trigger(struct{}{})
	}
	if g.join(parts); len(parts) == 0 {
		e.Trigger(struct{}{})
	}
	return e
}

func (g *group) join(parts []Waitable) {
	g.parts = make([]part, len(parts))
	for i, w := range parts {
		g.parts[i].group, g.parts[i].index, g.parts[i].of = g, i, w
	}
	for i := range g.parts {
		part := &g.parts[i]
		switch o := part.of.occurrence(); {
		case g.decided == nil: // by the parts before
			return
		case o.hasHappened():
			part.happened(o.err())
		default:
			part.waits, part.node.then = true, part
			o.line.enter(&part.node)
		}
	}
}

// happened says that a part has happened.
func (p *part) happened(err error) {
	p.waits = false
	g := p.group
	if g.left--; g.left > 0 && err == nil {
		return
	}
	// It must not be kept by parts that happen much later, or never.
	for i := range g.parts {
		if part := &g.parts[i]; part.waits {
			part.waits = false
			part.of.occurrence().line.leave(&part.node)
		}
	}
	decided := g.decided
	g.decided = nil
	decided(p.index, err)
}

func (g *group) describe() string {
	const most = 3
	text := g.what
	for i := range g.parts {
		if i == most {
			return text + ", ..."
		}
		if i > 0 {
			text += ", "
		}
		text += g.parts[i].of.describe()
	}
	return text
}
