package codec

import (
	"encoding/binary"
	"fmt"
	"math"
	"strconv"
	"unicode/utf8"
)

// mpScanner walks over a MsgPack value and checks it. Whatever length the
// value claims is compared with the bytes that are left before it is used.
type mpScanner struct {
	data   []byte
	pos    int
	depth  int // arrays and objects that are open at pos
	values int // that were passed
}

func (s *mpScanner) errorAt(offset int, format string, args ...any) error {
	return &SyntaxError{Codec: "msgpack", Offset: offset, Msg: fmt.Sprintf(format, args...)}
}

// end checks that nothing follows.
func (s *mpScanner) end() error {
	if s.pos < len(s.data) {
		return s.errorAt(s.pos, "%d bytes follow the value", len(s.data)-s.pos)
	}
	return nil
}

// header consumes what stands before the body of the value at pos. n is the
// number of bytes of the body, or of the items of an array or object. There are
// at least as many bytes left as these need.
func (s *mpScanner) header() (kind Kind, n int, err error) {
	if s.pos >= len(s.data) {
		return Invalid, 0, s.errorAt(s.pos, "the data end where a value should be")
	}
	form := &mpForms[s.data[s.pos]]
	size := uint64(form.size)
	body := s.pos + 1 + int(form.sizeLen)
	if form.sizeLen > 0 {
		if body > len(s.data) {
			return Invalid, 0, s.errorAt(s.pos, "the data end within the length of %s", form.kind)
		}
		switch form.sizeLen {
		case 1:
			size = uint64(s.data[s.pos+1])
		case 2:
			size = uint64(binary.BigEndian.Uint16(s.data[s.pos+1:]))
		default:
			size = uint64(binary.BigEndian.Uint32(s.data[s.pos+1:]))
		}
	}
	need := size + uint64(form.extra)
	if form.kind == Map {
		need *= 2
	}
	if left := len(s.data) - body; need > uint64(left) || form.kind == Invalid {
		return Invalid, 0, s.badHeader(form.kind, need, left)
	}
	s.pos = body
	return form.kind, int(size) + int(form.extra), nil
}

func (s *mpScanner) badHeader(kind Kind, need uint64, left int) error {
	if kind == Invalid {
		return s.errorAt(s.pos, "found byte %#02x, which begins no value", s.data[s.pos])
	}
	return s.errorAt(s.pos, "%s of at least %d bytes, but %d are left", kind, need, left)
}

// open enters the array or object that the data must be, and returns the number
// of its items.
func (s *mpScanner) open(want Kind) (int, error) {
	start := s.pos
	if want == List && start < len(s.data) && s.data[start]&^(mpFixStr-mpFixList-1) == mpFixList { // quicker than by the table
		if n := int(s.data[start] - mpFixList); n < len(s.data)-start {
			s.pos++
			s.depth++
			return n, nil
		}
	}
	kind, n, err := s.header()
	if err != nil {
		return 0, err
	}
	if kind != want {
		return 0, s.errorAt(start, "found %s instead of %s", kind, want)
	}
	s.depth++
	return n, nil
}

// only reads data that hold nothing but one scalar.
func (s *mpScanner) only(want Kind, name string) (code byte, body []byte, err error) {
	kind, n, err := s.header()
	if err != nil {
		return 0, nil, err
	}
	if kind != want {
		return 0, nil, s.errorAt(0, "found %s instead of %s", kind, name)
	}
	start := s.pos
	if err := s.body(kind, n); err != nil {
		return 0, nil, err
	}
	return s.data[0], s.data[start:s.pos:s.pos], s.end()
}

// skip consumes and checks the value at pos.
func (s *mpScanner) skip() error {
	// The forms that hot messages are made of, quicker than by the table.
	if s.pos < len(s.data) {
		switch c := s.data[s.pos]; {
		case c <= mpFixMap || c == mpFixList: // small integers, and what is empty
			s.pos++
			s.values++
			return nil
		case mpFixList < c && c < mpFixStr:
			s.pos++
			s.values++
			return s.list(int(c - mpFixList))
		case c == mpFloat64 && len(s.data)-s.pos > 8:
			s.pos += 9
			s.values++
			return nil
		case mpFixStr <= c && c < mpNil:
			end := s.pos + 1 + int(c-mpFixStr)
			if end <= len(s.data) && isASCII(s.data[s.pos+1:end]) {
				s.pos = end
				s.values++
				return nil
			}
		}
	}
	kind, n, err := s.header()
	if err != nil {
		return err
	}
	return s.body(kind, n)
}

