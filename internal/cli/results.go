package cli

import (
	"errors"
	"fmt"
	"time"

	"github.com/spf13/cobra"

	"github.com/simrun/simrun/internal/format"
	"github.com/simrun/simrun/internal/results"
	"github.com/simrun/simrun/sim"
)

// resultsOptions are the options of simrun results, as given.
type resultsOptions struct {
	print  bool
	join   bool
	every  string
	export string
}

func (c *command) resultsCommand() *cobra.Command {
	var o resultsOptions
	cmd := &cobra.Command{
		Use:   "results RUN... [PATTERN...]",
		Short: "List, print, join or export what runs have recorded",
		Long: `List the series that runs have recorded, with statistics; print their values; join them
into a table; or export them in another format. A RUN is the folder of a run, which may be
under way or have been killed. A PATTERN is the name of a series, ENTITY.ATTRIBUTE, or of
an entity; * stands for any text. Without one, all series are meant.

In the list, "mean" counts each recorded value once, "over time" counts it as long as it
was valid.`,
		Example: `  simrun results runs/first-20260601-120000
  simrun results seed-1 'home[*].power'
  simrun results seed-1 demand.power battery --join | head
  simrun results seed-1 --every 1h --export hourly.parquet
  simrun results seed-1 seed-2 demand.power --join --export demand.csv`,
		Args:              atLeastOneRun,
		ValidArgsFunction: completeRuns,
		RunE:              func(_ *cobra.Command, args []string) error { return c.results(args, o) },
	}
	flags := cmd.Flags()
	flags.SortFlags = false
	flags.BoolVar(&o.print, "print", false, "print the values as CSV, a line for each")
	flags.BoolVar(&o.join, "join", false, "print them, or export them to a CSV file, as a table: a column for each series, a line for each time, with the values that are valid then")
	flags.StringVar(&o.every, "every", "", "only the values that are valid at 0, `TIME`, twice TIME, ..., such as 15m; events stay as they are")
	flags.StringVar(&o.export, "export", "", "write them to a new `FILE`, whose name ends in .csv, .jsonl, .parquet or .sqlite")
	return cmd
}

// atLeastOneRun wants a run folder.
func atLeastOneRun(cmd *cobra.Command, args []string) error {
	if len(args) == 0 {
		return fmt.Errorf("%s needs the folder of a run, such as %s/NAME-DATE-TIME", cmd.CommandPath(), runsFolder)
	}
	return nil
}

// results is simrun results.
func (c *command) results(args []string, o resultsOptions) error {
	s, err := selected(args)
	if err != nil {
		return fail(BadScenario, err)
	}
	var every time.Duration
	if o.every != "" {
		if every, err = sim.ParseDuration(o.every); err != nil || every == 0 {
			return fmt.Errorf("--every %s: write a length of time above 0, such as 15m or 1d", o.every)
		}
	}
	if o.print && o.export != "" {
		return errors.New("--print writes to standard output and --export to a file: choose one of them")
	}
	if !o.print && !o.join && o.export == "" {
		if every > 0 {
			return errors.New("--every goes with --print, --join or --export")
		}
		return c.listSeries(s)
	}
	chosen := results.Selection{Every: every, Join: o.join}
	for i, run := range s.runs {
		source := results.Source{Stored: run, Pick: s.picks[i]}
		if len(s.runs) > 1 {
			source.Label = s.labels[i]
		}
		chosen.Sources = append(chosen.Sources, source)
	}
	if o.export == "" {
		err = chosen.Print(c.out)
	} else {
		var kind results.Format
		if kind, err = results.FormatOf(o.export); err != nil {
			return err
		}
		if o.join && kind != results.CSV {
			return errors.New("--join makes a table for a .csv file")
		}
		err = chosen.Export(o.export, kind)
	}
	return readOrWritten(err)
}

// readOrWritten tells values that cannot be read from those that cannot be written.
func readOrWritten(err error) error {
	var read *results.ReadError
	switch {
	case err == nil:
		return nil
	case errors.As(err, &read):
		return fail(BadScenario, err)
	}
	return fail(ResultsFailed, err)
}

// listSeries shows the series of each run.
func (c *command) listSeries(s *selection) error {
	var w writer
	for i, run := range s.runs {
		all, err := run.Describe()
		if err != nil {
			return fail(BadScenario, err)
		}
		m := &run.Manifest
		fmt.Fprintf(&w, "%s: %s, seed %d", run.Dir, m.Scenario.Name, m.Scenario.Seed)
		for _, set := range m.Scenario.Overrides {
			fmt.Fprintf(&w, ", %s", set)
		}
		if !m.Complete {
			fmt.Fprint(&w, ", incomplete")
		}
		fmt.Fprintf(&w, "\n\n")
		table := &format.Table{Right: "  RRRRRRR", Indent: "  "}
		table.Row("series", "unit", "values", "first", "last", "min", "mean", "max", "over time")
		for _, k := range s.picks[i] {
			table.Row(describedRow(&all[k])...)
		}
		w.table(table)
		if i+1 < len(s.runs) {
			fmt.Fprintln(&w)
		}
	}
	return c.print(w.String())
}

func describedRow(d *results.Description) []string {
	row := []string{seriesName(d.Series), d.Unit, format.Count(d.Rows)}
	if d.Rows == 0 {
		return row
	}
	row = append(row, format.Exact(time.Duration(d.First)), format.Exact(time.Duration(d.Last)))
	if d.Numbers == 0 {
		return row
	}
	row = append(row, format.Number(d.Min), format.Number(d.Mean), format.Number(d.Max))
	switch {
	case d.HasTimeMean:
		row = append(row, format.Number(d.TimeMean))
	case d.Event:
		row = append(row, "events")
	}
	return row
}
