package plot_test

import (
	"bytes"
	"flag"
	"image"
	"image/png"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/simrun/simrun/internal/plot"
)

var update = flag.Bool("update", false, "rewrite the pictures in testdata; look at them")

// figure has all that there is: a bundle, steps, events, gaps, two panels.
func figure(start time.Time) *plot.Figure {
	const to = 86400.0
	family := func(name string, color int, curves ...func(t float64) float64) plot.Family {
		f := plot.Family{Name: name, Color: color}
		for _, value := range curves {
			c := plot.NewCurve(0, to)
			for t := 0.0; t < to; t += 900 {
				c.Add(plot.Point{T: t, V: value(t)})
			}
			f.Curves = append(f.Curves, c.Points(true))
		}
		return f
	}
	wave := func(height, late float64) func(float64) float64 {
		return func(t float64) float64 { return height * math.Sin((t-late)/to*2*math.Pi) }
	}
	gap := func(t float64) float64 {
		if t > 30000 && t < 40000 {
			return math.NaN()
		}
		return 0.5 + t/to/3
	}
	events := plot.Family{Name: "trips", Events: true, Color: 2, Curves: [][]plot.Point{{{T: 20000, V: 0.2}, {T: 50000, V: 0.9}}}}
	return &plot.Figure{Title: "All kinds", Start: start, To: to, Panels: []plot.Panel{
		{Label: "power (kW)", Families: []plot.Family{family("home[*].power", 0, wave(3, 0), wave(4, 5000), wave(5, 9000)), family("grid.power", 1, wave(9, 20000))}},
		{Label: "soc", Families: []plot.Family{family("battery.soc", 0, gap), events}},
	}}
}

// The pictures are as they were when somebody looked at them, but for what
// processors and fonts do to the edges.
func TestPictures(t *testing.T) {
	for name, start := range map[string]time.Time{"dates": time.Date(2026, 6, 1, 0, 0, 0, 0, time.UTC), "lengths": {}} {
		t.Run(name, func(t *testing.T) {
			f := figure(start)
			var got bytes.Buffer
			require.NoError(t, f.Draw(&got, ".png", plot.Size{Width: 300, Height: 200}))
			path := filepath.Join("testdata", name+".png")
			if *update {
				require.NoError(t, os.WriteFile(path, got.Bytes(), 0o644))
			}
			text, err := os.ReadFile(path)
			require.NoError(t, err)
			want, err := png.Decode(bytes.NewReader(text))
			require.NoError(t, err)
			is, err := png.Decode(&got)
			require.NoError(t, err)
			require.Equal(t, want.Bounds(), is.Bounds())
			assert.Less(t, difference(is, want), 0.005, "rewrite it with -update if it is right")
		})
	}
}

// difference is the share of pixels that are not nearly of one colour.
func difference(a, b image.Image) float64 {
	far := func(x, y uint32) bool { return max(x, y)-min(x, y) > 0x3000 }
	n, all := 0, 0
	for y := a.Bounds().Min.Y; y < a.Bounds().Max.Y; y++ {
		for x := a.Bounds().Min.X; x < a.Bounds().Max.X; x++ {
			r1, g1, b1, _ := a.At(x, y).RGBA()
			r2, g2, b2, _ := b.At(x, y).RGBA()
			if all++; far(r1, r2) || far(g1, g2) || far(b1, b2) {
				n++
			}
		}
	}
	return float64(n) / float64(all)
}

// The comparison above sees a line that is missing.
func TestPicturesThatDiffer(t *testing.T) {
	draw := func(f *plot.Figure) image.Image {
		var b bytes.Buffer
		require.NoError(t, f.Draw(&b, ".png", plot.Size{Width: 300, Height: 200}))
		picture, err := png.Decode(&b)
		require.NoError(t, err)
		return picture
	}
	f := figure(time.Time{})
	whole := draw(f)
	f.Panels[0].Families = f.Panels[0].Families[:1]
	assert.Greater(t, difference(draw(f), whole), 0.005)
}

