package codec

import (
	"fmt"
	"iter"
	"strconv"
)

// JSON is the JSON codec, in the dialect of Python's json module.
var JSON JSONCodec

// JSONCodec is the type of [JSON]. Besides being a Codec it offers what only
// makes sense for JSON: building text by hand, and iterating over it.
type JSONCodec struct{ types *Types } // of the size of a pointer, so that no interface of it is garbage

var _ Codec = JSON

// WithTypes implements [Codec].
func (JSONCodec) WithTypes(types *Types) Codec { return JSONCodec{types} }

// Name returns "json".
func (JSONCodec) Name() string { return "json" }

// Append implements [Codec].
func (c JSONCodec) Append(dst []byte, v any) ([]byte, error) {
	out, err := c.append(dst, v, 0)
	if err != nil {
		return dst, err
	}
	return out, nil
}

// AppendInt implements [Codec].
func (JSONCodec) AppendInt(dst []byte, n int64) []byte { return strconv.AppendInt(dst, n, 10) }

// AppendString implements [Codec]. It writes ASCII only, and fails if s is not
// valid UTF-8 (lone surrogates aside; see the package documentation).
func (JSONCodec) AppendString(dst []byte, s string) ([]byte, error) {
	out, ok := appendJSONString(dst, s)
	if !ok {
		return dst, invalidUTF8("json", s)
	}
	return out, nil
}

// AppendListStart implements [Codec].
func (JSONCodec) AppendListStart(dst []byte, _ int) []byte { return append(dst, '[') }

// AppendListNext implements [Codec].
func (JSONCodec) AppendListNext(dst []byte) []byte { return append(dst, ", "...) }

// AppendListEnd implements [Codec].
func (JSONCodec) AppendListEnd(dst []byte) []byte { return append(dst, ']') }

// AppendFloat appends f as Python's repr prints it: 1.0, 1e-07, NaN.
func (JSONCodec) AppendFloat(dst []byte, f float64) []byte { return appendJSONFloat(dst, f) }

// Decode implements [Codec].
func (c JSONCodec) Decode(data Raw) (any, error) {
	s := jsonScanner{data: data}
	s.space()
	v, err := s.decode()
	if err != nil {
		return nil, err
	}
	if err := s.end(); err != nil {
		return nil, err
	}
	return c.types.Resolve(v)
}

// Split implements [Codec].
func (JSONCodec) Split(dst []Raw, array Raw) ([]Raw, error) {
	s := jsonScanner{data: array}
	more, err := s.open('[', List)
	for more && err == nil {
		start := s.pos
		if err = s.skip(); err == nil {
			dst = append(dst, s.data[start:s.pos:s.pos])
			more, err = s.next(']')
		}
	}
	if err == nil {
		err = s.end()
	}
	if err != nil {
		return nil, err
	}
	return dst, nil
}

// SplitMap implements [Codec].
func (JSONCodec) SplitMap(dst []RawMember, object Raw) ([]RawMember, error) {
	s := jsonScanner{data: object}
	more, err := s.open('{', Map)
	for more && err == nil {
		var m RawMember
		if m, err = s.member(); err == nil {
			dst = append(dst, m)
			more, err = s.next('}')
		}
	}
	if err == nil {
		err = s.end()
	}
	if err != nil {
		return nil, err
	}
	return dst, nil
}

// Elements iterates over the elements of an array, as [JSONCodec.Split] does,
// without a slice. Bytes are checked as the iteration gets to them: on the first
// error it yields that error and ends.
func (JSONCodec) Elements(array Raw) iter.Seq2[Raw, error] {
	return func(yield func(Raw, error) bool) {
		s := jsonScanner{data: array}
		more, err := s.open('[', List)
		for more && err == nil {
			start := s.pos
			if err = s.skip(); err == nil {
				if !yield(s.data[start:s.pos:s.pos], nil) {
					return
				}
				more, err = s.next(']')
			}
		}
		if err == nil {
			err = s.end()
		}
		if err != nil {
			yield(nil, err)
		}
	}
}

// Members iterates over the members of an object, as [JSONCodec.SplitMap] does,
// without a slice. Bytes are checked as the iteration gets to them: on the first
// error it yields that error and ends.
func (JSONCodec) Members(object Raw) iter.Seq2[RawMember, error] {
	return func(yield func(RawMember, error) bool) {
		s := jsonScanner{data: object}
		more, err := s.open('{', Map)
		for more && err == nil {
			var m RawMember
			if m, err = s.member(); err == nil {
				if !yield(m, nil) {
					return
				}
				more, err = s.next('}')
			}
		}
		if err == nil {
			err = s.end()
		}
		if err != nil {
			yield(RawMember{}, err)
		}
	}
}

// Kind implements [Codec].
func (JSONCodec) Kind(data Raw) Kind {
	s := jsonScanner{data: data}
	s.space()
	return s.kind()
}

// Int implements [Codec].
func (JSONCodec) Int(data Raw) (int64, error) {
	if n, ok := shortCount(data); ok {
		return n, nil
	}
	s := jsonScanner{data: data}
	text, isInt, err := s.onlyNumber("an integer")
	if err != nil {
		return 0, err
	}
	if !isInt {
		return 0, s.errorAt(0, "found the float %s instead of an integer", excerpt(text))
	}
	n, ok := parseInt(text)
	if !ok {
		return 0, s.errorAt(0, "the integer %s does not fit into 64 bits", excerpt(text))
	}
	return n, nil
}

// Float implements [Codec].
func (JSONCodec) Float(data Raw) (float64, error) {
	s := jsonScanner{data: data}
	text, _, err := s.onlyNumber("a number")
	if err != nil {
		return 0, err
	}
	return parseFloat(text), nil
}

// String implements [Codec].
func (JSONCodec) String(data Raw) (string, error) {
	s := jsonScanner{data: data}
	s.space()
	if k := s.kind(); k != String {
		return "", s.errorAt(s.pos, "found %s instead of a string", k)
	}
	body, escaped, err := s.stringBody()
	if err != nil {
		return "", err
	}
	if err := s.end(); err != nil {
		return "", err
	}
	return stringOf(body, escaped), nil
}

// excerpt shortens what a peer sent for an error message.
func excerpt(text []byte) string {
	const most = 40
	if len(text) <= most {
		return string(text)
	}
	return fmt.Sprintf("%s... (%d bytes)", text[:most], len(text))
}
