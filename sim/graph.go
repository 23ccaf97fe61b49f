package sim

import "fmt"

// EntityGraph returns the undirected graph of entities: who is connected to
// whom, and whom simulators say is related. With IDs, it is the neighbourhood:
// the edges of those entities, and the nodes at their ends.
func (w *World) EntityGraph(ids ...string) (*EntityGraph, error) {
	g := &EntityGraph{}
	wanted := make(map[string]bool)
	for _, id := range ids {
		if w.Entity(id) == nil {
			return nil, fmt.Errorf("there is no entity %q", id)
		}
		wanted[id] = true
	}
	type pair [2]string
	seenEdge, seenNode := make(map[pair]bool), make(map[string]bool)
	node := func(n EntityNode) {
		if !seenNode[n.ID] {
			seenNode[n.ID] = true
			g.Nodes = append(g.Nodes, n)
		}
	}
	describe := func(e *Entity) EntityNode { return EntityNode{e.full, e.lp.name, e.model.Name} }
	edge := func(a, b EntityNode) {
		if len(ids) > 0 && !wanted[a.ID] && !wanted[b.ID] || seenEdge[pair{a.ID, b.ID}] || seenEdge[pair{b.ID, a.ID}] {
			return
		}
		seenEdge[pair{a.ID, b.ID}] = true
		node(a)
		node(b)
		g.Edges = append(g.Edges, [2]string{a.ID, b.ID})
	}
	for _, in := range w.instances {
		for _, e := range in.entityList {
			if len(ids) == 0 || wanted[e.full] {
				node(describe(e))
			}
		}
	}
	for _, in := range w.instances {
		for _, e := range in.entityList {
			for _, id := range e.related {
				other := EntityNode{ID: in.name + "." + id}
				if o := in.entities[id]; o != nil {
					other = describe(o)
				}
				edge(describe(e), other)
			}
			for _, p := range e.portList {
				for _, c := range p.conns {
					edge(describe(c.src.entity), describe(e))
				}
			}
		}
	}
	for _, a := range w.async {
		edge(describe(a.source), describe(a.requester))
	}
	return g, nil
}
