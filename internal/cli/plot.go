package cli

import (
	"bytes"
	"fmt"
	"math"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/simrun/simrun/internal/format"
	"github.com/simrun/simrun/internal/plot"
	"github.com/simrun/simrun/sim"
)

const (
	// mostPanels is how many panels a figure can have.
	mostPanels = 12
	// mostRuns is how many runs are told apart; more are shown as many with a mean.
	mostRuns = 6
)

// plotOptions are the options of simrun plot, as given.
type plotOptions struct {
	out      string
	title    string
	from, to string
	size     string
	split    bool
}

func (c *command) plotCommand() *cobra.Command {
	var o plotOptions
	cmd := &cobra.Command{
		Use:   "plot RUN... [PATTERN...]",
		Short: "Draw what runs have recorded, as SVG or PNG",
		Long: `Draw what runs have recorded. Series with one unit share a panel; those of entities that
are named alike are thin curves with their mean. Several runs are drawn over each other, in
a panel for each series; more than six as thin curves with their mean. What is valid until the next value is drawn
as steps, events as dots. RUN and PATTERN are as for simrun results.`,
		Example: `  simrun plot runs/first-20260601-120000
  simrun plot seed-1 'home[*].power' demand --out demand.png
  simrun plot seed-1 seed-2 seed-3 grid.power
  simrun plot seed-1 --split --from 6h --to 18h --size 180x120`,
		Args:              atLeastOneRun,
		ValidArgsFunction: completeRuns,
		RunE:              func(_ *cobra.Command, args []string) error { return c.plot(args, o) },
	}
	flags := cmd.Flags()
	flags.SortFlags = false
	flags.StringVarP(&o.out, "out", "o", "", "`FILE` to write, .svg or .png; it is overwritten (default NAME.svg, with the scenario's name)")
	flags.StringVar(&o.title, "title", "", "`TEXT` above the plot")
	flags.StringVar(&o.from, "from", "", "begin at this virtual `TIME`, such as 12h, or at this date")
	flags.StringVar(&o.to, "to", "", "end at this virtual `TIME`, or at this date")
	flags.BoolVar(&o.split, "split", false, "a panel for each series, or for those of entities that are named alike")
	flags.StringVar(&o.size, "size", "", "`WIDTHxHEIGHT` in mm (default 190 wide, and as high as the panels need)")
	return cmd
}

// plot is simrun plot.
func (c *command) plot(args []string, o plotOptions) error {
	s, err := selected(args)
	if err != nil {
		return fail(BadScenario, err)
	}
	if o.out == "" {
		o.out = s.runs[0].Manifest.Scenario.Name + ".svg"
	}
	kind := strings.ToLower(filepath.Ext(o.out))
	if !slices.Contains(plot.Formats, kind) {
		return fmt.Errorf("--out %s: a picture is .svg or .png", o.out)
	}
	f, without, err := s.figure(o)
	if err != nil {
		return fail(BadScenario, err)
	}
	if len(without) > 0 {
		c.say("left out, because there are no numbers in it: %s", strings.Join(without, ", "))
	}
	size := f.DefaultSize()
	if o.size != "" {
		if size, err = parseSize(o.size); err != nil {
			return err
		}
	}
	var picture bytes.Buffer
	if err := f.Draw(&picture, kind, size); err != nil {
		return fail(BadScenario, fmt.Errorf("--size: %w", err))
	}
	return c.overwrite(o.out, picture.Bytes())
}

// parseSize reads a size in mm.
func parseSize(text string) (plot.Size, error) {
	const pointsPerMM = 72 / 25.4
	w, h, _ := strings.Cut(text, "x")
	width, widthErr := strconv.ParseFloat(w, 64)
	height, heightErr := strconv.ParseFloat(h, 64)
	if widthErr != nil || heightErr != nil || !(width >= 40 && width <= 2000 && height >= 30 && height <= 2000) {
		return plot.Size{}, fmt.Errorf("--size %s: write width and height in mm, such as 180x120; 40x30 is the least, 2000x2000 the most", text)
	}
	return plot.Size{Width: width * pointsPerMM, Height: height * pointsPerMM}, nil
}

// curves are what is drawn in one colour: the series of a group, of one run or
// of all.
type curves struct {
	series  sim.Series // the first of them
	name    string
	run     int
	numbers bool // there are any
	all     []*plot.Curve
}

// figure reads the chosen series and lays them out. It also returns the names of those
// without numbers, which are not drawn.
func (s *selection) figure(o plotOptions) (f *plot.Figure, without []string, err error) {
	f = &plot.Figure{Title: o.title, Start: s.runs[0].Start()}
	ends := make([]float64, len(s.runs))
	for i, run := range s.runs {
		end, err := run.End()
		if err != nil {
			return nil, nil, err
		}
		ends[i] = end.Seconds()
		f.To = max(f.To, ends[i])
		if !run.Start().Equal(f.Start) {
			f.Start = time.Time{}
		}
	}
	for _, end := range []struct {
		option, text string
		t            *float64
	}{{"--from", o.from, &f.From}, {"--to", o.to, &f.To}} {
		if err := parseTime(end.text, f.Start, end.t); err != nil {
			return nil, nil, fmt.Errorf("%s %s: %w", end.option, end.text, err)
		}
	}
	if !(f.From < f.To) {
		return nil, nil, fmt.Errorf("there is nothing from %s to %s", axisTime(f.From), axisTime(f.To))
	}
	all, err := s.read(f.From, f.To, ends)
	if err != nil {
		return nil, nil, err
	}
	var drawn []*curves
	for _, g := range all {
		if g.numbers {
			drawn = append(drawn, g)
		} else if !slices.Contains(without, g.name) {
			without = append(without, g.name)
		}
	}
	f.Panels = s.panels(drawn, o.split)
	if len(f.Panels) == 0 {
		return nil, nil, fmt.Errorf("there are no numbers in what is chosen; simrun results tells what there is")
	}
	if len(f.Panels) > mostPanels {
		return nil, nil, fmt.Errorf("%d panels are too many for a picture, %d at most; choose series by patterns, such as %s", len(f.Panels), mostPanels, seriesName(s.runs[0].Series[0]))
	}
	return f, without, nil
}

