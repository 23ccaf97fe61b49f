package plot_test

import (
	"bytes"
	"flag"
	"fmt"
	"image"
	"image/png"
	"io"
	"math"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
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
			c := plot.NewCurve(0, to, to)
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
		{Name: "power", Unit: "kW", Families: []plot.Family{family("home[*].power", 0, wave(3, 0), wave(4, 5000), wave(5, 9000)), family("grid.power", 1, wave(9, 20000))}},
		{Name: "soc", Families: []plot.Family{family("battery.soc", 0, gap), events}},
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
		c := plot.NewCurve(f.From, f.To, f.To)
		at := 0.0
		for _, v := range rapid.SliceOfN(rapid.Float64(), 0, 20).Draw(t, "values") {
			at += rapid.Float64Range(0, f.To/5).Draw(t, "gap")
			c.Add(plot.Point{T: at, V: v})
		}
		f.Panels = []plot.Panel{{Name: "x", Families: []plot.Family{{Name: "y", Curves: [][]plot.Point{c.Points(true)}}}}}
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
		c := plot.NewCurve(0, float64(n), float64(n))
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
	c := plot.NewCurve(10, 20, 20)
	for _, p := range []plot.Point{{5, 1}, {8, 2}, {12, 3}, {20, 4}, {25, 5}} {
		c.Add(p)
	}
	assert.Equal(t, []plot.Point{{10, 2}, {12, 3}}, c.Points(true))
	c = plot.NewCurve(10, 20, 20)
	for _, p := range []plot.Point{{8, 2}, {12, 3}, {20, 4}} {
		c.Add(p)
	}
	assert.Equal(t, []plot.Point{{12, 3}, {20, 4}}, c.Points(false), "events")
}

// The last value of a run is valid until its end, not until that of a longer one beside it.
func TestCurvesEndWithTheirRun(t *testing.T) {
	curve := func(from, end float64, add ...plot.Point) *plot.Curve {
		c := plot.NewCurve(from, 20, end)
		for _, p := range add {
			c.Add(p)
		}
		return c
	}
	text := func(points []plot.Point) string { return fmt.Sprint(points) } // NaN is NaN
	assert.Equal(t, "[{0 1} {5 2} {10 NaN}]", text(curve(0, 10, plot.Point{0, 1}, plot.Point{5, 2}).Points(true)))
	assert.Equal(t, "[{0 1} {5 2}]", text(curve(0, 20, plot.Point{0, 1}, plot.Point{5, 2}).Points(true)))
	assert.Equal(t, "[{8 2} {10 NaN}]", text(curve(8, 10, plot.Point{5, 2}).Points(true)))
	assert.Equal(t, "[]", text(curve(12, 10, plot.Point{5, 2}).Points(true)))
	assert.Equal(t, "[{0 1} {5 2}]", text(curve(0, 10, plot.Point{0, 1}, plot.Point{5, 2}).Points(false)), "events")

	// So the mean of both runs is that of the longer one after the end of the shorter one.
	f := &plot.Figure{To: 20, Panels: []plot.Panel{{Name: "power", Families: []plot.Family{{Name: "power", Curves: [][]plot.Point{
		curve(0, 10, plot.Point{0, 1}).Points(true), curve(0, 20, plot.Point{0, 3}).Points(true)}}}}}}
	var all bytes.Buffer
	require.NoError(t, f.Draw(&all, ".svg", plot.Size{Width: 300, Height: 200}))
	f.Panels[0].Families[0].Curves[0] = []plot.Point{{T: 0, V: 1}}
	var held bytes.Buffer
	require.NoError(t, f.Draw(&held, ".svg", plot.Size{Width: 300, Height: 200}))
	assert.NotEqual(t, held.String(), all.String())
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
	figure := &plot.Figure{To: 1000, Panels: []plot.Panel{{Name: "power", Unit: "kW", Families: []plot.Family{f}}}}
	var b bytes.Buffer
	require.NoError(t, figure.Draw(&b, ".svg", figure.DefaultSize()))
	assert.Contains(t, b.String(), "mean and range of 500")
	assert.Less(t, b.Len(), 100_000)
}

var textInSVG = regexp.MustCompile(`<text x="([0-9.-]+)" y="([0-9.-]+)" transform="scale\(1, -1\)"[^>]*>([^<]*)<`)

