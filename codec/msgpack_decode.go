package codec

import (
	"math/big"
)

// mpBuilder makes values of data that a mpScanner has checked, so that
// it may believe every length in them.
type mpBuilder struct {
	data []byte
	pos  int
}

// value consumes the value at pos and returns it.
func (b *mpBuilder) value() any {
	code := b.data[b.pos]
	s := mpScanner{data: b.data, pos: b.pos}
	kind, n, _ := s.header() // checked before
	b.pos = s.pos
	switch kind {
	case List:
		list := make([]any, n)
		for i := range list {
			list[i] = b.value()
		}
		return list
	case Map:
		return b.object(n)
	}
	body := b.data[b.pos : b.pos+n]
	b.pos += n
	switch kind {
	case Bool:
		return code == mpTrue
	case Int:
		n, ok := mpInt(code, body)
		if !ok {
			return new(big.Int).SetUint64(uint64(n))
		}
		return n
	case Float:
		return mpFloat(code, body)
	case String:
		return string(body)
	case Bytes:
		return append([]byte{}, body...)
	case Ext:
		return Extension{int8(body[0]), append([]byte{}, body[1:]...)}
	}
	return nil
}

// object makes an Object of n members, or Pairs if a key is not a string.
func (b *mpBuilder) object(n int) any {
	var members memberSet
	for i := range n {
		first := b.value()
		key, ok := first.(string)
		if !ok {
			return b.pairs(members.list, first, n-i)
		}
		members.put(key, b.value())
	}
	if members.list == nil {
		return Object{}
	}
	return members.list
}
