package sim

import (
	"errors"
	"fmt"
	"math"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/simrun/simrun/codec"
	"github.com/simrun/simrun/container"
	"github.com/simrun/simrun/scheduler"
)

// The protocol between a run and an [AgentHost]. Each call has one argument, an
// array, which is empty where none is shown here:
//
//	describe  -> [version, types]. Types are an object of lists of lines, one for
//	             each parameter and attribute.
//	init      [container, name, seed, start, resolution, max rounds, parameters, traced].
//	          Seed and start are text; an empty start is none. Traced is 1 if events
//	          are wanted, else 0.
//	create    [type, IDs, parameters]
//	join      [names of all agents in byte order] -> next time
//	round     [time, round, inputs, envelopes] -> [next time, failure, input error, outputs, envelopes, events, more]
//	events    -> [events, more]
//	close
//
// Inputs are null but in the first round of a step at a host: [time of the step,
// ports, changes]. Ports are the inputs to which something is connected, and which
// the host has not been told of: [place of the agent among those created there,
// place of the attribute in its type, source, 0 or (of events) 1, source, ...]. A
// change is [number of the port, [number of the source, flags, value, ...], [setter,
// value, ...]]. What was fresh or an event in the step before is no more.
//
// An input error is the text of an error in reading an input, or null. Outputs are
// [number of the output among those of all agents created there, value, ...].
//
// Envelopes are those of container.AppendEnvelopes. Events are what has happened in the
// round, if the run is traced; if more is 1, and not 0, there are others, which are
// fetched by calls of events before anything else is asked for. Times are nanoseconds.
// Connections may have any codec and transport.
const protocolVersion = 3

// Flags of a source of an input.
const (
	flagPresent = 1 << iota
	flagFresh
	flagInitial
)

// Values are sent as floats, or else as arrays that begin with their Kind or one of
// these. From KindRaw on the rest is text in JSON.
const (
	formNaN  = 16 // the bits, because there are many
	formText = 17 // text that is no valid UTF-8, in JSON
)

// wireValue returns what stands for a value on the wire.
func wireValue(v Value) (any, error) {
	switch v.kind {
	case KindNull:
		return []any{int(KindNull)}, nil
	case KindBool:
		return []any{int(KindBool), v.num != 0}, nil
	case KindInt:
		return []any{int(KindInt), int64(v.num)}, nil
	case KindFloat:
		f := math.Float64frombits(v.num)
		if f != f {
			return []any{formNaN, int64(v.num)}, nil
		}
		return f, nil
	case KindText:
		if text := v.ref.(string); utf8.ValidString(text) {
			return []any{int(KindText), text}, nil
		}
		text, err := codec.JSON.Append(nil, v.ref)
		return []any{formText, string(text)}, err
	}
	text, err := v.Append(nil)
	return []any{int(v.kind), string(text)}, err
}

// wireReader reads messages. After an error it goes on with zeros.
type wireReader struct {
	codec codec.Codec
	err   error
}

// take takes the next item of a list.
func (r *wireReader) take(items *[]codec.Raw) codec.Raw {
	if r.err != nil {
		return nil
	}
	if len(*items) == 0 {
		r.err = errors.New("an array is too short")
		return nil
	}
	item := (*items)[0]
	*items = (*items)[1:]
	return item
}

func readItem[T any](r *wireReader, items *[]codec.Raw, read func(codec.Raw) (T, error)) (v T) {
	item := r.take(items)
	if r.err == nil {
		v, r.err = read(item)
	}
	return v
}

func (r *wireReader) int(items *[]codec.Raw) int64     { return readItem(r, items, r.codec.Int) }
func (r *wireReader) string(items *[]codec.Raw) string { return readItem(r, items, r.codec.String) }
func (r *wireReader) any(items *[]codec.Raw) any       { return readItem(r, items, r.codec.Decode) }

func (r *wireReader) list(items *[]codec.Raw) []codec.Raw {
	return readItem(r, items, func(item codec.Raw) ([]codec.Raw, error) { return r.codec.Split(nil, item) })
}

func (r *wireReader) strings(items *[]codec.Raw) []string {
	list := r.list(items)
	texts := make([]string, 0, len(list))
	for len(list) > 0 && r.err == nil {
		texts = append(texts, r.string(&list))
	}
	return texts
}

// number reads a number in [0, limit).
func (r *wireReader) number(items *[]codec.Raw, limit int) int {
	n := r.int(items)
	if r.err == nil && (n < 0 || n >= int64(limit)) {
		r.err = fmt.Errorf("the number %d is not in 0 to %d", n, limit-1)
	}
	return int(n)
}

func (r *wireReader) value(items *[]codec.Raw) Value {
	item := r.take(items)
	if r.err != nil {
		return Null
	}
	if r.codec.Kind(item) == codec.Float {
		var f float64
		f, r.err = r.codec.Float(item)
		return Float(f)
	}
	parts, err := r.codec.Split(nil, item)
	r.err = err
	switch form := r.int(&parts); form {
	case int64(KindNull):
		return Null
	case int64(KindBool):
		b, ok := r.any(&parts).(bool)
		if r.err == nil && !ok {
			r.err = errors.New("a value is no boolean")
		}
		return Bool(b)
	case int64(KindInt):
		return Int(r.int(&parts))
	case int64(KindText):
		return Text(r.string(&parts))
	case formNaN:
		return Float(math.Float64frombits(uint64(r.int(&parts))))
	case formText, int64(KindRaw), int64(KindAny):
		return r.jsonValue(form, codec.Raw(r.string(&parts)))
	default:
		if r.err == nil {
			r.err = fmt.Errorf("a value has the form %d, which is unknown", form)
		}
		return Null
	}
}

