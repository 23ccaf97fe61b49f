package scenarios

import (
	"errors"
	"fmt"
	"math"
	"math/big"
	"reflect"
	"strconv"
	"strings"
	"time"

	"github.com/expr-lang/expr"
	"github.com/expr-lang/expr/ast"
	"github.com/expr-lang/expr/file"
	"github.com/expr-lang/expr/types"
	"github.com/expr-lang/expr/vm"

	"github.com/simrun/simrun/internal/suggest"
)

const (
	maxExpression = 1000 // nodes of one expression
	maxText       = 1 << 20
)

// scope holds the names that expressions may use.
type scope struct {
	env      map[string]any
	types    types.Map
	names    []string        // of env, in order of definition
	broken   map[string]bool // names whose value was reported
	programs map[string]*vm.Program
}

func newScope() *scope {
	return &scope{env: map[string]any{}, types: types.Map{}, broken: map[string]bool{}, programs: map[string]*vm.Program{}}
}

// with returns a copy that knows one name more.
func (sc *scope) with(name string, value any) *scope {
	c := newScope()
	for _, n := range sc.names {
		c.define(n, sc.env[n])
		c.broken[n] = sc.broken[n]
	}
	c.define(name, value)
	return c
}

// define adds a name, or gives it another value of the same type.
func (sc *scope) define(name string, value any) {
	value = forExpr(value)
	if _, ok := sc.env[name]; !ok {
		sc.names = append(sc.names, name)
		clear(sc.programs)
	}
	sc.env[name] = value
	sc.types[name] = typeOf(value)
}

// forExpr gives integers the type in which expressions compute.
func forExpr(v any) any {
	switch v := v.(type) {
	case int64:
		return int(v)
	case []any:
		list := make([]any, len(v))
		for i := range v {
			list[i] = forExpr(v[i])
		}
		return list
	case map[string]any:
		m := make(map[string]any, len(v))
		for k := range v {
			m[k] = forExpr(v[k])
		}
		return m
	}
	return v
}

func typeOf(v any) types.Type {
	switch v := v.(type) {
	case nil:
		return types.Any
	case map[string]any:
		m := types.Map{}
		for k := range v {
			m[k] = typeOf(v[k])
		}
		return m
	}
	return types.TypeOf(v)
}

// exprError is what is wrong with an expression, and at which byte of it.
type exprError struct {
	what, do string
	offset   int
}

// errReported is that of an expression with a value that was reported already.
var errReported = errors.New("reported")

func (e *exprError) Error() string { return e.what + "; " + e.do }

// compile returns the expression's program; a second time, the same one.
func (sc *scope) compile(text string) (*vm.Program, error) {
	if p := sc.programs[text]; p != nil {
		return p, nil
	}
	// now() would make two runs of one scenario differ, and the time zones are
	// those of the machine.
	p, err := expr.Compile(text, expr.Env(sc.types), expr.DisableBuiltin("now"), expr.DisableBuiltin("timezone"), expr.MaxNodes(maxExpression))
	if err != nil {
		return nil, sc.explain(text, err)
	}
	sc.programs[text] = p
	return p, nil
}

// eval computes an expression. Results are of the types of sim.Params, or a
// time.Time.
func (sc *scope) eval(text string) (any, error) {
	p, err := sc.compile(text)
	if err != nil {
		return nil, err
	}
	for name, broken := range sc.broken {
		if broken && sc.uses(text, name) {
			return nil, errReported
		}
	}
	v, err := expr.Run(p, sc.env)
	if err != nil {
		return nil, sc.explain(text, err)
	}
	if v, err = fromExpr(v); err != nil {
		return nil, &exprError{what: err.Error(), do: "change the expression"}
	}
	return v, nil
}

// uses reports whether the expression refers to a name.
func (sc *scope) uses(text, name string) bool {
	p, err := sc.compile(text)
	if err != nil {
		return false
	}
	v := &finder{name: name}
	node := p.Node()
	ast.Walk(&node, v)
	return v.found
}

type finder struct {
	name  string
	found bool
}

func (f *finder) Visit(node *ast.Node) {
	if id, ok := (*node).(*ast.IdentifierNode); ok && id.Value == f.name {
		f.found = true
	}
}

// explain puts an error of the expression library into our words.
func (sc *scope) explain(text string, err error) error {
	var fe *file.Error
	if !errors.As(err, &fe) {
		return &exprError{what: err.Error(), do: "change the expression"}
	}
	e := &exprError{what: fe.Message, do: "change the expression"}
	for i := range text { // From counts characters
		if fe.From--; fe.From < 0 {
			e.offset = i
			break
		}
	}
	if name, ok := strings.CutPrefix(fe.Message, "unknown name "); ok {
		e.what, e.do = fmt.Sprintf("nothing is called %q", name), suggest.Sentence(name, sc.names)
	} else if name, ok := strings.CutPrefix(fe.Message, "unknown field "); ok {
		e.what, e.do = fmt.Sprintf("there is no %q in it", name), "choose one of those that the parameters hold"
	}
	return e
}

