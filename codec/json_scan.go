package codec

import (
	"encoding/binary"
	"fmt"
	"unicode/utf8"
)

// jsonScanner walks over JSON text and checks it. Its methods leave pos after
// what they consumed, and after white space where they say so.
type jsonScanner struct {
	data  []byte
	pos   int
	depth int // arrays and objects that are open at pos
}

func (s *jsonScanner) errorAt(offset int, format string, args ...any) error {
	return &SyntaxError{Codec: "json", Offset: offset, Msg: fmt.Sprintf(format, args...)}
}

// unexpected is the error for the byte at pos, or for the end of the data.
func (s *jsonScanner) unexpected(want string) error {
	if s.pos >= len(s.data) {
		return s.errorAt(s.pos, "the data end where %s should be", want)
	}
	return s.errorAt(s.pos, "found %q instead of %s", s.data[s.pos:s.pos+1], want)
}

// space skips white space.
func (s *jsonScanner) space() {
	for s.pos < len(s.data) && whiteSpace>>s.data[s.pos]&1 != 0 {
		s.pos++
	}
}

// whiteSpace has a bit for each byte that is white space.
const whiteSpace uint64 = 1<<' ' | 1<<'\n' | 1<<'\t' | 1<<'\r'

// end checks that nothing but white space follows.
func (s *jsonScanner) end() error {
	s.space()
	if s.pos < len(s.data) {
		return s.errorAt(s.pos, "%d bytes follow the value, from %q", len(s.data)-s.pos, excerpt(s.data[s.pos:]))
	}
	return nil
}

// kind looks at the value that begins at pos.
func (s *jsonScanner) kind() Kind {
	if s.pos >= len(s.data) {
		return Invalid
	}
	switch c := s.data[s.pos]; {
	case c == '"':
		return String
	case c == '{':
		return Map
	case c == '[':
		return List
	case c == 't' || c == 'f':
		return Bool
	case c == 'n':
		return Null
	case c == 'N' || c == 'I':
		return Float
	case c == '-' || '0' <= c && c <= '9':
		for _, c := range s.data[s.pos+1:] {
			switch {
			case '0' <= c && c <= '9':
			case c == '.' || c == 'e' || c == 'E' || c == 'I':
				return Float
			default:
				return Int
			}
		}
		return Int
	}
	return Invalid
}

// open skips white space and enters the array or object that must begin there.
// It reports whether there is a first item, at pos.
func (s *jsonScanner) open(bracket byte, want Kind) (more bool, err error) {
	s.space()
	if s.pos >= len(s.data) || s.data[s.pos] != bracket {
		if k := s.kind(); k != Invalid {
			return false, s.errorAt(s.pos, "found %s instead of %s", k, want)
		}
		return false, s.unexpected(want.String())
	}
	return s.enter()
}

// enter consumes the bracket at pos, white space, and the closing bracket if it
// follows at once. It reports whether there is a first item, at pos.
func (s *jsonScanner) enter() (more bool, err error) {
	if s.depth++; s.depth > MaxDepth {
		return false, s.errorAt(s.pos, "nested deeper than %d levels", MaxDepth)
	}
	closing := s.data[s.pos] + 2 // both pairs, [] and {}, are two apart in ASCII
	s.pos++
	s.space()
	if s.pos < len(s.data) && s.data[s.pos] == closing {
		s.leave()
		return false, nil
	}
	return true, nil
}

func (s *jsonScanner) leave() {
	s.pos++
	s.depth--
}

// next consumes the comma or the closing bracket after an item, with white space
// around a comma. It reports whether another item follows, at pos.
func (s *jsonScanner) next(closing byte) (more bool, err error) {
	s.space()
	if s.pos < len(s.data) {
		switch s.data[s.pos] {
		case ',':
			s.pos++
			s.space()
			return true, nil
		case closing:
			s.leave()
			return false, nil
		}
	}
	return false, s.unexpected(`a comma or '` + string(closing) + `'`)
}

// key consumes an object's key, the colon, and white space around it.
func (s *jsonScanner) key() (body []byte, escaped bool, err error) {
	if s.pos >= len(s.data) || s.data[s.pos] != '"' {
		return nil, false, s.unexpected("a key in double quotes")
	}
	body, escaped, err = s.stringBody()
	if err != nil {
		return nil, false, err
	}
	s.space()
	if s.pos >= len(s.data) || s.data[s.pos] != ':' {
		return nil, false, s.unexpected("a colon")
	}
	s.pos++
	s.space()
	return body, escaped, nil
}

// member consumes a key and its value.
func (s *jsonScanner) member() (RawMember, error) {
	key, escaped, err := s.key()
	if err != nil {
		return RawMember{}, err
	}
	start := s.pos
	if err := s.skip(); err != nil {
		return RawMember{}, err
	}
	if escaped {
		key = unescape(make([]byte, 0, len(key)), key)
	}
	return RawMember{Key: key, Value: s.data[start:s.pos:s.pos]}, nil
}

