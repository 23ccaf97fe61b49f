package unit_test

import (
	"fmt"
	"math"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/simrun/simrun/internal/unit"
)

func parse(t require.TestingT, text string) unit.Unit {
	u, err := unit.Parse(text)
	require.NoError(t, err)
	return u
}

func TestConvert(t *testing.T) {
	for _, c := range []struct {
		x    float64
		from string
		want float64
		to   string
	}{
		{1, "kW", 1000, "W"},
		{1, "W", 1, "J/s"},
		{1, "kWp", 1000, "W"},
		{1, "MWp/kWh", 1000, "kW/kWh"},
		{1, "W", 1, "V*A"},
		{1, "V", 1, "kg m2 s-3 A-1"},
		{1, "ohm", 1, "V/A"},
		{1, "kΩ", 1000, "Ω"},
		{1, "MWh", 3.6e9, "J"},
		{1, "kWh", 3.6, "MJ"},
		{1, "kWh", 1, "kW h"},
		{250, "Wh", 0.25, "kWh"},
		{2, "Mvar", 2000, "kvar"},
		{2, "kVA", 2000, "VA"},
		{1, "kvarh", 1, "kvar*h"},
		{3.6, "Ah", 12960, "A*s"},
		{50, "Hz", 50, "1/s"},
		{50, "Hz", 50, "s-1"},
		{20, "degC", 293.15, "K"},
		{293.15, "K", 20, "°C"},
		{-5, "°C", -5, "degC"},
		{300, "mK", 300e-3, "K"},
		{3, "W/degC", 3, "W/K"},
		{3, "degC/h", 3, "K/h"},
		{1, "bar", 1e5, "Pa"},
		{1013.25, "hPa", 1013.25, "mbar"},
		{1, "N/m^2", 1, "Pa"},
		{1, "m3", 1000, "l"},
		{1, "hl", 100, "L"},
		{3.6, "m3/h", 60, "l/min"},
		{1, "cm2", 1e-4, "m2"},
		{1, "m²", 1, "m2"},
		{1, "s⁻²", 1, "s^-2"},
		{36, "km/h", 10, "m/s"},
		{1, "d", 1440, "min"},
		{4.8, "kWh/m2/d", 200, "W/m2"},
		{1000, "W/m2", 1, "kW/m2"},
		{25, "%", 0.25, "1"},
		{180, "deg", math.Pi, "rad"},
		{90, "°", math.Pi / 2, "rad"},
		{1, "t", 1000, "kg"},
		{1, "g", 1e-3, "kg"},
		{1, "kt", 1e9, "g"},
		{50, "EUR/MWh", 5, "ct/kWh"},
		{2, "kEUR", 2000, "EUR"},
		{1, "µs", 1e-6, "s"}, // micro sign
		{1, "μs", 1, "us"},   // Greek letter
		{1, "W/(m2 K)", 1, "W/m2/K"},
		{1, "1/(m·s)", 1, "m-1 s-1"},
		{1, "(m/s)2", 1, "m2/s2"},
		{7, "veh/min", 420, "veh/h"},
		{7, "MWh/a", 7000, "kWh/a"},
	} {
		t.Run(c.from+" to "+c.to, func(t *testing.T) {
			conversion, err := unit.Convert(parse(t, c.from), parse(t, c.to))
			require.NoError(t, err)
			require.InEpsilon(t, c.want, conversion.Apply(c.x), 1e-14)
		})
	}
}

// Conversions between prefixes and between common units of time are exact, so that
// 250 Wh are 0.25 kWh and not nearly so.
func TestConvertRoundsOnce(t *testing.T) {
	for _, c := range []struct {
		from, to string
		factor   float64
	}{
		{"W", "kW", 0.001}, {"mW", "W", 0.001}, {"W", "mW", 1000}, {"um", "m", 1e-6}, {"m", "um", 1e6},
		{"nm", "km", 1e-12}, {"J", "kWh", 1 / 3.6e6}, {"m3/h", "l/min", 1000.0 / 60}, {"kWh", "kWh", 1},
		{"ct/kWh", "EUR/MWh", 10},
	} {
		conversion, err := unit.Convert(parse(t, c.from), parse(t, c.to))
		require.NoError(t, err)
		require.Equal(t, unit.Conversion{Factor: c.factor}, conversion, "%s to %s", c.from, c.to)
	}
}

