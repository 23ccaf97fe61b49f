package codec

import (
	"iter"
	"math"
)

// MsgPack is the MessagePack codec, with the choices that Python's msgpack makes
// for aiomas.
var MsgPack MsgPackCodec

// MaxValues is the number of values, items of lists and objects included, up to
// which MsgPack decodes: a byte of the wire can stand for 40 of memory. What is
// only taken apart is not limited.
const MaxValues = 1 << 22

// MsgPackCodec is the type of [MsgPack]. Besides being a Codec it offers
// iteration, and what only makes sense for MsgPack.
type MsgPackCodec struct{ types *Types } // of the size of a pointer, so that no interface of it is garbage

var _ Codec = MsgPack

// Name returns "msgpack".
func (MsgPackCodec) Name() string { return "msgpack" }

// WithTypes implements [Codec].
func (MsgPackCodec) WithTypes(types *Types) Codec { return MsgPackCodec{types} }

// Append implements [Codec]. Beyond what the package documentation lists for
// every codec it takes bytes, [Pairs], [Extension] of types from 0 on, and maps
// with integer keys. A [*math/big.Int] must be in -2^63 to 2^64-1.
func (c MsgPackCodec) Append(dst []byte, v any) ([]byte, error) {
	out, err := c.append(dst, v, 0)
	if err != nil {
		return dst, err
	}
	return out, nil
}

// AppendInt implements [Codec].
func (MsgPackCodec) AppendInt(dst []byte, n int64) []byte { return appendMPInt(dst, n) }

// AppendString implements [Codec]. It fails if s is not valid UTF-8.
func (MsgPackCodec) AppendString(dst []byte, s string) ([]byte, error) {
	return appendMPString(dst, s)
}

// AppendListStart implements [Codec].
func (MsgPackCodec) AppendListStart(dst []byte, n int) []byte { return appendMPListHeader(dst, n) }

// AppendListNext implements [Codec]. Nothing stands between items.
func (MsgPackCodec) AppendListNext(dst []byte) []byte { return dst }

// AppendListEnd implements [Codec]. Nothing stands behind the last item.
func (MsgPackCodec) AppendListEnd(dst []byte) []byte { return dst }

// AppendFloat appends f, always as eight bytes. All NaNs are the same.
func (MsgPackCodec) AppendFloat(dst []byte, f float64) []byte { return appendMPFloat(dst, f) }

// Decode implements [Codec]. It checks all of data before it allocates anything.
func (c MsgPackCodec) Decode(data Raw) (any, error) {
	if err := checkMP(data); err != nil {
		return nil, err
	}
	b := mpBuilder{data: data}
	return c.types.Resolve(b.value())
}

// checkMP checks all that is to be decoded.
func checkMP(data Raw) error {
	s := mpScanner{data: data}
	err := s.skip()
	if err == nil {
		err = s.end()
	}
	if err == nil && s.values > MaxValues {
		err = s.errorAt(0, "%d values; at most %d are decoded", s.values, MaxValues)
	}
	return err
}

// DecodeItems decodes the items of an array, which it appends to dst. Its errors are
// those of Decode.
func (c MsgPackCodec) DecodeItems(dst []any, array Raw) ([]any, error) {
	if err := checkMP(array); err != nil {
		return dst, err
	}
	s := mpScanner{data: array}
	n, err := s.open(List)
	b := mpBuilder{data: array, pos: s.pos}
	for ; n > 0 && err == nil; n-- {
		var v any
		if v, err = c.types.Resolve(b.value()); err == nil {
			dst = append(dst, v)
		}
	}
	return dst, err
}

// Split implements [Codec].
func (MsgPackCodec) Split(dst []Raw, array Raw) ([]Raw, error) {
	s := mpScanner{data: array}
	n, err := s.open(List)
	for ; n > 0 && err == nil; n-- {
		start := s.pos
		if err = s.skip(); err == nil {
			dst = append(dst, s.data[start:s.pos:s.pos])
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

// SplitMap implements [Codec]. The key of a member is text also if it is none on
// the wire: the digits of an integer, and what JSON writes for null, booleans
// and floats. Other keys are an error; [MsgPackCodec.Decode] reads them.
func (c MsgPackCodec) SplitMap(dst []RawMember, object Raw) ([]RawMember, error) {
	s := mpScanner{data: object}
	n, err := s.open(Map)
	for ; n > 0 && err == nil; n-- {
		var m RawMember
		if m, err = s.member(); err == nil {
			dst = append(dst, m)
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

// Elements iterates over the elements of an array, as [MsgPackCodec.Split] does,
// without a slice. Bytes are checked as the iteration gets to them: on the first
// error it yields that error and ends.
func (MsgPackCodec) Elements(array Raw) iter.Seq2[Raw, error] {
	return func(yield func(Raw, error) bool) {
		s := mpScanner{data: array}
		n, err := s.open(List)
		for ; n > 0 && err == nil; n-- {
			start := s.pos
			if err = s.skip(); err == nil && !yield(s.data[start:s.pos:s.pos], nil) {
				return
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

// Members iterates over the members of an object, as [MsgPackCodec.SplitMap]
// does, without a slice. Bytes are checked as the iteration gets to them: on the
// first error it yields that error and ends.
func (MsgPackCodec) Members(object Raw) iter.Seq2[RawMember, error] {
	return func(yield func(RawMember, error) bool) {
		s := mpScanner{data: object}
		n, err := s.open(Map)
		for ; n > 0 && err == nil; n-- {
			var m RawMember
			if m, err = s.member(); err == nil && !yield(m, nil) {
				return
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
func (MsgPackCodec) Kind(data Raw) Kind {
	if len(data) == 0 {
		return Invalid
	}
	return mpForms[data[0]].kind
}

// Int implements [Codec].
func (MsgPackCodec) Int(data Raw) (int64, error) {
	s := mpScanner{data: data}
	code, body, err := s.only(Int, "an integer")
	if err != nil {
		return 0, err
	}
	n, ok := mpInt(code, body)
	if !ok {
		return 0, s.errorAt(0, "the integer %d does not fit into 64 bits with a sign", uint64(n))
	}
	return n, nil
}

// Float implements [Codec].
func (c MsgPackCodec) Float(data Raw) (float64, error) {
	s := mpScanner{data: data}
	if c.Kind(data) == Float {
		code, body, err := s.only(Float, "a number")
		if err != nil {
			return 0, err
		}
		return mpFloat(code, body), nil
	}
	code, body, err := s.only(Int, "a number")
	if err != nil {
		return 0, err
	}
	n, ok := mpInt(code, body)
	if !ok {
		return float64(uint64(n)), nil
	}
	return float64(n), nil
}

// String implements [Codec].
func (MsgPackCodec) String(data Raw) (string, error) {
	s := mpScanner{data: data}
	_, body, err := s.only(String, "a string")
	return string(body), err
}

// Bytes returns bytes. They alias data.
func (MsgPackCodec) Bytes(data Raw) ([]byte, error) {
	s := mpScanner{data: data}
	_, body, err := s.only(Bytes, "bytes")
	return body, err
}

// nan is the NaN of Python, which every NaN is written as.
var nan = math.Float64frombits(0x7ff8000000000000)
