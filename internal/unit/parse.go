package unit

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

const (
	maxLength   = 80 // bytes of a unit; the nesting of parentheses is bounded with it
	maxExponent = 9
)

// Parse reads a unit, in the notation of the package comment. Surrounding space is
// ignored. The error says what is wrong in the text.
func Parse(text string) (Unit, error) {
	u, err := parse(strings.TrimSpace(text))
	if err != nil {
		return Unit{}, fmt.Errorf("unit %s: %w", quote(text), err)
	}
	return u, nil
}

// ParseQuantity reads a number and a unit, such as "30 m2", "-5 degC", "12.5%" or "1e3/h".
// The space between them may be left out. A number alone is a pure one, of unit 1.
func ParseQuantity(text string) (float64, Unit, error) {
	value, u, err := parseQuantity(strings.TrimSpace(text))
	if err != nil {
		return 0, Unit{}, fmt.Errorf("quantity %s: %w", quote(text), err)
	}
	return value, u, nil
}

func parseQuantity(text string) (float64, Unit, error) {
	length := numberLength(text)
	if length == 0 {
		return 0, Unit{}, errors.New(`does not start with a number; write it like "30 m2"`)
	}
	value, err := strconv.ParseFloat(text[:length], 64)
	if err != nil {
		return 0, Unit{}, errors.New("the number is out of range")
	}
	rest := strings.TrimSpace(text[length:])
	if rest == "" || rest[0] == '/' {
		rest = "1" + rest
	}
	u, err := parse(rest)
	return value, u, err
}

// numberLength returns the length of the decimal number at the start of text, 0 if there
// is none. An e belongs to it only before digits: "3 eV" and "3eV" are of unit eV.
func numberLength(text string) int {
	i := 0
	digits := func() (n int) {
		for i < len(text) && text[i] >= '0' && text[i] <= '9' {
			i++
			n++
		}
		return n
	}
	sign := func() {
		if i < len(text) && (text[i] == '+' || text[i] == '-') {
			i++
		}
	}
	sign()
	n := digits()
	if i < len(text) && text[i] == '.' {
		i++
		n += digits()
	}
	if n == 0 {
		return 0
	}
	if end := i; i < len(text) && (text[i] == 'e' || text[i] == 'E') {
		i++
		sign()
		if digits() == 0 {
			i = end
		}
	}
	return i
}

func parse(text string) (Unit, error) {
	switch {
	case text == "":
		return Unit{}, errors.New("is empty; write 1 for a pure number")
	case len(text) > maxLength:
		return Unit{}, fmt.Errorf("is longer than %d bytes", maxLength)
	case !utf8.ValidString(text):
		return Unit{}, errors.New("is not valid UTF-8")
	}
	p := parser{rest: text}
	u, err := p.unit()
	switch {
	case err != nil:
		return Unit{}, err
	case p.rest != "":
		return Unit{}, fmt.Errorf("unexpected %s", p.next())
	case !u.scale.usable():
		return Unit{}, errors.New("is too large or too small to compute with")
	}
	u.symbol = text
	return u, nil
}

// parser reads a unit by recursive descent, one method per rule of the notation.
type parser struct{ rest string }

func (p *parser) unit() (Unit, error) {
	result, err := p.factor()
	divided := false
	for err == nil {
		operator := p.operator()
		if operator == 0 {
			break
		}
		var u Unit
		if u, err = p.factor(); err != nil {
			break
		}
		switch {
		case operator == '/':
			result = result.over(u)
			divided = true
		case divided:
			err = errors.New("has a product after a quotient; use parentheses, as in W/(m2 K)")
		default:
			result = result.times(u)
		}
	}
	return result, err
}

// operator reads a '/' or '*', in whatever spelling, or returns 0 at the end of the text
// or before a closing parenthesis.
func (p *parser) operator() rune {
	spaced := p.skipSpace()
	switch {
	case p.rest == "" || p.rest[0] == ')':
		return 0
	case p.accept("/"):
		return '/'
	case p.accept("*"), p.accept("·"), spaced:
		return '*'
	}
	return 0 // whatever follows, the caller finds it unexpected
}

func (p *parser) factor() (Unit, error) {
	p.skipSpace()
	var u Unit
	switch word := p.word(); {
	case word != "":
		u = lookUp(word)
	case p.accept("1"):
		return one, nil // no exponent, else 12 would be the square of 1
	case p.accept("("):
		var err error
		if u, err = p.unit(); err != nil {
			return Unit{}, err
		}
		if !p.accept(")") {
			return Unit{}, errors.New("a parenthesis is not closed")
		}
	case p.rest == "":
		return Unit{}, errors.New("ends where a unit should follow")
	default:
		return Unit{}, fmt.Errorf("unexpected %s where a unit should be", p.next())
	}
	exponent, err := p.exponent()
	if exponent != 1 {
		u = u.power(exponent)
	}
	return u, err
}

// word reads a symbol: a percent sign, or letters, degree signs and underscores.
func (p *parser) word() string {
	if p.accept("%") {
		return "%"
	}
	end := strings.IndexFunc(p.rest, func(r rune) bool {
		return !unicode.IsLetter(r) && r != '°' && r != '_'
	})
	if end < 0 {
		end = len(p.rest)
	}
	word := p.rest[:end]
	p.rest = p.rest[end:]
	return word
}

// exponent reads an exponent, 1 if there is none.
func (p *parser) exponent() (int, error) {
	const superscripts = "⁰¹²³⁴⁵⁶⁷⁸⁹"
	caret := p.accept("^")
	sign := 1
	if p.accept("-") || p.accept("⁻") {
		sign = -1
	}
	var digits []int
	for _, r := range p.rest {
		if r >= '0' && r <= '9' {
			digits = append(digits, int(r-'0'))
		} else if i := strings.IndexRune(superscripts, r); i >= 0 {
			digits = append(digits, utf8.RuneCountInString(superscripts[:i]))
		} else {
			break
		}
		p.rest = p.rest[utf8.RuneLen(r):]
	}
	switch {
	case len(digits) == 0 && !caret && sign == 1:
		return 1, nil
	case len(digits) == 0:
		return 1, errors.New("has an exponent without a digit")
	case len(digits) > 1 || digits[0] == 0:
		return 1, fmt.Errorf("has an exponent that is not from 1 to %d", maxExponent)
	}
	return sign * digits[0], nil
}

func (p *parser) accept(token string) bool {
	rest, found := strings.CutPrefix(p.rest, token)
	p.rest = rest
	return found
}

func (p *parser) skipSpace() bool {
	before := len(p.rest)
	p.rest = strings.TrimLeft(p.rest, " ")
	return len(p.rest) < before
}

// next is the next character, for a message.
func (p *parser) next() string {
	r, _ := utf8.DecodeRuneInString(p.rest)
	return strconv.QuoteRune(r)
}

// quote quotes what the user wrote, and no more of it than fits a message.
func quote(text string) string {
	if len(text) > maxLength {
		text = text[:maxLength] + "..."
	}
	return strconv.Quote(text)
}