// axisTime writes a time of the axis as a length of time.
func axisTime(seconds float64) string {
	return format.Exact(time.Duration(math.Round(seconds * float64(time.Second))))
}

// parseTime reads a length of time or a date into t, in seconds; "" leaves it.
func parseTime(text string, start time.Time, t *float64) error {
	if text == "" {
		return nil
	}
	at, err := parseInstant(text, start)
	if err == nil {
		*t = time.Duration(at).Seconds()
	}
	return err
}

// parseInstant reads a length of time or a date.
func parseInstant(text string, start time.Time) (sim.Time, error) {
	if d, err := sim.ParseDuration(text); err == nil {
		return sim.Time(d), nil
	}
	for _, layout := range []string{time.RFC3339, "2006-01-02 15:04", "2006-01-02"} {
		if date, err := time.Parse(layout, text); err == nil && !start.IsZero() {
			return sim.Time(date.Sub(start)), nil
		}
	}
	return 0, fmt.Errorf("write a length of time such as 36h or 7d, or a date such as 2026-06-02 if the run has dates")
}

// read reads the chosen series of all runs, which ended at ends, by groups.
func (s *selection) read(from, to float64, ends []float64) ([]*curves, error) {
	type key struct {
		name, unit string
		run        int
	}
	var groups []*curves
	by := make(map[key]*curves)
	for r, run := range s.runs {
		of := make([]*curves, len(run.Series))
		curve := make([]*plot.Curve, len(run.Series))
		for _, i := range s.picks[r] {
			one := run.Series[i]
			k := key{number.ReplaceAllString(one.Entity, "*$1") + "." + one.Attr, one.Unit, r}
			if len(s.runs) > mostRuns {
				k.run = 0
			}
			g := by[k]
			if g == nil {
				g = &curves{series: one, name: k.name, run: k.run}
				by[k], groups = g, append(groups, g)
			}
			of[i], curve[i] = g, plot.NewCurve(from, to, ends[r])
			g.all = append(g.all, curve[i])
		}
		err := run.Rows(func(row sim.Row) error {
			if g := of[row.Series]; g != nil {
				v, err := row.Value.Float64()
				if err != nil {
					v = math.NaN() // a gap
				}
				g.numbers = g.numbers || !math.IsNaN(v)
				curve[row.Series].Add(plot.Point{T: row.Time.Seconds(), V: v})
			}
			return nil
		})
		if err != nil {
			return nil, err
		}
	}
	return groups, nil
}

// panels puts groups into panels: those with one unit into one, if that is
// readable.
func (s *selection) panels(all []*curves, split bool) []plot.Panel {
	split = split || len(s.runs) > 1 && len(s.runs) <= mostRuns // colours tell the runs apart
	key := func(g *curves) string {
		if g.series.Unit == "" {
			return g.series.Attr
		}
		return "unit " + g.series.Unit
	}
	names := make(map[string][]string) // of the groups of a panel
	for _, g := range all {
		if k := key(g); !slices.Contains(names[k], g.name) {
			names[k] = append(names[k], g.name)
		}
	}
	var panels [][]*curves
	places := make(map[string]int)
	for _, g := range all {
		k := key(g)
		if split || len(names[k]) > plot.Colors() {
			k = g.name + "\x00" + g.series.Unit
		}
		at, ok := places[k]
		if !ok {
			at = len(panels)
			places[k] = at
			panels = append(panels, nil)
		}
		panels[at] = append(panels[at], g)
	}
	var out []plot.Panel
	for _, groups := range panels {
		out = append(out, s.panel(groups))
	}
	return out
}

// panel gives groups names and colours. With several runs that are told apart all
// groups have one name.
func (s *selection) panel(groups []*curves) plot.Panel {
	var names, attrs []string
	for _, g := range groups {
		if !slices.Contains(names, g.name) {
			names = append(names, g.name)
		}
		if !slices.Contains(attrs, g.series.Attr) {
			attrs = append(attrs, g.series.Attr)
		}
	}
	p := plot.Panel{Name: strings.Join(attrs[:min(2, len(attrs))], ", "), Unit: groups[0].series.Unit}
	if len(attrs) > 2 {
		p.Name += ", ..."
	}
	if p.Unit == "1" {
		p.Unit = ""
	}
	for _, g := range groups {
		f := plot.Family{Name: g.name, Events: g.series.Event, Color: slices.Index(names, g.name)}
		if len(g.all) == 1 {
			f.Name = seriesName(g.series)
		}
		switch many := len(s.runs); {
		case many > mostRuns && !f.Events && !strings.Contains(g.name, "*"):
			f.Name, f.Each = seriesName(g.series), "runs"
		case many > mostRuns:
			f.Name += fmt.Sprintf(" in %d runs", many)
		case many > 1:
			f.Color = g.run
			f.Name += ", " + s.labels[g.run]
		}
		for _, curve := range g.all {
			f.Curves = append(f.Curves, curve.Points(!f.Events))
		}
		p.Families = append(p.Families, f)
	}
	return p
}
