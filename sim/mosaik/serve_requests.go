package mosaik

import (
	"context"
	"fmt"
	"slices"

	"github.com/simrun/simrun/channel"
	"github.com/simrun/simrun/codec"
	"github.com/simrun/simrun/rpc"
	"github.com/simrun/simrun/sim"
)

// asking lets a served simulator ask mosaik. It implements sim.Requests.
type asking struct {
	conn *channel.Conn
	unit sim.Time
}

func (a *asking) call(ctx context.Context, method string, args ...any) (codec.Raw, error) {
	reply, err := a.conn.Call(ctx, &rpc.Request{Path: method, Args: args})
	if err != nil {
		return nil, fmt.Errorf("%s: %w", method, err)
	}
	return reply, nil
}

// Progress asks get_progress.
func (a *asking) Progress(ctx context.Context) (float64, error) {
	reply, err := a.call(ctx, "get_progress")
	if err != nil {
		return 0, err
	}
	return codec.JSON.Float(reply)
}

// Related asks get_related_entities for the whole graph, also if only a part is
// wanted: of the entities that it is asked about mosaik does not tell what they are.
func (a *asking) Related(ctx context.Context, ids ...string) (*sim.EntityGraph, error) {
	reply, err := a.call(ctx, "get_related_entities", nil)
	if err != nil {
		return nil, err
	}
	g, err := parseGraph(reply)
	if err != nil || len(ids) == 0 {
		return g, err
	}
	return neighbourhood(g, ids)
}

// GetData asks get_data for one attribute.
func (a *asking) GetData(ctx context.Context, fullID, attr string) (sim.Value, error) {
	reply, err := a.call(ctx, "get_data", codec.Object{{Key: fullID, Value: []string{attr}}})
	if err != nil {
		return sim.Null, err
	}
	v := codec.Raw("null")
	err = eachValue(reply, func(id, name []byte, raw codec.Raw) error {
		if string(id) == fullID && string(name) == attr {
			v = raw
		}
		return nil
	}, nil)
	return sim.RawValue(v), err
}

// SetData asks set_data for one attribute.
func (a *asking) SetData(ctx context.Context, src, fullID, attr string, v sim.Value) error {
	raw, err := encoded(v)
	if err != nil {
		return fmt.Errorf("set_data: %s of %s: %w", attr, fullID, err)
	}
	one := func(key string, v any) codec.Object { return codec.Object{{Key: key, Value: v}} }
	_, err = a.call(ctx, "set_data", one(src, one(fullID, one(attr, raw))))
	return err
}

// SetEvent asks set_event.
func (a *asking) SetEvent(ctx context.Context, t sim.Time) error {
	if t < 0 || t%a.unit != 0 {
		return fmt.Errorf("set_event: %v is not a time that mosaik counts, in units of its time resolution, %v", t, a.unit)
	}
	_, err := a.call(ctx, "set_event", int64(t/a.unit))
	return err
}

// parseGraph reads {"nodes": {fid: {"sid", "type"}}, "edges": [[fid, fid, {}]]}.
func parseGraph(reply codec.Raw) (*sim.EntityGraph, error) {
	decoded, err := codec.JSON.Decode(reply)
	if err != nil {
		return nil, err
	}
	o, _ := decoded.(codec.Object)
	nodes, _ := o.Get("nodes")
	edges, _ := o.Get("edges")
	described, isObject := nodes.(codec.Object)
	list, isList := edges.([]any)
	if !isObject || !isList {
		return nil, fmt.Errorf("get_related_entities was answered with something other than nodes and edges: %s", excerpt(reply))
	}
	g := &sim.EntityGraph{}
	for _, m := range described {
		g.Nodes = append(g.Nodes, nodeOf(m.Key, m.Value))
	}
	for _, item := range list {
		edge, _ := item.([]any)
		if len(edge) < 2 {
			return nil, fmt.Errorf("get_related_entities was answered with an edge that does not join two entities: %v", item)
		}
		from, fromIsText := edge[0].(string)
		to, toIsText := edge[1].(string)
		if !fromIsText || !toIsText {
			return nil, fmt.Errorf("get_related_entities was answered with an edge that does not join two entities: %v", item)
		}
		g.Edges = append(g.Edges, [2]string{from, to})
	}
	return g, nil
}

// neighbourhood is the part of a graph that is the edges of the given entities.
func neighbourhood(g *sim.EntityGraph, ids []string) (*sim.EntityGraph, error) {
	wanted, kept := map[string]bool{}, map[string]bool{}
	for _, id := range ids {
		if !slices.ContainsFunc(g.Nodes, func(n sim.EntityNode) bool { return n.ID == id }) {
			return nil, fmt.Errorf("get_related_entities: there is no entity %q", id)
		}
		wanted[id], kept[id] = true, true
	}
	part := &sim.EntityGraph{}
	for _, e := range g.Edges {
		if wanted[e[0]] || wanted[e[1]] {
			part.Edges = append(part.Edges, e)
			kept[e[0]], kept[e[1]] = true, true
		}
	}
	for _, n := range g.Nodes {
		if kept[n.ID] {
			part.Nodes = append(part.Nodes, n)
		}
	}
	return part, nil
}

// nodeOf reads {"sid", "type"}, which is empty for an entity that some simulator
// only names.
func nodeOf(id string, description any) sim.EntityNode {
	o, _ := description.(codec.Object)
	sid, _ := o.Get("sid")
	typ, _ := o.Get("type")
	n := sim.EntityNode{ID: id}
	n.Sim, _ = sid.(string)
	n.Model, _ = typ.(string)
	return n
}
