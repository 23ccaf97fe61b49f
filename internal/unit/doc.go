// Package unit reads units of measurement and converts values between them.
//
// # Model
//
// A [Unit] is a symbol such as kW, kWh/m2/d or degC. It has a dimension (which kind
// of quantity it measures) and a scale (how much of it). Two units of one dimension
// convert into each other by a [Conversion], y = x*Factor + Offset; others are refused.
//
//	from, err := unit.Parse("m3/h")
//	to, err := unit.Parse("l/min")
//	c, err := unit.Convert(from, to)
//	c.Apply(3.6) // 60
//
// A dimension is the vector of powers of the seven SI base units (m, kg, s, A, K, mol,
// cd; SI Brochure, 9th ed., section 2.3) and of the plane angle rad, which the SI takes
// for a pure number and we do not, so that degrees are not mistaken for one.
//
// # Notation
//
//	unit     = product { "/" factor }
//	product  = factor { ( "*" | "·" | " " ) factor }
//	factor   = "1" | ( symbol | "(" unit ")" ) [ exponent ]
//	exponent = [ "^" ] [ "-" ] digit | superscripts
//
// So m2, m^2 and m² are one unit, as are 1/s, s-1 and s^-1. A product after a quotient is
// refused unless it has parentheses, W/(m2 K), since readers disagree about W/m2 K.
//
// # Symbols
//
//	with any SI prefix, f to E   m g W Wp Wh J V A Ah var varh VA VAh Hz N K Pa bar l L mol cd rad ohm Ω
//	s                            with f p n µ m
//	t (tonne), EUR               with k M G
//	alone                        min h d (24 h) % 1 deg ° degC °C ct (0.01 EUR)
//
// The prefix micro is u, µ or μ. Letter case matters: mW is not MW.
//
// Any other word, with letters, _ and °, is a custom unit: it stands for itself,
// measures a quantity of its own and equals only the same word. So veh/h converts to veh/s, and
// a misspelt kWH is refused as soon as it meets kWh.
//
// # Decisions
//
// W, var and VA are one dimension in the SI. Here active, reactive and apparent power are
// three, as are the energies Wh, varh and VAh, because adding them up is a modelling error.
//
// Wp, the watt-peak of photovoltaic modules, is the watt: peak is said of the
// quantity, not of the unit (SI Brochure, section 5.4.2), but data sheets do.
//
// EUR is a dimension too. There are no exchange rates: other currencies are custom units.
//
// degC by itself is a point on the Celsius scale: 20 degC is 293.15 K. As part of a larger
// unit it is a difference: W/degC is W/K. A difference by itself is given in K.
//
// # Concurrency
//
// All functions and methods are pure and may be called concurrently.
package unit
