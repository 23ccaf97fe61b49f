package mosaik

import (
	"fmt"
	"strconv"

	"github.com/simrun/simrun/codec"
	"github.com/simrun/simrun/sim"
)

// inputs are the connected inputs of a program, by entity.
type inputs []inputEntity

type inputEntity struct {
	key   []byte // `"eid": {`
	attrs []inputAttr
}

type inputAttr struct {
	entity, name string
	key          []byte // `"attr": {`
	input        sim.Input
}

func wireInputs(wired []sim.WiredInput) inputs {
	var in inputs
	last := ""
	for i, w := range wired {
		if i == 0 || w.Entity != last {
			in = append(in, inputEntity{key: opening(w.Entity)})
			last = w.Entity
		}
		e := &in[len(in)-1]
		e.attrs = append(e.attrs, inputAttr{w.Entity, w.Attr, opening(w.Attr), w.Input})
	}
	return in
}

// opening is the beginning of an object that is the value of key.
func opening(key string) []byte {
	b, err := codec.JSON.AppendString(nil, key)
	if err != nil {
		panic("mosaik: a name that came as JSON cannot be encoded: " + err.Error())
	}
	return append(b, ": {"...)
}

// append appends the inputs as {eid: {attr: {source: value}}}, without those
// that have no value.
func (in inputs) append(dst []byte) ([]byte, error) {
	dst = append(dst, '{')
	firstEntity := true
	for i := range in {
		e := &in[i]
		before := len(dst)
		dst = separate(dst, firstEntity)
		dst = append(dst, e.key...)
		firstAttr := true
		for j := range e.attrs {
			a := &e.attrs[j]
			firstSource := true
			for src, v := range a.input.Sources() {
				if firstSource {
					dst = separate(dst, firstAttr)
					dst = append(dst, a.key...)
				}
				dst = separate(dst, firstSource)
				firstSource, firstAttr = false, false
				var err error
				if dst, err = codec.JSON.AppendString(dst, src); err == nil {
					dst = append(dst, ": "...)
					dst, err = v.Append(dst)
				}
				if err != nil {
					return dst, fmt.Errorf("input %s of %s: the value from %s cannot be sent: %w", a.name, a.entity, src, err)
				}
			}
			if !firstSource {
				dst = append(dst, '}')
			}
		}
		if firstAttr {
			dst = dst[:before]
			continue
		}
		firstEntity = false
		dst = append(dst, '}')
	}
	return append(dst, '}'), nil
}

func separate(dst []byte, first bool) []byte {
	if first {
		return dst
	}
	return append(dst, ", "...)
}

// stepRequest is ["step", [time, inputs, max_advance], {}]. It implements
// codec.Array: inputs go straight from their handles into the buffer that is
// written to the program.
type stepRequest struct {
	time          int64
	inputs        inputs
	hasMaxAdvance bool // else the program's version has none
	maxAdvance    int64
}

func (*stepRequest) Len() int { return 3 }

func (r *stepRequest) AppendElement(dst []byte, _ codec.Codec, i int) ([]byte, error) {
	switch i {
	case 0:
		return append(dst, `"step"`...), nil
	case 2:
		return append(dst, "{}"...), nil
	}
	dst = append(dst, '[')
	dst = strconv.AppendInt(dst, r.time, 10)
	dst = append(dst, ", "...)
	dst, err := r.inputs.append(dst)
	if err != nil {
		return dst, err
	}
	if r.hasMaxAdvance {
		dst = append(dst, ", "...)
		dst = strconv.AppendInt(dst, r.maxAdvance, 10)
	}
	return append(dst, ']'), nil
}
