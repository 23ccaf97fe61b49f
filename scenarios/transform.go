package scenarios

import (
	"errors"
	"maps"
	"math"
	"strings"

	"github.com/expr-lang/expr/vm"
	yaml "go.yaml.in/yaml/v4"

	"github.com/simrun/simrun/codec"
	"github.com/simrun/simrun/sim"
)

// valueName is what the expression of a transform calls what comes over the connection.
const valueName = "value"

// transform is the expression that makes what a reader sees of what a source puts out.
type transform struct {
	scope   *scope
	text    string
	program *vm.Program
}

// transform reads an expression. It stands without ${...}, as it is not computed when the
// file is read.
func (r *reader) transform(n *yaml.Node) (*transform, bool) {
	if n.Kind != yaml.ScalarNode || n.ShortTag() != "!!str" {
		r.bad(n, `write it like "`+valueName+` * 1000"`, "connect: transform: must be an expression, this is %s", kindOf(n))
		return nil, false
	}
	t := &transform{scope: r.scope.with(valueName, nil), text: n.Value}
	t.scope.broken[valueName] = false // that of a parameter with this name
	var err error
	if t.program, err = t.scope.compile(t.text); err != nil {
		if e, ok := errors.AsType[*exprError](err); ok {
			if strings.Contains(t.text, "${") {
				e.do = `write "` + valueName + ` * 1000", without "${" and "}"`
			}
			r.badIn(n, e.offset, e.do, "connect: transform: %s", e.what)
		}
		return nil, false
	}
	for name, broken := range t.scope.broken {
		if broken && t.scope.uses(t.text, name) {
			return nil, false // it was reported
		}
	}
	return t, true
}

// function returns what computes the expression, for the connections of one world.
func (t *transform) function() func(sim.Value) (sim.Value, error) {
	env, machine := maps.Clone(t.scope.env), new(vm.VM)
	return func(v sim.Value) (sim.Value, error) {
		x, err := v.Any()
		if err != nil {
			return sim.Null, err
		}
		env[valueName] = operand(x)
		y, err := machine.Run(t.program, env)
		if err != nil {
			err = t.scope.explain(t.text, err)
			if e, ok := errors.AsType[*exprError](err); ok {
				err = errors.New(e.what)
			}
			return sim.Null, err
		}
		if f, ok := y.(float64); ok && unbounded(x) {
			return sim.Float(f), nil // what was no number before need not be one now
		}
		if y, err = fromExpr(dateText(y)); err != nil {
			return sim.Null, err
		}
		return sim.ValueOf(y), nil
	}
}

// operand is a value as expressions compute with it: objects are mappings.
func operand(v any) any {
	switch v := v.(type) {
	case codec.Object:
		m := make(map[string]any, len(v))
		for _, member := range v {
			m[member.Key] = operand(member.Value)
		}
		return m
	case []any:
		list := make([]any, len(v))
		for i := range v {
			list[i] = operand(v[i])
		}
		return list
	}
	return forExpr(v)
}

// unbounded reports whether v is infinite, or not a number.
func unbounded(v any) bool {
	f, ok := v.(float64)
	return ok && (math.IsNaN(f) || math.IsInf(f, 0))
}
