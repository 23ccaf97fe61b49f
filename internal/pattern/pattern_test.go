package pattern_test

import (
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/simrun/simrun/internal/pattern"
)

func TestMatches(t *testing.T) {
	for text, want := range map[string]bool{
		"home[3].power": true, "home[*].power": true, "home[3]": true, "home*": true, "*.power": true, "*": true, "home": true,
		"h*": true, "h*r": true, "*home*power*": true, "home[3].*": true, "home[3].p*r": true, "*[3].power": true, "**": true,
		"home[0..3].power": true, "home[3..3]": true, "home[ 2 .. 4 ].p*": true, "h*[2..4].p*": true, "*[0..9]": true,
		"home[2].power": false, "power": false, "home[?].power": false, "ho": false, "Home*": false, "": false,
		"home.power": false, "home[4..9].power": false, "home[0..2]": false, "home[4..3]": false, "home[0..-1]": false,
		"home[3]*watt": false, "home[0..99999999999999999999].power": false,
	} {
		assert.Equal(t, want, pattern.New(text).Matches("home[3]", "power"), text)
	}
}

func TestMatchesOtherNames(t *testing.T) {
	assert.True(t, pattern.New("grid/*").Matches("grid/bus", "V"))
	assert.True(t, pattern.New("pv.PV-3").Matches("pv.PV-3", "power"))
	assert.True(t, pattern.New("pv[*].P[MW]").Matches("pv[0]", "P[MW]"))
	assert.True(t, pattern.New("pv.P[0..2]").Matches("pv", "P[0..2]"))
	assert.False(t, pattern.New("pv.P[MW]").Matches("pv", "PM"))
	assert.True(t, pattern.New("battery").Matches("battery", "soc"))
	assert.False(t, pattern.New("battery[0..3]").Matches("battery", "soc"))
	assert.False(t, pattern.New("x").Matches("x[-1]", "y"))
	assert.True(t, pattern.New("x[]").Matches("x[]", "y"))
}

func TestEmpty(t *testing.T) {
	for text, want := range map[string]bool{"h*[0..-1].power": true, "home[3..2]": true, "home[3..1]": false, "home[0..0]": false, "home": false, "": false} {
		assert.Equal(t, want, pattern.New(text).Empty(), text)
	}
}

func TestMayMean(t *testing.T) {
	for text, want := range map[string]bool{
		"house": true, "house.P": true, "house[*].P": true, "house[0..2].P": true, "h*": true, "*": true, "*.P": true, "h*P": true, "*[3]": true, "h*[0..2].P": true,
		"home": false, "hous": false, "house2": false, "x*": false, "g*[0..2].P": false, "[0..2]": false, "": false,
	} {
		assert.Equal(t, want, pattern.New(text).MayMean("house"), text)
	}
}

// What matches is what a regular expression matches in which a star is written ".*".
func FuzzMatch(f *testing.F) {
	f.Add("h*[3].p*r", "home[3].power")
	f.Add("*a*b*", "ab")
	f.Add("a*a*a*a", "aaa")
	f.Fuzz(func(t *testing.T, text, name string) {
		parts := strings.Split(text, "*")
		for i := range parts {
			parts[i] = regexp.QuoteMeta(parts[i])
		}
		form, err := regexp.Compile("(?s)^" + strings.Join(parts, ".*") + "$")
		if err != nil {
			t.Skip() // not UTF-8
		}
		require.Equal(t, form.MatchString(name), pattern.Match(text, name), "%q %q", text, name)
	})
}

// Whatever means something of a group may mean something of it.
func FuzzMayMean(f *testing.F) {
	f.Add("h*[0..2].p*", "home", uint8(1), "power")
	f.Add("*r", "home", uint8(0), "power")
	f.Fuzz(func(t *testing.T, text, group string, index uint8, attr string) {
		if strings.ContainsAny(group, ".[]") {
			t.Skip()
		}
		p := pattern.New(text)
		for _, entity := range []string{group, group + "[" + string('0'+rune(index%10)) + "]"} {
			if p.Matches(entity, attr) {
				require.True(t, p.MayMean(group), "%q %q", entity, attr)
			}
		}
	})
}
