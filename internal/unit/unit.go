package unit

import "errors"

// A Unit is a unit of measurement. It is an immutable value, made by [Parse]. The zero
// Unit is no unit at all: it converts to nothing.
type Unit struct {
	symbol    string // as it was written
	scale     scale
	offset    float64 // of the zero point, in SI base units; only degC has one
	dimension dimension
}

// String returns the unit as it was written, without surrounding space.
func (u Unit) String() string { return u.symbol }

// Dimension names what the unit measures, such as "power". Where the quantity has no
// common name it is a product of base units, such as "m2 kg s-1".
func (u Unit) Dimension() string { return u.dimension.name() }

// scale is a positive ratio. SI prefixes and hours are ratios of integers: kept as
// such, a conversion between them is rounded once.
type scale struct{ numerator, denominator float64 }

func (s scale) times(t scale) scale {
	return scale{s.numerator * t.numerator, s.denominator * t.denominator}
}

func (s scale) inverse() scale { return scale{s.denominator, s.numerator} }

func (s scale) value() float64 { return s.numerator / s.denominator }

// usable is false if s is too large or too small to compute with. The bounds are such
// that the factor between any two usable scales is finite and not zero.
func (s scale) usable() bool {
	const largest, smallest = 1e75, 1e-75
	inside := func(x float64) bool { return x > smallest && x < largest }
	return inside(s.numerator) && inside(s.denominator)
}

func (u Unit) times(v Unit) Unit {
	return Unit{scale: u.scale.times(v.scale), dimension: u.dimension.plus(v.dimension, 1)}
}

func (u Unit) over(v Unit) Unit {
	return Unit{scale: u.scale.times(v.scale.inverse()), dimension: u.dimension.plus(v.dimension, -1)}
}

func (u Unit) power(exponent int) Unit {
	result := one
	for range max(exponent, -exponent) {
		if exponent > 0 {
			result = result.times(u)
		} else {
			result = result.over(u)
		}
	}
	return result
}

var one = Unit{scale: scale{1, 1}}

// A Conversion turns a value in one unit into the value in another.
type Conversion struct {
	Factor float64 // units of the target for one unit of the source
	Offset float64 // in units of the target; not zero only for temperatures
}

// Apply returns x*Factor + Offset, rounded after each operation, so that all machines
// agree on the result.
func (c Conversion) Apply(x float64) float64 {
	// The explicit conversion forbids the compiler to fuse the two operations.
	return float64(x*c.Factor) + c.Offset
}

// Convert returns the conversion of values in from into values in to. It fails if the
// two do not measure the same quantity; the error names both.
func Convert(from, to Unit) (Conversion, error) {
	if from.symbol == "" || to.symbol == "" {
		return Conversion{}, errors.New("cannot convert: a value without a unit; give it one, 1 for a pure number")
	}
	if !from.dimension.equal(to.dimension) {
		return Conversion{}, mismatch(from, to)
	}
	return Conversion{
		Factor: from.scale.times(to.scale.inverse()).value(),
		Offset: (from.offset - to.offset) / to.scale.value(),
	}, nil
}
