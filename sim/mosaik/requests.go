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

// requests answers what the program asks of the World in the middle of a step or
// of setup_done.
func (s *Simulator) requests() *rpc.Router {
	var r rpc.Router
	handle := func(name string, args int, f func(context.Context, *rpc.Invocation) (any, error)) {
		r.Handle(name, func(ctx context.Context, in *rpc.Invocation) (any, error) {
			if err := in.Expect(args, args); err != nil {
				return nil, err
			}
			if !s.inWorld.Load() {
				return nil, &channel.RemoteError{Type: "SimulationError", Message: "requests are answered from init on"}
			}
			result, err := f(ctx, in)
			if err != nil {
				return nil, &channel.RemoteError{Type: "SimulationError", Message: err.Error()}
			}
			return result, nil
		})
	}
	handle("get_progress", 0, func(ctx context.Context, _ *rpc.Invocation) (any, error) {
		return s.env.Requests.Progress(ctx)
	})
	handle("get_related_entities", 1, s.related)
	handle("get_data", 1, s.getData)
	handle("set_data", 1, s.setData)
	handle("set_event", 1, func(ctx context.Context, in *rpc.Invocation) (any, error) {
		t, err := s.time(in.Args[0])
		if err != nil {
			return nil, fmt.Errorf("set_event: the time %w", err)
		}
		return nil, s.env.Requests.SetEvent(ctx, t)
	})
	return &r
}

// related answers get_related_entities:
//
//	null         {"nodes": {fid: {"sid", "type"}}, "edges": [[fid, fid, {}]]}
//	fid          {fid: {"sid", "type"}}
//	[fid, ...]   {fid: {fid: {"sid", "type"}}}
func (s *Simulator) related(ctx context.Context, in *rpc.Invocation) (any, error) {
	decoded, err := codec.JSON.Decode(in.Args[0])
	if err != nil {
		return nil, err
	}
	switch v := decoded.(type) {
	case nil:
		g, err := s.env.Requests.Related(ctx)
		if err != nil {
			return nil, err
		}
		nodes := codec.Object{}
		for _, n := range g.Nodes {
			nodes = append(nodes, codec.Member{Key: n.ID, Value: description(n)})
		}
		edges := make([]any, len(g.Edges))
		for i, e := range g.Edges {
			edges[i] = []any{e[0], e[1], codec.Object{}}
		}
		return codec.Object{{Key: "nodes", Value: nodes}, {Key: "edges", Value: edges}}, nil
	case string:
		all, err := s.neighbours(ctx, v)
		if err != nil {
			return nil, err
		}
		return all[0].Value, nil
	case []any:
		ids := make([]string, len(v))
		for i, item := range v {
			id, isText := item.(string)
			if !isText {
				return nil, fmt.Errorf("get_related_entities: %v is not the full ID of an entity", item)
			}
			ids[i] = id
		}
		if len(ids) == 0 {
			return codec.Object{}, nil
		}
		return s.neighbours(ctx, ids...)
	}
	return nil, fmt.Errorf("get_related_entities takes null, a full ID, or a list of them, not %v", decoded)
}

// neighbours gives {id: {neighbour: description}} for each of ids.
func (s *Simulator) neighbours(ctx context.Context, ids ...string) (codec.Object, error) {
	g, err := s.env.Requests.Related(ctx, ids...)
	if err != nil {
		return nil, err
	}
	nodes := make(map[string]sim.EntityNode, len(g.Nodes))
	for _, n := range g.Nodes {
		nodes[n.ID] = n
	}
	var out codec.Object
	for _, id := range ids {
		related := codec.Object{}
		for _, e := range g.Edges {
			other := e[1]
			if other == id {
				other = e[0]
			} else if e[0] != id {
				continue
			}
			if _, twice := related.Get(other); !twice {
				related = append(related, codec.Member{Key: other, Value: description(nodes[other])})
			}
		}
		if !slices.ContainsFunc(out, func(m codec.Member) bool { return m.Key == id }) {
			out = append(out, codec.Member{Key: id, Value: related})
		}
	}
	return out, nil
}

// description is what is told about an entity, nothing if it is known only as a
// relation of another one.
func description(n sim.EntityNode) codec.Object {
	if n.Model == "" {
		return codec.Object{}
	}
	return codec.Object{{Key: "sid", Value: n.Sim}, {Key: "type", Value: n.Model}}
}

// getData answers get_data [{fid: [attr]}] with {fid: {attr: value}}.
func (s *Simulator) getData(ctx context.Context, in *rpc.Invocation) (any, error) {
	wanted, err := codec.JSON.Decode(in.Args[0])
	if err != nil {
		return nil, err
	}
	entities, isObject := wanted.(codec.Object)
	if !isObject {
		return nil, fmt.Errorf("get_data takes an object {full ID: [attribute]}, not %v", wanted)
	}
	out := make(codec.Object, len(entities))
	for i, e := range entities {
		attrs, err := names(entities, e.Key, "get_data")
		if err != nil {
			return nil, err
		}
		values := codec.Object{}
		for _, attr := range attrs {
			v, err := s.env.Requests.GetData(ctx, e.Key, attr)
			if err != nil {
				return nil, err
			}
			raw, err := v.Append(nil)
			if err != nil {
				return nil, fmt.Errorf("get_data: %s of %s: %w", attr, e.Key, err)
			}
			values = append(values, codec.Member{Key: attr, Value: codec.Raw(raw)})
		}
		out[i] = codec.Member{Key: e.Key, Value: values}
	}
	return out, nil
}

// setData does set_data [{source fid: {destination fid: {attr: value}}}].
func (s *Simulator) setData(ctx context.Context, in *rpc.Invocation) (any, error) {
	for source, err := range codec.JSON.Members(in.Args[0]) {
		if err != nil {
			return nil, err
		}
		for dest, err := range codec.JSON.Members(source.Value) {
			if err != nil {
				return nil, err
			}
			for attr, err := range codec.JSON.Members(dest.Value) {
				if err != nil {
					return nil, err
				}
				err := s.env.Requests.SetData(ctx, string(source.Key), string(dest.Key), string(attr.Key), sim.RawValue(attr.Value))
				if err != nil {
					return nil, err
				}
			}
		}
	}
	return nil, nil
}