// upright returns the texts of a picture that are not rotated, with where they are.
func upright(svg string) [][]string {
	return textInSVG.FindAllStringSubmatch(rotatedInSVG.ReplaceAllString(svg, ""), -1)
}

var rotatedInSVG = regexp.MustCompile(`(?s)<g transform="rotate\(90\)">.*?</g>`)

// Texts beside each other do not overlap, and no two numbers at an axis look the same,
// however large the picture and the numbers are; or the picture is refused.
func TestTextsHaveRoom(t *testing.T) {
	refused := 0
	rapid.Check(t, func(t *rapid.T) {
		f := &plot.Figure{To: rapid.SampledFrom([]float64{0.006, 7, 3600, 86400, 2 * 86400, 1e6, 3e7, 1.7e9}).Draw(t, "span"),
			Title: strings.Repeat("title ", rapid.IntRange(0, 40).Draw(t, "title"))}
		if rapid.Bool().Draw(t, "dated") {
			f.Start = time.Date(2025, 11, 17, 6, 30, 0, 0, time.UTC)
		}
		base := rapid.SampledFrom([]float64{0, 5, -1000, 123456789, 1e12, 1e-9}).Draw(t, "base")
		height := rapid.SampledFrom([]float64{0, 1e-12, 1e-3, 1, 20, 1e5, 1e13}).Draw(t, "height")
		for range rapid.IntRange(1, 4).Draw(t, "panels") {
			p := plot.Panel{Name: "power of something with a name", Unit: "kW"}
			for i := range rapid.IntRange(1, 6).Draw(t, "families") {
				p.Families = append(p.Families, plot.Family{Name: fmt.Sprintf("%s[%d].power", strings.Repeat("home", i), i), Color: i,
					Curves: [][]plot.Point{{{T: 0, V: base}, {T: f.To / 2, V: base + height}}}})
			}
			f.Panels = append(f.Panels, p)
		}
		size := plot.Size{Width: rapid.Float64Range(115, 600).Draw(t, "width"), Height: rapid.Float64Range(85, 600).Draw(t, "tall")}
		if rapid.Bool().Draw(t, "default size") {
			size = f.DefaultSize()
		}
		var b strings.Builder
		if err := f.Draw(&b, ".svg", size); err != nil {
			if size == f.DefaultSize() || !strings.Contains(err.Error(), "too small for the panels and their legends; make it") {
				t.Fatal(err)
			}
			refused++
			return
		}
		type text struct{ x, y, width float64 }
		var all []text
		for _, m := range upright(b.String()) {
			x, _ := strconv.ParseFloat(m[1], 64)
			y, _ := strconv.ParseFloat(m[2], 64)
			width := 4 * float64(len([]rune(m[3]))) // a little less than what most are
			for _, other := range all {
				if math.Abs(y-other.y) < 7 && x < other.x+other.width && other.x < x+width {
					t.Fatalf("%q overlaps another text\n%s", m[3], b.String())
				}
			}
			all = append(all, text{x, y, width})
		}
	})
	assert.Positive(t, refused)
}

// A picture of which the title leaves nothing is refused, and what is told of its size is right.
func TestTitleThatFillsThePicture(t *testing.T) {
	f := &plot.Figure{Title: strings.Repeat("title ", 29), To: 0.006, Panels: []plot.Panel{{Name: "power", Families: []plot.Family{
		{Name: "home.power", Curves: [][]plot.Point{{{T: 0, V: 123456789}}}}}}}}
	for height := 30.0; height <= 190; height++ {
		err := f.Draw(io.Discard, ".svg", plot.Size{Width: 115, Height: height})
		require.ErrorContains(t, err, "41 mm wide and 68 mm high at least", "%v", height)
	}
	const mm = 72 / 25.4
	require.NoError(t, f.Draw(io.Discard, ".svg", plot.Size{Width: 41 * mm, Height: 68 * mm}))
}

