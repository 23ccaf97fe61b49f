package cli

import (
	"errors"
	"fmt"
	"io"
	"iter"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/simrun/simrun/internal/format"
	"github.com/simrun/simrun/internal/results"
	"github.com/simrun/simrun/internal/trace"
	"github.com/simrun/simrun/sim"
)

// Differ is the exit code of simrun diff for runs that are not the same, that of
// diff(1).
const Differ ExitCode = 1

func (c *command) diffCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "diff RUN|FILE RUN|FILE",
		Short: "Find the first difference of two runs, and what led to it",
		Long: `Compare two runs: what simulators put out and when they stepped, what agents told each other, in
the order in which it happened, from the traces that simrun run --trace has written. A RUN is the
folder of a run, a FILE a trace. If they differ, tell in which step first, in what, whether what
that step has seen was the same, and what led to it.

Of runs without traces the recorded values are compared.

Exit codes:
  0  the runs are equal
  1  they differ
  2  there is nothing to compare`,
		Example: `  simrun run first.yaml --trace trace.zst --out before
  simrun run first.yaml --trace trace.zst --out after --set limit=3
  simrun diff before after`,
		Args: func(cmd *cobra.Command, args []string) error {
			if len(args) != 2 {
				return fmt.Errorf("%s needs two runs: their folders, or traces", cmd.CommandPath())
			}
			return nil
		},
		ValidArgsFunction: completeTraces,
		RunE:              func(_ *cobra.Command, args []string) error { return c.diff(args[0], args[1]) },
	}
}

// errDiffer is what simrun diff ends with if it has told a difference.
var errDiffer = fail(Differ, errors.New("the runs differ"))

// diff is simrun diff.
func (c *command) diff(a, b string) error {
	labels := runLabels([]string{a, b})
	names := [2]string{labels[0], labels[1]}
	var paths [2]string
	for i, run := range []string{a, b} {
		var err error
		if paths[i], err = tracePath(run); err != nil {
			return fail(BadScenario, err)
		}
	}
	if paths[0] == "" || paths[1] == "" {
		return c.diffResults(a, b, names, paths)
	}
	d, ended, err := trace.Compare(paths[0], paths[1])
	if err != nil {
		return fail(BadScenario, err)
	}
	var w writer
	switch {
	case d != nil:
		err = d.Report(&w, names)
	case ended != nil:
		err = ended.Report(&w, names)
	default:
		return c.print(fmt.Sprintf("%s and %s are equal: every step, value and message of their traces.\n", names[0], names[1]))
	}
	if err = errors.Join(err, c.print(w.String())); err != nil {
		return err
	}
	return errDiffer
}

// diffResults compares recorded values, because a run has no trace.
func (c *command) diffResults(a, b string, names, paths [2]string) error {
	var w writer
	var without []string
	for i, path := range paths {
		if path == "" {
			without = append(without, names[i])
		}
	}
	has := "has"
	if len(without) == 2 {
		has = "have"
	}
	fmt.Fprintf(&w, "%s %s no trace, so that only recorded values can be compared. To see what leads to a\ndifference, %s in both cases.\n\n",
		strings.Join(without, " and "), has, howToTrace)
	var runs [2]*results.Stored
	for i, dir := range []string{a, b} {
		var err error
		if runs[i], err = results.Open(dir); err != nil {
			return fail(BadScenario, err)
		}
	}
	differ, err := compareResults(&w, runs, names)
	if err != nil {
		return fail(BadScenario, err)
	}
	if err := c.print(w.String()); err != nil {
		return err
	}
	if differ {
		return errDiffer
	}
	return nil
}

// instant is what a run has recorded at one time, by series.
type instant struct {
	at     sim.Time
	values map[string][]string
}

