package codec

import (
	"math/big"
)

// decode consumes the value at pos and returns it.
func (s *jsonScanner) decode() (any, error) {
	if s.pos >= len(s.data) {
		return nil, s.unexpected("a value")
	}
	switch s.data[s.pos] {
	case '"':
		body, escaped, err := s.stringBody()
		if err != nil {
			return nil, err
		}
		return stringOf(body, escaped), nil
	case '[':
		return s.decodeArray()
	case '{':
		return s.decodeObject()
	case 't':
		return true, s.literal("true")
	case 'f':
		return false, s.literal("false")
	case 'n':
		return nil, s.literal("null")
	}
	text, isInt, err := s.number()
	if err != nil {
		return nil, err
	}
	if !isInt {
		return parseFloat(text), nil
	}
	if n, ok := parseInt(text); ok {
		return n, nil
	}
	if len(text) > MaxIntDigits {
		return nil, s.errorAt(s.pos-len(text), "an integer of %d digits; at most %d are converted", len(text), MaxIntDigits)
	}
	n, _ := new(big.Int).SetString(string(text), 10) // cannot fail: the digits are checked
	return n, nil
}

func stringOf(body []byte, escaped bool) string {
	if escaped {
		return string(unescape(make([]byte, 0, len(body)), body))
	}
	return string(body)
}

// DecodeItems decodes the items of an array, which it appends to dst. Its errors are
// those of Decode.
func (c JSONCodec) DecodeItems(dst []any, array Raw) ([]any, error) {
	s := jsonScanner{data: array}
	more, err := s.open('[', List)
	for more && err == nil {
		var v any
		if v, err = s.decode(); err == nil {
			v, err = c.types.Resolve(v)
		}
		if err == nil {
			dst = append(dst, v)
			more, err = s.next(']')
		}
	}
	if err == nil {
		err = s.end()
	}
	return dst, err
}

func (s *jsonScanner) decodeArray() (any, error) {
	// Most lists are short. Gathered here first, they need no room to grow.
	var (
		short [8]any
		long  []any
		n     int
	)
	more, err := s.enter()
	for more && err == nil {
		var v any
		if v, err = s.decode(); err != nil {
			break
		}
		switch {
		case n < len(short):
			short[n] = v
		case n == len(short):
			long = append(make([]any, 0, 4*len(short)), short[:]...)
			fallthrough
		default:
			long = append(long, v)
		}
		n++
		more, err = s.next(']')
	}
	switch {
	case err != nil:
		return nil, err
	case long != nil:
		return long, nil
	}
	list := make([]any, n)
	copy(list, short[:])
	return list, nil
}

func (s *jsonScanner) decodeObject() (any, error) {
	var members memberSet
	more, err := s.enter()
	for more && err == nil {
		var (
			key     []byte
			escaped bool
			v       any
		)
		if key, escaped, err = s.key(); err != nil {
			break
		}
		if v, err = s.decode(); err != nil {
			break
		}
		members.put(stringOf(key, escaped), v)
		more, err = s.next('}')
	}
	if err != nil {
		return nil, err
	}
	if members.list == nil {
		return Object{}, nil
	}
	return members.list, nil
}

// memberSet collects the members of an object. As in a Python dict, a key that
// comes again replaces the value and keeps the place.
type memberSet struct {
	list  Object
	index map[string]int // of the list, once a search in it would be slow
}

// linearSearch is the size up to which looking at every key beats a map.
const linearSearch = 16

func (m *memberSet) put(key string, v any) {
	if i := m.find(key); i >= 0 {
		m.list[i].Value = v
		return
	}
	m.list = append(m.list, Member{key, v})
	switch {
	case m.index != nil:
		m.index[key] = len(m.list) - 1
	case len(m.list) > linearSearch:
		m.index = make(map[string]int, 2*len(m.list))
		for i := range m.list {
			m.index[m.list[i].Key] = i
		}
	}
}

func (m *memberSet) find(key string) int {
	if m.index != nil {
		if i, ok := m.index[key]; ok {
			return i
		}
		return -1
	}
	for i := range m.list {
		if m.list[i].Key == key {
			return i
		}
	}
	return -1
}
