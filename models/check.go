package models

import (
	"errors"
	"fmt"
	"math"
)

// bounds collects what is wrong with the parameters of an entity, so that all
// of it is reported together.
type bounds struct{ errs []error }

// within demands low <= value <= high. Limits that exclude everything have been
// reported themselves.
func (b *bounds) within(name string, value, low, high float64, unit string) {
	if low > high {
		return
	}
	if !(value >= low && value <= high) { // also NaN
		b.fail("parameter %s = %v is out of range; give %v to %v%s", name, value, low, high, withUnit(unit))
	}
}

// atLeast demands a finite value >= low.
func (b *bounds) atLeast(name string, value, low float64, unit string) {
	if !(value >= low) || math.IsInf(value, 0) {
		b.fail("parameter %s = %v is out of range; give %v%s or more", name, value, low, withUnit(unit))
	}
}

// above demands a finite value > low.
func (b *bounds) above(name string, value, low float64, unit string) {
	if !(value > low) || math.IsInf(value, 0) {
		b.fail("parameter %s = %v is out of range; give more than %v%s", name, value, low, withUnit(unit))
	}
}

func (b *bounds) fail(format string, args ...any) {
	b.errs = append(b.errs, fmt.Errorf(format, args...))
}

func (b *bounds) err() error { return errors.Join(b.errs...) }

func withUnit(unit string) string {
	if unit == "" || unit == "1" {
		return ""
	}
	return " " + unit
}