// instants reads what a run has recorded, time by time.
func instants(run *results.Stored) iter.Seq2[instant, error] {
	return func(yield func(instant, error) bool) {
		stopped := errors.New("stopped")
		var now instant
		err := run.Rows(func(row sim.Row) error {
			if now.values != nil && row.Time != now.at {
				if !yield(now, nil) {
					return stopped
				}
				now.values = nil
			}
			if now.values == nil {
				now = instant{row.Time, make(map[string][]string)}
			}
			name := seriesName(run.Series[row.Series])
			now.values[name] = append(now.values[name], row.Value.String())
			return nil
		})
		switch {
		case errors.Is(err, stopped):
		case err != nil:
			yield(instant{}, err)
		case now.values != nil:
			yield(now, nil)
		}
	}
}

// compareResults tells the first difference of what two runs have recorded.
func compareResults(w io.Writer, runs [2]*results.Stored, names [2]string) (differ bool, err error) {
	var next [2]func() (instant, error, bool)
	for i, run := range runs {
		pull, stop := iter.Pull2(instants(run))
		defer stop()
		next[i] = pull
	}
	rows := int64(0)
	for {
		var now [2]instant
		var there [2]bool
		for i := range now {
			var err error
			if now[i], err, there[i] = next[i](); err != nil {
				return false, err
			}
		}
		if !there[0] && !there[1] {
			fmt.Fprintf(w, "%s and %s are equal: %s recorded %s.\n", names[0], names[1], format.Count(rows), plural(rows, "value", "values"))
			return false, nil
		}
		at := now[0].at
		if !there[0] || there[1] && now[1].at < at {
			at = now[1].at
		}
		for i := range now {
			if !there[i] || now[i].at != at {
				now[i].values = nil
			}
		}
		if maps.EqualFunc(now[0].values, now[1].values, slices.Equal) {
			for _, values := range now[0].values {
				rows += int64(len(values))
			}
			continue
		}
		for i, run := range runs {
			if there[i] {
				continue
			}
			switch end, err := run.End(); {
			case err != nil:
				return false, err
			case at >= end:
				tellEnd(w, run, end, names[i], names[1-i], at, rows)
				return true, nil
			}
		}
		tellValues(w, runs[0], names, at, rows, now)
		return true, nil
	}
}

// tellEnd tells that one of two runs ends where the other one goes on.
func tellEnd(w io.Writer, run *results.Stored, end sim.Time, name, other string, at sim.Time, rows int64) {
	why := fmt.Sprintf("at %v", end)
	if !run.Manifest.Complete {
		why = "in the middle: it was ended early, or is under way"
	}
	fmt.Fprintf(w, "%s and %s are equal as far as both go, %s recorded %s. %[1]s has ended %[5]s.\n%[2]s goes on at %[6]v.\n",
		name, other, format.Count(rows), plural(rows, "value", "values"), why, at)
}

// tellValues tells what differs at one time.
func tellValues(w io.Writer, run *results.Stored, names [2]string, at sim.Time, rows int64, now [2]instant) {
	date := ""
	if !run.Start().IsZero() {
		date = run.Start().UTC().Add(time.Duration(at)).Format(" (2006-01-02 15:04:05 UTC)")
	}
	fmt.Fprintf(w, "%s and %s differ from t=%v%s on; %s recorded %s before %s equal.\n", names[0], names[1], at, date,
		format.Count(rows), plural(rows, "value", "values"), plural(rows, "is", "are"))
	all := slices.Sorted(maps.Keys(now[0].values))
	for name := range now[1].values {
		if _, both := now[0].values[name]; !both {
			all = append(all, name)
		}
	}
	slices.Sort(all)
	table := &format.Table{Right: " RR", Indent: "  "}
	table.Row("", names[0], names[1])
	const most = 10
	told := 0
	for _, name := range all {
		a, b := now[0].values[name], now[1].values[name]
		if slices.Equal(a, b) {
			continue
		}
		if told++; told > most {
			continue
		}
		orNone := func(values []string) string {
			if len(values) == 0 {
				return "none"
			}
			return strings.Join(values, ", ")
		}
		table.Row(name, orNone(a), orNone(b))
	}
	if told > most {
		table.Row(fmt.Sprintf("... and %d more", told-most))
	}
	// What w holds is printed later.
	_, _ = table.WriteTo(w)
}
