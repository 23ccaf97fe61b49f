package scenarios

import (
	"github.com/simrun/simrun/internal/unit"
	"github.com/simrun/simrun/sim"
)

// initial returns the initial value of a connection, in the unit of its values:
// what has a unit is a number, so it must be one, also with a unit, or null. It is not
// transformed, so the unit is that of the reader then.
func (a *assembly) initial(c *connection, from, to *members) (sim.Value, bool) {
	given := c.options.Initial
	symbol := unitOf(to, c.to.attr)
	if symbol == "" && c.transform == nil {
		symbol = unitOf(from, c.from.attr)
	}
	if symbol == "" || given.IsNull() {
		return given, true
	}
	text, isText := "", false
	if v, err := given.Any(); err == nil {
		text, isText = v.(string)
	}
	if isText {
		x, err := inUnit(text, symbol)
		if err == nil {
			return sim.Float(x), true
		}
		a.bad(c.initial, "", "connect: initial, for %s in %s: %v", c.to.text, symbol, err)
		return given, false
	}
	if _, err := given.Float64(); err != nil {
		a.bad(c.initial, "give a number or null", "connect: initial, for %s in %s: %v", c.to.text, symbol, err)
		return given, false
	}
	return given, true
}

// unitOf returns the unit of an attribute, "" if it is not known.
func unitOf(m *members, name string) string {
	if m.model == nil {
		return ""
	}
	if attr := m.model.Attr(name); attr != nil {
		return attr.Unit
	}
	return ""
}

// inUnit reads a quantity such as 5 kW, and converts it.
func inUnit(text, symbol string) (float64, error) {
	x, from, err := unit.ParseQuantity(text)
	if err != nil {
		return 0, err
	}
	to, err := unit.Parse(symbol)
	if err != nil {
		return 0, err
	}
	conversion, err := unit.Convert(from, to)
	if err != nil {
		return 0, err
	}
	return conversion.Apply(x), nil
}