func TestNumbersAtAxesDiffer(t *testing.T) {
	for _, low := range []float64{0, 5, -1000, 123456789, 1e12, 1e-9, -3e-7} {
		for _, span := range []float64{1e-3, 1, 20, 1e5, 1e13} {
			f := &plot.Figure{To: 10, Panels: []plot.Panel{{Name: "x", Families: []plot.Family{{Name: "y",
				Curves: [][]plot.Point{{{T: 0, V: low}, {T: 5, V: low + span}}}}}}}}
			var b strings.Builder
			require.NoError(t, f.Draw(&b, ".svg", f.DefaultSize()))
			seen := make(map[string]bool)
			texts := upright(b.String())
			for _, m := range texts {
				if y, _ := strconv.ParseFloat(m[2], 64); y < -22 { // not at the axis of time
					assert.False(t, seen[m[3]], "%q twice, from %g to %g", m[3], low, low+span)
					seen[m[3]] = true
				}
			}
			assert.GreaterOrEqual(t, len(seen), 3, "%g to %g: %v", low, low+span, seen)
		}
	}
}

// A gap hides no peak beside it.
func TestCurvesWithGaps(t *testing.T) {
	c := plot.NewCurve(0, 1e6, 1e6) // one interval for all of these
	for i, v := range []float64{math.NaN(), 1, 9, math.NaN(), -7, 2} {
		c.Add(plot.Point{T: float64(i), V: v})
	}
	points := c.Points(true)
	assert.Contains(t, points, plot.Point{T: 2, V: 9})
	assert.Contains(t, points, plot.Point{T: 4, V: -7})
}

// The mean begins where the curves do, and is that of the curves that have a number.
func TestMeans(t *testing.T) {
	var one, other []plot.Point
	for i := range 5000 {
		one = append(one, plot.Point{T: 100 * float64(i), V: 1})
		other = append(other, plot.Point{T: 100 * float64(i), V: math.NaN()})
	}
	f := &plot.Figure{To: 5e5, Panels: []plot.Panel{{Name: "x", Families: []plot.Family{{Name: "y", Curves: [][]plot.Point{one, other}}}}}}
	var b strings.Builder
	require.NoError(t, f.Draw(&b, ".svg", f.DefaultSize()))
	mean := regexp.MustCompile(`d="M([0-9.]+),([0-9.]+)L([0-9.]+),([0-9.]+)" style="fill:none;stroke:#0072B2;stroke-width:1.3"`).FindAllStringSubmatch(b.String(), -1)
	require.Len(t, mean, 2, "the sample in the legend and one line")
	axis := regexp.MustCompile(`d="M([0-9.]+),[0-9.]+L([0-9.]+),[0-9.]+" style="fill:none;stroke:#E2E2E2`).FindAllStringSubmatch(b.String(), -1)
	assert.Equal(t, axis[len(axis)-1][1:], []string{mean[1][1], mean[1][3]}, "as long as the lines of the grid")
}

// To fill the outline of a long line takes time with the square of its length.
func TestLongLinesAreMadeOfPieces(t *testing.T) {
	var points []plot.Point
	for i := range 8000 {
		points = append(points, plot.Point{T: float64(i), V: float64(i % 2)})
	}
	f := &plot.Figure{To: 8000, Panels: []plot.Panel{{Name: "x", Families: []plot.Family{{Name: "y", Curves: [][]plot.Point{points}}}}}}
	var b strings.Builder
	require.NoError(t, f.Draw(&b, ".svg", f.DefaultSize()))
	corners := 0
	for line := range strings.Lines(b.String()) {
		n := strings.Count(line, "L")
		require.Less(t, n, 200)
		corners += n
	}
	assert.Greater(t, corners, 2*7999)
}

// Where all curves have a gap, their range has one.
func TestRangesWithGaps(t *testing.T) {
	f := plot.Family{Name: "y"}
	for i := range 60 {
		f.Curves = append(f.Curves, []plot.Point{{T: 0, V: float64(i)}, {T: 300, V: math.NaN()}, {T: 700, V: float64(i)}})
	}
	figure := &plot.Figure{To: 1000, Panels: []plot.Panel{{Name: "x", Families: []plot.Family{f}}}}
	var b strings.Builder
	require.NoError(t, figure.Draw(&b, ".svg", figure.DefaultSize()))
	outline := regexp.MustCompile(`d="(M[^"]*)" style="fill:#[0-9A-F]+;fill-opacity`).FindStringSubmatch(b.String())
	require.NotNil(t, outline)
	assert.Equal(t, 2, strings.Count(outline[1], "M"))
}