// skip consumes and checks the value at pos.
func (s *jsonScanner) skip() error {
	if s.pos >= len(s.data) {
		return s.unexpected("a value")
	}
	switch s.data[s.pos] {
	case '"':
		_, _, err := s.stringBody()
		return err
	case '[':
		more, err := s.enter()
		for more && err == nil {
			if err = s.skip(); err == nil {
				more, err = s.next(']')
			}
		}
		return err
	case '{':
		more, err := s.enter()
		for more && err == nil {
			if _, _, err = s.key(); err == nil {
				if err = s.skip(); err == nil {
					more, err = s.next('}')
				}
			}
		}
		return err
	case 't':
		return s.literal("true")
	case 'f':
		return s.literal("false")
	case 'n':
		return s.literal("null")
	}
	_, _, err := s.number()
	return err
}

// literal consumes the given word.
func (s *jsonScanner) literal(word string) error {
	rest := s.data[s.pos:]
	if len(rest) < len(word) || string(rest[:len(word)]) != word {
		return s.unexpected("a value")
	}
	s.pos += len(word)
	return nil
}

// number consumes a number, NaN or an infinity. isInt is true for one without
// fraction and exponent.
func (s *jsonScanner) number() (text []byte, isInt bool, err error) {
	start, data := s.pos, s.data
	i := s.pos
	if i < len(data) && data[i] == '-' {
		i++
	}
	if i < len(data) {
		switch c := data[i]; {
		case c == 'N' && i == start:
			err = s.literal("NaN")
			return data[start:s.pos], false, err
		case c == 'I':
			s.pos = i
			err = s.literal("Infinity")
			return data[start:s.pos], false, err
		}
	}
	// The grammar of RFC 8259: a zero stands alone.
	digits := i
	i = skipDigits(data, i)
	if i == digits {
		s.pos = i
		if digits > start {
			return nil, false, s.unexpected("a digit")
		}
		return nil, false, s.unexpected("a value")
	}
	if data[digits] == '0' && i > digits+1 {
		return nil, false, s.errorAt(digits, "a number begins with a zero")
	}
	isInt = true
	if i < len(data) && data[i] == '.' {
		isInt = false
		fraction := i + 1
		if i = skipDigits(data, fraction); i == fraction {
			s.pos = i
			return nil, false, s.unexpected("a digit after the decimal point")
		}
	}
	if i < len(data) && (data[i] == 'e' || data[i] == 'E') {
		isInt = false
		i++
		if i < len(data) && (data[i] == '+' || data[i] == '-') {
			i++
		}
		exponent := i
		if i = skipDigits(data, exponent); i == exponent {
			s.pos = i
			return nil, false, s.unexpected("a digit of the exponent")
		}
	}
	s.pos = i
	return data[start:i], isInt, nil
}

func skipDigits(data []byte, i int) int {
	for i < len(data) && '0' <= data[i] && data[i] <= '9' {
		i++
	}
	return i
}

// onlyNumber reads data that hold nothing but a number.
func (s *jsonScanner) onlyNumber(want string) (text []byte, isInt bool, err error) {
	s.space()
	if k := s.kind(); k != Int && k != Float {
		return nil, false, s.errorAt(s.pos, "found %s instead of %s", k, want)
	}
	if text, isInt, err = s.number(); err != nil {
		return nil, false, err
	}
	return text, isInt, s.end()
}

// plain holds the bytes that need no attention inside a string: printable ASCII
// and 0x7f, except the quote and the backslash.
var plain = func() (t [256]bool) {
	for c := 0x20; c < 0x80; c++ {
		t[c] = c != '"' && c != '\\'
	}
	return t
}()

// plainEight reports whether eight bytes are all plain. In a byte that is not, the
// highest bit is set in one of the terms; each finds bytes that are less than a number
// by subtracting it (and is exact for the lowest of them, which is enough).
func plainEight(x uint64) bool {
	const ones, highest = 0x0101010101010101, 0x8080808080808080
	quote, backslash := x^'"'*ones, x^'\\'*ones
	return (x|(x-' '*ones)|(quote-ones)&^quote|(backslash-ones)&^backslash)&highest == 0
}

// stringBody consumes the string at pos, which is its opening quote, and checks
// it. body is what stands between the quotes, escaped whether it has escapes.
func (s *jsonScanner) stringBody() (body []byte, escaped bool, err error) {
	data, start := s.data, s.pos+1
	i := start
	for i < len(data) {
		c := data[i]
		switch {
		case plain[c]:
			for i++; len(data)-i >= 8 && plainEight(binary.LittleEndian.Uint64(data[i:])); {
				i += 8
			}
		case c == '"':
			s.pos = i + 1
			return data[start:i], escaped, nil
		case c == '\\':
			escaped = true
			n := escapeLen(data[i:])
			if n == 0 {
				return nil, false, s.errorAt(i, "invalid escape %q in a string", data[i:min(i+6, len(data))])
			}
			i += n
		case c < 0x20:
			return nil, false, s.errorAt(i, "raw control character %#02x in a string", c)
		default:
			r, n := utf8.DecodeRune(data[i:])
			if r == utf8.RuneError && n == 1 {
				return nil, false, s.errorAt(i, "invalid UTF-8 in a string: byte %#02x", c)
			}
			i += n
		}
	}
	return nil, false, s.errorAt(s.pos, "the string that begins here has no closing quote")
}

// escapeLen returns the length of the escape that begins text, 0 if it is none.
func escapeLen(text []byte) int {
	if len(text) < 2 {
		return 0
	}
	switch text[1] {
	case '"', '\\', '/', 'b', 'f', 'n', 'r', 't':
		return 2
	case 'u':
		if _, ok := hex4(text[2:]); ok {
			return 6
		}
	}
	return 0
}
