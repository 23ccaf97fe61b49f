package unit

import (
	"fmt"
	"slices"
	"strings"
)

// base counts the powers of m, kg, s, A, K, mol, cd and rad.
type base [8]int

var baseSymbols = [len(base{})]string{"m", "kg", "s", "A", "K", "mol", "cd", "rad"}

// custom is a power of a dimension outside the SI: money, reactive or apparent power,
// or a word that is not known here.
type custom struct {
	name  string
	power int
}

// Names of the custom dimensions that come with this package. A word in a unit is never
// taken for one of them: it holds no space, and EUR is a known symbol.
const (
	reactive = "reactive power"
	apparent = "apparent power"
	money    = "EUR"
)

type dimension struct {
	base    base
	customs []custom // sorted by name, no power is zero
}

func (d dimension) equal(e dimension) bool {
	return d.base == e.base && slices.Equal(d.customs, e.customs)
}

// plus returns the dimension of the product of a unit of d and the sign-th power of a
// unit of e.
func (d dimension) plus(e dimension, sign int) dimension {
	for i := range d.base {
		d.base[i] += sign * e.base[i]
	}
	customs := slices.Clone(d.customs)
	for _, c := range e.customs {
		i, found := slices.BinarySearchFunc(customs, c.name, func(c custom, name string) int {
			return strings.Compare(c.name, name)
		})
		if !found {
			customs = slices.Insert(customs, i, custom{name: c.name})
		}
		customs[i].power += sign * c.power
	}
	d.customs = slices.DeleteFunc(customs, func(c custom) bool { return c.power == 0 })
	return d
}

// names of the quantities that are told apart in messages.
var names = map[base]string{
	{}:                        "a pure number",
	{1}:                       "length",
	{2}:                       "area",
	{3}:                       "volume",
	{0, 1}:                    "mass",
	{0, 0, 1}:                 "time",
	{0, 0, 0, 1}:              "electric current",
	{0, 0, 0, 0, 1}:           "temperature",
	{0, 0, 0, 0, 0, 1}:        "amount of substance",
	{0, 0, 0, 0, 0, 0, 1}:     "luminous intensity",
	{0, 0, 0, 0, 0, 0, 0, 1}:  "plane angle",
	{0, 0, -1, 0, 0, 0, 0, 1}: "angular velocity",
	{0, 0, -1}:                "frequency",
	{1, 0, -1}:                "velocity",
	{1, 0, -2}:                "acceleration",
	{3, 0, -1}:                "volume flow",
	{0, 1, -1}:                "mass flow",
	{-3, 1}:                   "density",
	{1, 1, -2}:                "force",
	{-1, 1, -2}:               "pressure",
	{2, 1, -2}:                "energy",
	{2, 1, -3}:                "power",
	{0, 1, -3}:                "power per area",
	{0, 1, -2}:                "energy per area",
	{-1, 1, -3}:               "power per volume",
	{0, 1, -3, 0, -1}:         "heat transfer coefficient",
	{2, 1, -3, 0, -1}:         "thermal conductance",
	{1, 1, -3, 0, -1}:         "thermal conductivity",
	{2, 1, -2, 0, -1}:         "heat capacity",
	{2, 0, -2, 0, -1}:         "specific heat capacity",
	{2, 0, -2}:                "specific energy",
	{2, 1, -3, -1}:            "voltage",
	{2, 1, -3, -2}:            "electric resistance",
	{0, 0, 1, 1}:              "electric charge",
	{2, 1, -4}:                "rate of change of power",
	{0, 0, -1, 0, 1}:          "rate of change of temperature",
}

// customNames are the quantities of this package's own dimensions.
var customNames = map[string]map[base]string{
	reactive: {{2, 1, -3}: "reactive power", {2, 1, -2}: "reactive energy"},
	apparent: {{2, 1, -3}: "apparent power", {2, 1, -2}: "apparent energy"},
	money: {
		{}:          "money",
		{-2, -1, 2}: "price of energy",
		{-2, -1, 3}: "price of power",
		{0, 0, -1}:  "money per time",
		{0, -1}:     "price of mass",
		{-3}:        "price of volume",
	},
}

func (d dimension) name() string {
	known := names[d.base]
	switch {
	case len(d.customs) == 1 && d.customs[0].power == 1:
		known = customNames[d.customs[0].name][d.base]
	case len(d.customs) > 0:
		known = ""
	}
	if known != "" {
		return known
	}
	return d.product()
}

// product spells the dimension out, such as m2 kg s-3.
func (d dimension) product() string {
	var factors []string
	add := func(symbol string, power int) {
		switch power {
		case 0:
		case 1:
			factors = append(factors, symbol)
		default:
			factors = append(factors, fmt.Sprintf("%s%d", symbol, power))
		}
	}
	for _, c := range d.customs {
		switch c.name {
		case reactive, apparent:
			add("("+c.name+")", c.power)
		default:
			add(c.name, c.power)
		}
	}
	for i, power := range d.base {
		add(baseSymbols[i], power)
	}
	return strings.Join(factors, " ")
}
