package ui

import (
	"math"
	"os"
	"regexp"
	"strconv"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// deficiencies are how colours look, in linear light, to people who lack one kind of cones:
// G. M. Machado, M. M. Oliveira, L. A. F. Fernandes, A physiologically-based model for
// simulation of color vision deficiency, IEEE TVCG 15(6), 2009, severity 1.
var deficiencies = map[string][3][3]float64{
	"none":         {{1, 0, 0}, {0, 1, 0}, {0, 0, 1}},
	"protanopia":   {{0.152286, 1.052583, -0.204868}, {0.114503, 0.786281, 0.099216}, {-0.003882, -0.048116, 1.051998}},
	"deuteranopia": {{0.367322, 0.860646, -0.227968}, {0.280085, 0.672501, 0.047413}, {-0.011820, 0.042940, 0.968881}},
	"tritanopia":   {{1.255528, -0.076749, -0.178779}, {-0.078411, 0.930809, 0.147602}, {0.004733, 0.691367, 0.303900}},
}

type vector [3]float64

func (v vector) times(m [3][3]float64) (w vector) {
	for i, row := range m {
		for k, x := range row {
			w[i] += x * v[k]
		}
	}
	return w
}

// linear reads a colour such as #1f6feb.
func linear(t *testing.T, text string) (v vector) {
	for i := range v {
		n, err := strconv.ParseUint(text[1+2*i:3+2*i], 16, 8)
		require.NoError(t, err)
		if x := float64(n) / 255; x <= 0.04045 {
			v[i] = x / 12.92
		} else {
			v[i] = math.Pow((x+0.055)/1.055, 2.4)
		}
	}
	return v
}

func (v vector) luminance() float64 { return 0.2126*v[0] + 0.7152*v[1] + 0.0722*v[2] }

// lab is the colour in CIE L*a*b*, where distances are as people see them.
func (v vector) lab() vector {
	for i := range v {
		v[i] = max(0, min(1, v[i]))
	}
	xyz := v.times([3][3]float64{{0.4124, 0.3576, 0.1805}, {0.2126, 0.7152, 0.0722}, {0.0193, 0.1192, 0.9505}})
	for i, white := range [...]float64{0.9505, 1, 1.089} {
		if xyz[i] /= white; xyz[i] > 0.008856 {
			xyz[i] = math.Cbrt(xyz[i])
		} else {
			xyz[i] = 7.787*xyz[i] + 16.0/116
		}
	}
	return vector{116*xyz[1] - 16, 500 * (xyz[0] - xyz[1]), 200 * (xyz[1] - xyz[2])}
}

func distance(a, b vector) float64 {
	return math.Hypot(math.Hypot(a[0]-b[0], a[1]-b[1]), a[2]-b[2])
}

// Series can be told apart by people who do not see all colours, and from the card that they
// are drawn on (3:1, WCAG 1.4.11), in the light scheme and in the dark one.
func TestColorsOfSeries(t *testing.T) {
	css, err := os.ReadFile("page/app.css")
	require.NoError(t, err)
	cards := regexp.MustCompile(`--card: (#[0-9a-f]{3,6});`).FindAllStringSubmatch(string(css), -1)
	colors := regexp.MustCompile(`--c[0-7]: (#[0-9a-f]{6});`).FindAllStringSubmatch(string(css), -1)
	require.Len(t, cards, 2)
	require.Len(t, colors, 16)
	require.Equal(t, "#fff", cards[0][1])
	cards[0][1] = "#ffffff"
	for scheme, card := range cards {
		background := linear(t, card[1]).luminance()
		of := colors[8*scheme : 8*scheme+8]
		for i, a := range of {
			light := linear(t, a[1]).luminance()
			assert.GreaterOrEqual(t, (max(light, background)+0.05)/(min(light, background)+0.05), 3.0, a[0])
			for name, m := range deficiencies {
				for _, b := range of[:i] {
					far := distance(linear(t, a[1]).times(m).lab(), linear(t, b[1]).times(m).lab())
					assert.Greater(t, far, 15.0, "%s and %s with %s", a[0], b[0], name)
				}
			}
		}
	}
}