func TestSVG(t *testing.T) {
	draw := func() string {
		var b bytes.Buffer
		f := figure(time.Date(2026, 6, 1, 0, 0, 0, 0, time.UTC))
		require.NoError(t, f.Draw(&b, ".svg", f.DefaultSize()))
		return b.String()
	}
	text := draw()
	for _, want := range []string{"home[*].power: mean of 3", "grid.power", "battery.soc", "trips", "power (kW)", "All kinds", "12:00", "2 Jun", "2026 (UTC)", "−5", "Arial"} {
		assert.Contains(t, text, want)
	}
	assert.Equal(t, text, draw(), "the same figure is the same picture")
	require.EqualError(t, figure(time.Time{}).Draw(nil, ".gif", plot.Size{Width: 10, Height: 10}), `a picture cannot be a ".gif"; use .svg or .png`)
}

// A figure can be drawn whatever the numbers and the time are.
func TestAnyFigure(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		from := rapid.Float64Range(0, 1e6).Draw(t, "from")
		f := &plot.Figure{From: from, To: from + rapid.SampledFrom([]float64{1e-9, 1e-6, 0.01, 1, 60, 5000, 86400, 1e6, 3e7, 1e9, 9e9}).Draw(t, "span")}
		if rapid.Bool().Draw(t, "dated") {
			f.Start = time.Date(2026, 2, 27, 22, 0, 0, 0, time.UTC)
		}
		c := plot.NewCurve(f.From, f.To)
		at := 0.0
		for _, v := range rapid.SliceOfN(rapid.Float64(), 0, 20).Draw(t, "values") {
			at += rapid.Float64Range(0, f.To/5).Draw(t, "gap")
			c.Add(plot.Point{T: at, V: v})
		}
		f.Panels = []plot.Panel{{Label: "x", Families: []plot.Family{{Name: "y", Curves: [][]plot.Point{c.Points(true)}}}}}
		var b strings.Builder
		if err := f.Draw(&b, ".svg", f.DefaultSize()); err != nil {
			t.Fatal(err)
		}
		if strings.Contains(b.String(), "NaN") {
			t.Fatal("a place that is no number")
		}
	})
}

// However many values there are, few are kept, and among them are the extremes.
func TestCurvesAreSmall(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.IntRange(1, 50_000).Draw(t, "n")
		c := plot.NewCurve(0, float64(n))
		low, high := math.Inf(1), math.Inf(-1)
		seed := rapid.Float64Range(0.1, 3).Draw(t, "seed")
		for i := range n {
			v := math.Sin(float64(i)*float64(i)*seed) * float64(i%17)
			low, high = min(low, v), max(high, v)
			c.Add(plot.Point{T: float64(i), V: v})
		}
		points := c.Points(true)
		gotLow, gotHigh, last := math.Inf(1), math.Inf(-1), -1.0
		for _, p := range points {
			gotLow, gotHigh = min(gotLow, p.V), max(gotHigh, p.V)
			if p.T <= last {
				t.Fatalf("%v after %v", p.T, last)
			}
			last = p.T
		}
		if len(points) > 8100 || gotLow != low || gotHigh != high {
			t.Fatalf("%d points from %v to %v, want %v to %v", len(points), gotLow, gotHigh, low, high)
		}
	})
}

func TestCurvesBeginWithWhatIsValid(t *testing.T) {
	c := plot.NewCurve(10, 20)
	for _, p := range []plot.Point{{5, 1}, {8, 2}, {12, 3}, {20, 4}, {25, 5}} {
		c.Add(p)
	}
	assert.Equal(t, []plot.Point{{10, 2}, {12, 3}}, c.Points(true))
	c = plot.NewCurve(10, 20)
	for _, p := range []plot.Point{{8, 2}, {12, 3}, {20, 4}} {
		c.Add(p)
	}
	assert.Equal(t, []plot.Point{{12, 3}, {20, 4}}, c.Points(false), "events")
}

// Many curves become a range, so that a picture stays small.
func TestManyCurves(t *testing.T) {
	f := plot.Family{Name: "home[*].power"}
	for i := range 500 {
		var points []plot.Point
		for k := range 1000 {
			points = append(points, plot.Point{T: float64(k), V: float64(i) * math.Sin(float64(k)/100)})
		}
		f.Curves = append(f.Curves, points)
	}
	figure := &plot.Figure{To: 1000, Panels: []plot.Panel{{Label: "power (kW)", Families: []plot.Family{f}}}}
	var b bytes.Buffer
	require.NoError(t, figure.Draw(&b, ".svg", figure.DefaultSize()))
	assert.Contains(t, b.String(), "mean and range of 500")
	assert.Less(t, b.Len(), 100_000)
}