// jsonValue makes a value of JSON.
func (r *wireReader) jsonValue(form int64, text codec.Raw) Value {
	if r.err != nil {
		return Null
	}
	var decoded any
	decoded, r.err = codec.JSON.Decode(text)
	switch form {
	case int64(KindRaw):
		return RawValue(text)
	case int64(KindAny):
		if decoded == nil {
			decoded = text
		}
		return Value{kind: KindAny, ref: decoded}
	}
	s, ok := decoded.(string)
	if r.err == nil && !ok {
		r.err = errors.New("a value is no text")
	}
	return Text(s)
}

// done returns the first error, or that of items left over.
func (r *wireReader) done(items []codec.Raw) error {
	if r.err == nil && len(items) > 0 {
		r.err = errors.New("an array is too long")
	}
	return r.err
}

// Failures of a round are null, or arrays that begin with their form and how far the
// round had come.
const (
	agentFailure  = iota // mark, time, round, agent, process, message, stack of a panic
	roundsFailure        // mark, time, limit, agents
)

func wireFailure(failure *container.RoundError) any {
	mark := int64(failure.Mark)
	switch e := failure.Err.(type) {
	case *scheduler.RoundsError:
		return []any{roundsFailure, mark, int64(e.Time), e.Limit, e.Actors}
	case *scheduler.EventError:
		text, stack := e.Err.Error(), ""
		if p, ok := e.Err.(*scheduler.PanicError); ok {
			text, stack = fmt.Sprint(p.Value), string(p.Stack)
		}
		return []any{agentFailure, mark, int64(e.Time), e.Round, e.Actor, e.Process, validText(text), validText(stack)}
	}
	panic(fmt.Sprintf("sim: a round failed with a %T", failure.Err))
}

func validText(s string) string { return strings.ToValidUTF8(s, "\uFFFD") }

// failure reads what wireFailure has made, or null.
func (r *wireReader) failure(items *[]codec.Raw) *container.RoundError {
	item := r.take(items)
	if r.err != nil || r.codec.Kind(item) == codec.Null {
		return nil
	}
	var parts []codec.Raw
	parts, r.err = r.codec.Split(nil, item)
	form := r.int(&parts)
	failure := &container.RoundError{Mark: scheduler.Key(r.int(&parts))}
	t := Time(r.int(&parts))
	if form == roundsFailure {
		failure.Err = &scheduler.RoundsError{Time: t, Limit: int(r.int(&parts)), Actors: r.strings(&parts)}
		return failure
	}
	e := &scheduler.EventError{Time: t, Round: int(r.int(&parts)), Actor: r.string(&parts), Process: r.string(&parts)}
	text, stack := r.string(&parts), r.string(&parts)
	e.Err = errors.New(text)
	if stack != "" {
		e.Err = &scheduler.PanicError{Value: text, Stack: []byte(stack)}
	}
	failure.Err = e
	return failure
}

// wireParams returns parameters in terms that every codec has.
func wireParams(params Params) codec.Object {
	object := codec.Object{}
	for _, name := range sortedKeys(params) {
		object = append(object, codec.Member{Key: name, Value: wireParam(params[name])})
	}
	return object
}

func wireParam(v any) any {
	switch v := v.(type) {
	case time.Duration:
		return v.String()
	case []time.Duration:
		texts := make([]any, len(v))
		for i, d := range v {
			texts[i] = d.String()
		}
		return texts
	case []any:
		items := make([]any, len(v))
		for i, item := range v {
			items[i] = wireParam(item)
		}
		return items
	case map[string]any:
		return wireParams(v)
	}
	return v
}

func (r *wireReader) params(items *[]codec.Raw) Params {
	object, ok := r.any(items).(codec.Object)
	if r.err == nil && !ok {
		r.err = errors.New("parameters are no object")
	}
	params, _ := paramOf(object).(map[string]any)
	return params
}

// paramOf is the inverse of wireParam, but for durations.
func paramOf(v any) any {
	switch v := v.(type) {
	case codec.Object:
		params := make(map[string]any, len(v))
		for _, m := range v {
			params[m.Key] = paramOf(m.Value)
		}
		return params
	case []any:
		for i := range v {
			v[i] = paramOf(v[i])
		}
	}
	return v
}

// lines describe an agent type: whatever its two ends of a connection have to agree
// on.
func (t AgentType) lines() []string {
	var lines []string
	for _, p := range t.fields.params {
		need := fmt.Sprintf("default %q", p.Default)
		if p.required {
			need = "required"
		}
		lines = append(lines, fmt.Sprintf("parameter %s (%v in %q, %s)", p.Name, p.typ, p.Unit, need))
	}
	for _, a := range t.fields.attrs {
		kind := "output"
		if a.Input {
			kind = "input"
		}
		lines = append(lines, fmt.Sprintf("%s %s (in %q, trigger %t, event %t)", kind, a.Name, a.Unit, a.Trigger, a.Event))
	}
	return lines
}