func TestConvertRefuses(t *testing.T) {
	const advice = "; give what measures the same, or correct one of the units"
	for _, c := range []struct{ from, to, want string }{
		{"kW", "kWh", "power is not energy" + advice},
		{"W/m2", "W", "power per area is not power" + advice},
		{"kvar", "kW", "reactive power is not active power" + advice},
		{"MW", "MVA", "active power is not apparent power" + advice},
		{"var", "VA", "reactive power is not apparent power" + advice},
		{"kWh", "kvarh", "active energy is not reactive energy" + advice},
		{"var", "J", "reactive power is not energy" + advice},
		{"deg", "1", "plane angle is not a pure number" + advice},
		{"rad/s", "Hz", "angular velocity is not frequency" + advice},
		{"EUR/MWh", "EUR", "price of energy is not money" + advice},
		{"degC", "W", "temperature is not power" + advice},
		{"m7/s", "var2", "m7 s-1 is not (reactive power)2 m4 kg2 s-6" + advice},
		{"KWh", "kWh", `KWh is not energy; "KWh" is not a known unit, so it equals only itself (did you mean kWh?)`},
		{"MW", "mw", `power is not mw; "mw" is not a known unit, so it equals only itself (did you mean MW?)`},
		{
			"veh/h", "USD/h", `veh s-1 is not USD s-1; "veh" is not a known unit, so it equals only itself; ` +
				`"USD" is not a known unit, so it equals only itself`,
		},
	} {
		t.Run(c.from+" to "+c.to, func(t *testing.T) {
			_, err := unit.Convert(parse(t, c.from), parse(t, c.to))
			require.EqualError(t, err, fmt.Sprintf("cannot convert %s to %s: %s", c.from, c.to, c.want))
		})
	}

	_, err := unit.Convert(unit.Unit{}, parse(t, "W"))
	require.EqualError(t, err, "cannot convert: a value without a unit; give it one, 1 for a pure number")
}

func TestDimension(t *testing.T) {
	for text, want := range map[string]string{
		"kWh/m2/d": "power per area", "W/(m2 K)": "heat transfer coefficient", "m3/h": "volume flow", "kW": "power",
		"%": "a pure number", "kg/m3": "density", "kVAh": "apparent energy", "ct/kWh": "price of energy",
		"m/m": "a pure number", "veh/veh": "a pure number", "veh2": "veh2", "lmao": "lmao", "EUR/m4": "EUR m-4",
		"degC": "temperature", "bar": "pressure", "V": "voltage",
	} {
		require.Equal(t, want, parse(t, text).Dimension(), text)
	}
}

func TestSymbolsThatLookLikePrefixes(t *testing.T) {
	for text, same := range map[string]string{
		"min": "60 s", "cd": "1 cd", "mol": "1 mol", "Pa": "1 N/m2", "ct": "0.01 EUR", "d": "24 h", "dm": "0.1 m", "dam": "10 m",
		"h": "3600 s", "hm": "100 m", "mm": "1e-3 m", "Mm": "1e6 m", "m": "1 m", "T": "1 T", "var": "1 var", "mbar": "100 Pa",
		"kg": "1000 g",
	} {
		want, of, err := unit.ParseQuantity(same)
		require.NoError(t, err)
		conversion, err := unit.Convert(parse(t, text), of)
		require.NoError(t, err, text)
		require.InEpsilon(t, want, conversion.Apply(1), 1e-15, text)
	}
}

func TestParseRefuses(t *testing.T) {
	for text, want := range map[string]string{
		"":                      "is empty; write 1 for a pure number",
		"  ":                    "is empty; write 1 for a pure number",
		"W/":                    "ends where a unit should follow",
		"/h":                    "unexpected '/' where a unit should be",
		"W//m2":                 "unexpected '/' where a unit should be",
		"W/m2 K":                "has a product after a quotient; use parentheses, as in W/(m2 K)",
		"W/m2*K":                "has a product after a quotient; use parentheses, as in W/(m2 K)",
		"(m":                    "a parenthesis is not closed",
		"m)":                    "unexpected ')'",
		"m2s":                   "unexpected 's'",
		"m-":                    "has an exponent without a digit",
		"m^":                    "has an exponent without a digit",
		"m0":                    "has an exponent that is not from 1 to 9",
		"m12":                   "has an exponent that is not from 1 to 9",
		"12":                    "unexpected '2'",
		"2 m":                   "unexpected '2' where a unit should be",
		"m\n":                   "",
		"m\x00":                 `unexpected '\x00'`,
		"m\xff":                 "is not valid UTF-8",
		"€":                     "unexpected '€' where a unit should be",
		"Em5":                   "is too large or too small to compute with",
		"fm9 fm9 fm9":           "is too large or too small to compute with",
		strings.Repeat("m", 81): "is longer than 80 bytes",
	} {
		_, err := unit.Parse(text)
		if want == "" {
			require.NoError(t, err)
			continue
		}
		require.ErrorContains(t, err, want, "%q", text)
		require.ErrorContains(t, err, "unit \"", "%q", text)
	}
}

