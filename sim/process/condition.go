package process

import "fmt"

// Condition lets processes wait until something is true of the state of the
// model. Whoever changes the state says so with Signal.
type Condition struct {
	sim  *Simulation
	name string
	line line
}

// NewCondition returns a condition for which nobody waits.
func NewCondition(s *Simulation, name string) *Condition { return &Condition{sim: s, name: name} }

// Wait waits until holds returns true: it is asked now, at every Signal, and once
// more before the process goes on, because others that go on before may change
// things; if it is false then, the process waits again, behind the others. It must not
// change anything itself.
func (c *Condition) Wait(p *Process, holds func() bool) error {
	err := p.mayWait()
	for err == nil && !holds() {
		// It may have been told something since it was let go on.
		if err = p.mayWait(); err == nil {
			p.node.data = holds
			c.line.enter(&p.node)
			err = p.wait(c)
		}
	}
	return err
}

// Signal lets those go on for whom it is true now what they wait for.
func (c *Condition) Signal() {
	for w := c.line.first; w != nil; {
		next := w.next
		if w.data.(func() bool)() {
			c.line.leave(w)
			w.goOn(nil)
		}
		w = next
	}
}

func (c *Condition) describe() string { return fmt.Sprintf("condition %q", c.name) }
func (c *Condition) leave(p *Process) { c.line.leave(&p.node) }

// Gate is open or closed. Processes pass it when it is open.
type Gate struct {
	sim  *Simulation
	name string
	open bool
	line line
}

// NewGate returns a closed gate.
func NewGate(s *Simulation, name string) *Gate { return &Gate{sim: s, name: name} }

// IsOpen reports whether the gate is open.
func (g *Gate) IsOpen() bool { return g.open }

// Pass waits until the gate is open.
func (g *Gate) Pass(p *Process) error {
	if err := p.mayWait(); err != nil || g.open {
		return err
	}
	g.line.enter(&p.node)
	return p.wait(g)
}

// Open opens the gate, and lets all pass who wait, also if it is closed again
// before they go on.
func (g *Gate) Open() {
	g.open = true
	for w := g.line.first; w != nil; w = g.line.first {
		g.line.leave(w)
		w.goOn(nil)
	}
}

// Close closes the gate.
func (g *Gate) Close() { g.open = false }

func (g *Gate) describe() string { return fmt.Sprintf("gate %q", g.name) }
func (g *Gate) leave(p *Process) { g.line.leave(&p.node) }