// isASCII is for short texts.
func isASCII(text []byte) bool {
	for len(text) >= 8 {
		if binary.LittleEndian.Uint64(text)&0x8080808080808080 != 0 {
			return false
		}
		text = text[8:]
	}
	for _, c := range text {
		if c >= utf8.RuneSelf {
			return false
		}
	}
	return true
}

// body consumes and checks what follows a header.
func (s *mpScanner) body(kind Kind, n int) error {
	s.values++
	switch kind {
	case String:
		if text := s.data[s.pos : s.pos+n]; !utf8.Valid(text) {
			return s.errorAt(s.pos, "the string %s is not valid UTF-8", strconv.QuoteToASCII(excerpt(text)))
		}
		s.pos += n
	case List:
		return s.list(n)
	case Map:
		return s.object(n)
	default:
		s.pos += n
	}
	return nil
}

// list consumes and checks the items of a list.
func (s *mpScanner) list(n int) error {
	if s.depth++; s.depth > MaxDepth {
		return s.tooDeep()
	}
	for ; n > 0; n-- {
		if err := s.skip(); err != nil {
			return err
		}
	}
	s.depth--
	return nil
}

// object consumes and checks the members of an object.
func (s *mpScanner) object(n int) error {
	if s.depth++; s.depth > MaxDepth {
		return s.tooDeep()
	}
	for ; n > 0; n-- {
		if _, _, err := s.key(); err != nil {
			return err
		}
		if err := s.skip(); err != nil {
			return err
		}
	}
	s.depth--
	return nil
}

func (s *mpScanner) tooDeep() error {
	return s.errorAt(s.pos, "nested deeper than %d levels", MaxDepth)
}

// key consumes and checks a key, which as in Python may be anything but an object.
// body is that of the key if it is a scalar.
func (s *mpScanner) key() (kind Kind, body []byte, err error) {
	first := s.pos
	kind, n, err := s.header()
	if err != nil {
		return Invalid, nil, err
	}
	if kind == Map {
		return Invalid, nil, s.errorAt(first, "an object is the key of an object")
	}
	start := s.pos
	if err := s.body(kind, n); err != nil {
		return Invalid, nil, err
	}
	return kind, s.data[start:s.pos:s.pos], nil
}

// member consumes a key and its value.
func (s *mpScanner) member() (RawMember, error) {
	first := s.pos
	kind, key, err := s.key()
	if err != nil {
		return RawMember{}, err
	}
	switch code := s.data[first]; kind {
	case String:
	case Int:
		n, ok := mpInt(code, key)
		if ok {
			key = strconv.AppendInt(nil, n, 10)
		} else {
			key = strconv.AppendUint(nil, uint64(n), 10)
		}
	case Float:
		key = appendJSONFloat(nil, mpFloat(code, key))
	case Bool:
		key = strconv.AppendBool(nil, code == mpTrue)
	case Null:
		key = []byte("null")
	default:
		return RawMember{}, s.errorAt(first, "%s is the key of an object, which has no text; decode the object to get it", kind)
	}
	start := s.pos
	if err := s.skip(); err != nil {
		return RawMember{}, err
	}
	return RawMember{Key: key, Value: s.data[start:s.pos:s.pos]}, nil
}

// mpInt reads an integer. If it is beyond int64, ok is false, and n has the
// bits of the uint64.
func mpInt(code byte, body []byte) (n int64, ok bool) {
	switch code {
	case mpUint8:
		return int64(body[0]), true
	case mpUint16:
		return int64(binary.BigEndian.Uint16(body)), true
	case mpUint32:
		return int64(binary.BigEndian.Uint32(body)), true
	case mpUint64:
		u := binary.BigEndian.Uint64(body)
		return int64(u), u <= math.MaxInt64
	case mpInt8:
		return int64(int8(body[0])), true
	case mpInt16:
		return int64(int16(binary.BigEndian.Uint16(body))), true
	case mpInt32:
		return int64(int32(binary.BigEndian.Uint32(body))), true
	case mpInt64:
		return int64(binary.BigEndian.Uint64(body)), true
	}
	return int64(int8(code)), true
}

func mpFloat(code byte, body []byte) float64 {
	if code == mpFloat32 {
		return float64(math.Float32frombits(binary.BigEndian.Uint32(body)))
	}
	return math.Float64frombits(binary.BigEndian.Uint64(body))
}