func TestParseQuantity(t *testing.T) {
	for _, c := range []struct {
		text  string
		value float64
		unit  string
	}{
		{"30 m2", 30, "m2"},
		{"30m2", 30, "m2"},
		{" -5.5 degC ", -5.5, "degC"},
		{"+.5 kW", 0.5, "kW"},
		{"5. kW", 5, "kW"},
		{"1e3 W", 1000, "W"},
		{"1E-3W", 0.001, "W"},
		{"3 EUR", 3, "EUR"},
		{"3EUR", 3, "EUR"},
		{"2eV", 2, "eV"},
		{"12.5%", 12.5, "%"},
		{"7", 7, "1"},
		{"7 1", 7, "1"},
		{"7/h", 7, "1/h"},
		{"7 / h", 7, "1/ h"},
		{"0 W", 0, "W"},
	} {
		value, u, err := unit.ParseQuantity(c.text)
		require.NoError(t, err, c.text)
		require.Equal(t, c.value, value, c.text)
		require.Equal(t, c.unit, u.String(), c.text)
	}

	for text, want := range map[string]string{
		"":        `quantity "": does not start with a number; write it like "30 m2"`,
		"kW":      `quantity "kW": does not start with a number; write it like "30 m2"`,
		"NaN W":   `quantity "NaN W": does not start with a number; write it like "30 m2"`,
		"-":       `quantity "-": does not start with a number; write it like "30 m2"`,
		".":       `quantity ".": does not start with a number; write it like "30 m2"`,
		"1e999 W": `quantity "1e999 W": the number is out of range`,
		"3 4 W":   `quantity "3 4 W": unexpected '4' where a unit should be`,
		"1,5 kW":  `quantity "1,5 kW": unexpected ',' where a unit should be`,
		"1 W)":    `quantity "1 W)": unexpected ')'`,
	} {
		_, _, err := unit.ParseQuantity(text)
		require.EqualError(t, err, want)
	}
}

// Converting there and back gives the value, and via a third unit the same as directly.
func TestConversionsCompose(t *testing.T) {
	families := [][]string{
		{"W", "kW", "MW", "mW", "J/s", "kWh/d", "V*A", "N m/s"},
		{"kWh", "J", "MJ", "Wh", "W*s", "GWh"},
		{"W/m2", "kWh/m2/d", "J/(s m2)", "uW/cm2"},
		{"K", "degC", "mK", "°C", "kK"},
		{"m3/h", "l/min", "l/s", "hl/d"},
		{"EUR/MWh", "ct/kWh", "kEUR/GWh", "EUR/J"},
		{"deg", "rad", "mrad", "°"},
		{"%", "1", "m/km"},
		{"veh/h", "veh/min", "veh/d"},
	}
	rapid.Check(t, func(t *rapid.T) {
		family := rapid.SampledFrom(families).Draw(t, "family")
		member := rapid.SampledFrom(family)
		a, b, c := parse(t, member.Draw(t, "a")), parse(t, member.Draw(t, "b")), parse(t, member.Draw(t, "c"))
		x := rapid.Float64Range(-1e6, 1e6).Draw(t, "x")

		convert := func(x float64, from, to unit.Unit) float64 {
			conversion, err := unit.Convert(from, to)
			require.NoError(t, err)
			return conversion.Apply(x)
		}
		// The offset of degC costs absolute precision, that of some 273.15 K, given here in a.
		toA, err := unit.Convert(parse(t, family[0]), a)
		require.NoError(t, err)
		tolerance := 1e-15 * (math.Abs(x) + 273.15*toA.Factor) * 4
		require.InDelta(t, x, convert(convert(x, a, b), b, a), tolerance)
		require.InDelta(t, x, convert(convert(convert(x, a, c), c, b), b, a), 2*tolerance)
		require.Equal(t, x, convert(x, a, a))
	})
}

func FuzzParse(f *testing.F) {
	for _, seed := range []string{
		"kWh/m2/d", "W/(m2 K)", "1/s", "°C", "m^-2", "s⁻²", "%", "((m))2", "EUR/MWh", "veh·km", "m9 m9", "12", "\xff", "",
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		u, err := unit.Parse(text)
		if err != nil {
			require.Equal(t, unit.Unit{}, u)
			return
		}
		require.LessOrEqual(t, len(u.String()), 80)
		require.NotEmpty(t, u.Dimension())
		again := parse(t, u.String())
		require.Equal(t, u, again)
		identity, err := unit.Convert(u, again)
		require.NoError(t, err)
		require.Equal(t, unit.Conversion{Factor: 1}, identity)
	})
}

func FuzzParseQuantity(f *testing.F) {
	for _, seed := range []string{"30 m2", "-5degC", "1e3/h", "3eV", "12.5%", "7", ".", "1e999", "+", "0x1p4 W", "1_000 W"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		value, u, err := unit.ParseQuantity(text)
		if err != nil {
			return
		}
		require.False(t, math.IsNaN(value) || math.IsInf(value, 0))
		again, same, err := unit.ParseQuantity(fmt.Sprintf("%v %s", value, u))
		require.NoError(t, err)
		require.Equal(t, value, again)
		require.Equal(t, u, same)
	})
}

func ExampleConvert() {
	from, _ := unit.Parse("m3/h")
	to, _ := unit.Parse("l/min")
	flow, _ := unit.Convert(from, to)
	fmt.Printf("%.0f %s\n", flow.Apply(3.6), to)

	power, _ := unit.Parse("kW")
	energy, _ := unit.Parse("kWh")
	_, err := unit.Convert(power, energy)
	fmt.Println(err)
	// Output:
	// 60 l/min
	// cannot convert kW to kWh: power is not energy; give what measures the same, or correct one of the units
}