// fromExpr turns a result into the types of sim.Params.
func fromExpr(v any) (any, error) {
	switch v := v.(type) {
	case nil, bool, string, int64, *big.Int, time.Time:
		return v, nil
	case int:
		return int64(v), nil
	case float64:
		if math.IsNaN(v) || math.IsInf(v, 0) {
			return nil, fmt.Errorf("the result is %v, not a finite number", v)
		}
		return v, nil
	case map[string]any:
		m := make(map[string]any, len(v))
		for key, item := range v {
			var err error
			if m[key], err = fromExpr(dateText(item)); err != nil {
				return nil, err
			}
		}
		return m, nil
	}
	if r := reflect.ValueOf(v); r.Kind() == reflect.Slice {
		list := make([]any, r.Len())
		for i := range list {
			var err error
			if list[i], err = fromExpr(dateText(r.Index(i).Interface())); err != nil {
				return nil, err
			}
		}
		return list, nil
	}
	return nil, fmt.Errorf("the result is a %T, which is neither a number nor text, true, false, a list or a mapping", v)
}

// dateText turns a date into text, and leaves everything else alone.
func dateText(v any) any {
	if t, ok := v.(time.Time); ok {
		return t.Format(time.RFC3339)
	}
	return v
}

// piece is a part of a text: literal, or an expression.
type piece struct {
	literal string
	expr    string
	isExpr  bool
	offset  int // of the expression in the whole text, in bytes
}

// pieces takes a text with ${...} in it apart. "$${" stands for "${".
func pieces(text string) ([]piece, error) {
	var out []piece
	literal := ""
	for i := 0; i < len(text); {
		switch rest := text[i:]; {
		case strings.HasPrefix(rest, "$${"):
			literal += "${"
			i += 3
		case strings.HasPrefix(rest, "${"):
			end := exprEnd(rest[2:])
			if end < 0 {
				return nil, &exprError{what: `"${" without its "}"`, do: `close it, put the text in quotes if " #" cuts it short, or write "$${" for the text "${"`, offset: i}
			}
			if literal != "" {
				out = append(out, piece{literal: literal})
				literal = ""
			}
			out = append(out, piece{expr: rest[2 : 2+end], isExpr: true, offset: i + 2})
			i += 2 + end + 1
		default:
			next := strings.IndexByte(rest[1:], '$') + 1
			if next == 0 {
				next = len(rest)
			}
			literal += rest[:next]
			i += next
		}
	}
	if literal != "" || len(out) == 0 {
		out = append(out, piece{literal: literal})
	}
	return out, nil
}

// exprEnd returns where the brace is that ends an expression, -1 if nowhere.
// Braces in strings, and those that belong together, do not count.
func exprEnd(text string) int {
	depth, quote := 0, byte(0)
	for i := 0; i < len(text); i++ {
		switch c := text[i]; {
		case quote != 0:
			if c == '\\' && quote != '`' {
				i++
			} else if c == quote {
				quote = 0
			}
		case c == '"' || c == '\'' || c == '`':
			quote = c
		case c == '{':
			depth++
		case c == '}':
			if depth == 0 {
				return i
			}
			depth--
		}
	}
	return -1
}

// fill computes the expressions in a text. A text that is one expression and
// nothing else keeps the type of its result.
func (sc *scope) fill(text string) (any, error) {
	if !strings.Contains(text, "${") {
		return text, nil
	}
	ps, err := pieces(text)
	if err != nil {
		return nil, err
	}
	var out strings.Builder
	for _, p := range ps {
		if !p.isExpr {
			out.WriteString(p.literal)
			continue
		}
		v, err := sc.eval(p.expr)
		var e *exprError
		if errors.As(err, &e) {
			return nil, &exprError{what: e.what, do: e.do, offset: p.offset + e.offset}
		} else if err != nil {
			return nil, err
		}
		if len(ps) == 1 {
			return dateText(v), nil
		}
		s, err := textOf(v)
		if err != nil {
			return nil, &exprError{what: err.Error(), do: "use it alone, or take one value of it", offset: p.offset}
		}
		if out.WriteString(s); out.Len() > maxText {
			return nil, &exprError{what: "the text becomes longer than 1 MiB", do: "make it shorter", offset: p.offset}
		}
	}
	return out.String(), nil
}

// textOf is how a value reads inside a text.
func textOf(v any) (string, error) {
	switch v := v.(type) {
	case string:
		return v, nil
	case int64:
		return strconv.FormatInt(v, 10), nil
	case float64:
		return strconv.FormatFloat(v, 'g', -1, 64), nil
	case bool:
		return strconv.FormatBool(v), nil
	case time.Time:
		return dateText(v).(string), nil
	case nil:
		return "", errors.New("the value is null, which has no text")
	}
	return "", errors.New("a list or a mapping cannot be part of a text")
}
