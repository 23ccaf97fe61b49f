package process

import "slices"

// group is an event that depends on others.
type group struct {
	parts []*occurrence
	left  int // parts that have not happened, of AllOf
	done  func(part int, err error)
	all   bool
}

// AnyOf returns an event that happens with the first of its parts; its value is
// the index of that. If the part fails so does it. AnyOf nobody never happens.
func AnyOf(s *Simulation, parts ...Waitable) *Event[int] {
	e := NewEvent[int](s, "")
	e.o.what = "any of " + list(parts)
	g := &group{done: func(part int, err error) {
		if err != nil {
			e.Fail(err)
			return
		}
		e.Trigger(part)
	}}
	g.join(parts)
	return e
}

// AllOf returns an event that happens with the last of its parts, or as a failure
// with the first that fails. AllOf nobody has happened at once.
func AllOf(s *Simulation, parts ...Waitable) *Event[struct{}] {
	e := NewEvent[struct{}](s, "")
	e.o.what = "all of " + list(parts)
	g := &group{all: true, done: func(_ int, err error) {
		if err != nil {
			e.Fail(err)
			return
		}
		e.Trigger(struct{}{})
	}}
	g.join(parts)
	if len(parts) == 0 {
		e.Trigger(struct{}{})
	}
	return e
}

func list(parts []Waitable) string {
	const most = 3
	var text string
	for i, w := range parts {
		if i == most {
			return text + ", ..."
		}
		if i > 0 {
			text += ", "
		}
		text += w.occurrence().describe()
	}
	return text
}

func (g *group) join(parts []Waitable) {
	g.left = len(parts)
	for _, w := range parts {
		g.parts = append(g.parts, w.occurrence())
	}
	for _, o := range g.parts {
		if g.parts == nil {
			return // decided by the parts before
		}
		if o.happened {
			g.tell(o)
			continue
		}
		o.parts = append(o.parts, g)
	}
}

// tell says that one of the parts has happened.
func (g *group) tell(o *occurrence) {
	part := slices.Index(g.parts, o)
	if part < 0 {
		return // decided already
	}
	if g.left--; g.all && g.left > 0 && o.err == nil {
		return
	}
	// Decided: it must not be kept by parts that happen much later, or never.
	for _, other := range g.parts {
		if i := slices.Index(other.parts, g); i >= 0 {
			other.parts = slices.Delete(other.parts, i, i+1)
		}
	}
	g.parts = nil
	g.done(part, o.err)
}
