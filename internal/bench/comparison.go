package bench

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"path/filepath"
	"slices"
	"strings"
)

// Comparison is what is measured, and what is promised about it.
type Comparison struct {
	Title string // what the figures are; heads the table
	Cases []Case // in their order in the table
	// Bars are judged if their figures have been measured: a peer may not be
	// installed, or not be asked for.
	Bars []Bar
}

// Case is something to measure, once in each round.
type Case struct {
	Figures []string // names of what Measure returns, unique in a comparison
	// Measure returns a value for each figure. dir is a folder that all rounds
	// share, removed at the end.
	Measure func(ctx context.Context, dir string) ([]float64, error)
}

// Options are what the command line of each comparison says.
type Options struct {
	Rounds int
	Only   string
}

// Flags adds the flags for options.
func Flags(flags *flag.FlagSet) *Options {
	o := new(Options)
	flags.IntVar(&o.Rounds, "rounds", 5, "number of rounds")
	flags.StringVar(&o.Only, "only", "", "measure only cases with figures that contain this")
	return o
}

// Main compares and exits, with status 1 if a bar is missed or something cannot be measured.
func (c *Comparison) Main(o *Options) {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	met, err := c.Run(ctx, *o, os.Stdout, os.Stderr)
	stop()
	Check(err)
	if !met {
		os.Exit(1)
	}
}

// Run compares: it prints the table and the bars to out, says on progress which round it
// is, and reports whether all bars are met.
func (c *Comparison) Run(ctx context.Context, o Options, out, progress io.Writer) (met bool, err error) {
	if o.Rounds < 1 {
		return false, fmt.Errorf("%d rounds; at least one is needed", o.Rounds)
	}
	chosen := slices.DeleteFunc(slices.Clone(c.Cases), func(x Case) bool {
		return !slices.ContainsFunc(x.Figures, func(figure string) bool { return strings.Contains(figure, o.Only) })
	})
	if len(chosen) == 0 {
		return false, fmt.Errorf("no figure contains %q", o.Only)
	}
	dir, err := os.MkdirTemp("", "bench")
	if err != nil {
		return false, err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	var f figures
	for _, x := range chosen {
		f.names = append(f.names, x.Figures...)
	}
	f.values = make(map[string][]float64)
	for round := range o.Rounds {
		fmt.Fprintf(progress, "round %d of %d\n", round+1, o.Rounds)
		for _, x := range chosen {
			values, err := x.Measure(ctx, dir)
			if err == nil && len(values) != len(x.Figures) {
				err = fmt.Errorf("%d values", len(values))
			}
			if err != nil {
				return false, fmt.Errorf("measure %s: %w", strings.Join(x.Figures, ", "), err)
			}
			for i, figure := range x.Figures {
				f.values[figure] = append(f.values[figure], values[i])
			}
		}
		slices.Reverse(chosen)
	}
	return f.report(out, c.Title, c.Bars)
}

// Check ends the program if there is an error.
func Check(err error) {
	if err != nil {
		fmt.Fprintf(os.Stderr, "%s: %v\n", filepath.Base(os.Args[0]), err)
		os.Exit(1)
	}
}
