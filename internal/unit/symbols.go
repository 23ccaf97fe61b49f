package unit

import (
	"math"
	"strings"
)

// prefix is an SI prefix (SI Brochure, table 7).
type prefix struct {
	symbol string
	scale  scale
}

var (
	multiples = []prefix{
		{"k", scale{1e3, 1}}, {"M", scale{1e6, 1}}, {"G", scale{1e9, 1}},
		{"T", scale{1e12, 1}}, {"P", scale{1e15, 1}}, {"E", scale{1e18, 1}},
	}
	submultiples = []prefix{
		{"m", scale{1, 1e3}}, {"µ", scale{1, 1e6}}, {"μ", scale{1, 1e6}}, {"u", scale{1, 1e6}},
		{"n", scale{1, 1e9}}, {"p", scale{1, 1e12}}, {"f", scale{1, 1e15}},
	}
	small = []prefix{{"h", scale{100, 1}}, {"da", scale{10, 1}}, {"d", scale{1, 10}}, {"c", scale{1, 100}}}

	anyPrefix = append(append(append([]prefix{}, multiples...), submultiples...), small...)
	upToGiga  = multiples[:3]
	noPrefix  []prefix
)

// symbol is a unit's own symbol and the prefixes it takes.
type symbol struct {
	name     string
	prefixes []prefix
	unit     Unit
}

// si is the unit of scale numerator/denominator and the powers of m, kg, s, A, K, mol,
// cd and rad.
func si(numerator, denominator float64, powers base) Unit {
	return Unit{scale: scale{numerator, denominator}, dimension: dimension{base: powers}}
}

func (u Unit) of(name string) Unit {
	u.dimension.customs = []custom{{name, 1}}
	return u
}

var (
	energy = base{2, 1, -2}
	power  = base{2, 1, -3}
	volume = base{3}
	angle  = base{0, 0, 0, 0, 0, 0, 0, 1}

	watt    = si(1, 1, power)
	joule   = si(1, 1, energy)
	hours   = si(3600, 1, base{0, 0, 1})
	degrees = si(math.Pi, 180, angle)
	euro    = si(1, 1, base{}).of(money)
	ohm     = si(1, 1, base{2, 1, -3, -2})
	celsius = Unit{scale: scale{1, 1}, offset: 273.15, dimension: dimension{base: base{0, 0, 0, 0, 1}}}
)

// symbols are the units known by name. Where a word can be read as a symbol by itself
// and as a prefix with another, as min, cd and ct can, it is the symbol.
var symbols = []symbol{
	{"W", anyPrefix, watt},
	{"Wp", anyPrefix, watt},
	{"Wh", anyPrefix, watt.times(hours)},
	{"J", anyPrefix, joule},
	{"var", anyPrefix, watt.of(reactive)},
	{"varh", anyPrefix, watt.of(reactive).times(hours)},
	{"VA", anyPrefix, watt.of(apparent)},
	{"VAh", anyPrefix, watt.of(apparent).times(hours)},
	{"V", anyPrefix, si(1, 1, base{2, 1, -3, -1})},
	{"A", anyPrefix, si(1, 1, base{0, 0, 0, 1})},
	{"Ah", anyPrefix, si(3600, 1, base{0, 0, 1, 1})},
	{"ohm", anyPrefix, ohm},
	{"Ω", anyPrefix, ohm}, // Greek capital omega
	{"Ω", anyPrefix, ohm}, // the ohm sign, U+2126
	{"Hz", anyPrefix, si(1, 1, base{0, 0, -1})},
	{"m", anyPrefix, si(1, 1, base{1})},
	{"g", anyPrefix, si(1, 1000, base{0, 1})},
	{"t", upToGiga, si(1000, 1, base{0, 1})},
	{"l", anyPrefix, si(1, 1000, volume)},
	{"L", anyPrefix, si(1, 1000, volume)},
	{"s", submultiples, si(1, 1, base{0, 0, 1})},
	{"min", noPrefix, si(60, 1, base{0, 0, 1})},
	{"h", noPrefix, hours},
	{"d", noPrefix, si(86400, 1, base{0, 0, 1})},
	{"K", anyPrefix, si(1, 1, base{0, 0, 0, 0, 1})},
	{"degC", noPrefix, celsius},
	{"°C", noPrefix, celsius},
	{"N", anyPrefix, si(1, 1, base{1, 1, -2})},
	{"Pa", anyPrefix, si(1, 1, base{-1, 1, -2})},
	{"bar", anyPrefix, si(1e5, 1, base{-1, 1, -2})},
	{"mol", anyPrefix, si(1, 1, base{0, 0, 0, 0, 0, 1})},
	{"cd", anyPrefix, si(1, 1, base{0, 0, 0, 0, 0, 0, 1})},
	{"rad", anyPrefix, si(1, 1, angle)},
	{"deg", noPrefix, degrees},
	{"°", noPrefix, degrees},
	{"%", noPrefix, si(1, 100, base{})},
	{"EUR", upToGiga, euro},
	{"ct", noPrefix, si(1, 100, base{}).of(money)},
}

// known holds every symbol with every prefix it takes.
var known = func() map[string]Unit {
	known := map[string]Unit{}
	for _, s := range symbols {
		for _, p := range s.prefixes {
			known[p.symbol+s.name] = Unit{scale: p.scale.times(s.unit.scale), dimension: s.unit.dimension}
		}
	}
	for _, s := range symbols {
		known[s.name] = s.unit
	}
	return known
}()

// lookUp returns the unit of a word: a known one, or the custom unit of that name.
func lookUp(word string) Unit {
	if u, ok := known[word]; ok {
		return u
	}
	return si(1, 1, base{}).of(word)
}

// similar returns the known unit that differs from word in letter case only, the one of
// the larger prefix if there are several (MW for mw), or "".
func similar(word string) string {
	for _, s := range symbols {
		if strings.EqualFold(s.name, word) {
			return s.name
		}
		for _, p := range s.prefixes {
			if strings.EqualFold(p.symbol+s.name, word) {
				return p.symbol + s.name
			}
		}
	}
	return ""
}
