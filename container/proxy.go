package container

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/simrun/simrun/codec"
)

// A Proxy stands for an agent, in this container or elsewhere. An agent that is an
// argument or the result of a call arrives as its Proxy. Proxies of one agent that
// came the same way are equal (==). The zero Proxy stands for nobody.
type Proxy struct{ address string }

// Address returns what [Agent.Call], [Call] and [Agent.Send] take as the name of the
// agent. It is the agent's own [Agent.Address] if that is known. A Proxy that came
// from a container which has made the connection leads back over that connection, as
// long as it lasts; its address means nothing to others.
func (p Proxy) Address() string { return p.address }

// String returns the address.
func (p Proxy) String() string { return p.address }

// Call calls a method of the agent for the behaviour that ctx stands for, see
// [Agent.Call].
func (p Proxy) Call(ctx context.Context, method string, args ...any) (any, error) {
	b, _ := ctx.Value(behaviourKey{}).(*behaviour)
	if b == nil {
		err := errors.New("the context is not that of a behaviour; pass on the context that the behaviour was given, or use Ask")
		return nil, &CallError{Agent: p.address, Method: method, Err: err}
	}
	return b.agent.Call(ctx, p.address, method, args...)
}

// distant reports whether a name is an address.
func distant(name string) bool { return strings.Contains(name, "://") }

// WithTypes gives a container types whose values may be arguments and results of
// calls, beside dates (time.Time) and agents, which every container has. On the
// wire they have the numbers that follow that of dates, as extra_serializers have
// in aiomas 2.0.1: the containers of all who talk to each other need equal lists.
// It panics if a type occurs twice.
func WithTypes(types ...codec.Type) Option {
	return func(c *Container) { c.types = c.typesWith(types...) }
}

// typesWith returns the list of dates and the given types.
func (c *Container) typesWith(types ...codec.Type) *codec.Types {
	list, err := codec.NewTypes(append([]codec.Type{codec.Date()}, types...)...)
	if err != nil {
		panic("container: " + err.Error())
	}
	return list
}

// withAgents adds agents to the container's types, with a number after all others.
func (c *Container) withAgents(encode func(Proxy) (data any, err error), decode func(data string) (Proxy, error)) *codec.Types {
	types, err := c.types.With(codec.Fallback("container.Proxy",
		func(v any) (data any, ok bool, err error) {
			switch v := v.(type) {
			case Proxy:
				data, err = encode(v)
			case Member:
				a := v.base()
				if a.container != c || a.removed {
					return nil, true, fmt.Errorf("agent %q is not in container %q", a.Name(), c.name)
				}
				data, err = encode(Proxy{a.Address()})
			default:
				return nil, false, nil
			}
			return data, true, err
		},
		func(data any) (any, error) {
			text, ok := data.(string)
			if !ok {
				return nil, fmt.Errorf("the path of an agent is %v, which is no string", data)
			}
			return decode(text)
		}))
	if err != nil {
		panic("container: " + err.Error()) // only the user's types can be wrong, and they have been checked
	}
	return types
}

// copies returns the codec that copies what agents of the container send each other.
func (c *Container) copies() codec.Codec {
	return codec.JSON.WithTypes(c.withAgents(
		func(p Proxy) (any, error) { return p.address, nil },
		func(address string) (Proxy, error) { return Proxy{address}, nil }))
}
