package cli

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/simrun/simrun/internal/pattern"
	"github.com/simrun/simrun/internal/results"
	"github.com/simrun/simrun/internal/suggest"
	"github.com/simrun/simrun/sim"
)

// selection is what the arguments RUN... [PATTERN...] stand for.
type selection struct {
	runs     []*results.Stored
	labels   []string // short names of the runs, none twice
	picks    [][]int  // of each run, the chosen series
	patterns []string
}

// selected reads arguments: run folders, and patterns of series.
func selected(args []string) (*selection, error) {
	s := &selection{}
	var folders []string
	for _, arg := range args {
		if info, err := os.Stat(arg); err == nil && info.IsDir() {
			folders = append(folders, arg)
		} else if err == nil && strings.ContainsAny(arg, `/\`) {
			return nil, fmt.Errorf("%s is a file, not the folder of a run", arg)
		} else if strings.ContainsAny(arg, `/\`) {
			return nil, fmt.Errorf("%s: there is no such run folder", arg)
		} else {
			s.patterns = append(s.patterns, arg)
		}
	}
	if len(folders) == 0 {
		if _, err := os.Stat(args[0]); err == nil {
			return nil, fmt.Errorf("%s is a file, not the folder of a run", args[0])
		}
		return nil, fmt.Errorf("%s: there is no such run folder; the first is %s/NAME-DATE-TIME if no --out was given", args[0], runsFolder)
	}
	for _, dir := range folders {
		run, err := results.Open(dir)
		if err != nil {
			return nil, err
		}
		s.runs = append(s.runs, run)
	}
	s.labels = runLabels(folders)
	return s, s.pick()
}

// pick applies the patterns. Each must match something.
func (s *selection) pick() error {
	patterns := make([]pattern.Pattern, len(s.patterns))
	for k, text := range s.patterns {
		patterns[k] = pattern.New(text)
	}
	used := make([]bool, len(patterns))
	var names []string
	for _, run := range s.runs {
		var picked []int
		for i, series := range run.Series {
			names = append(names, seriesName(series))
			chosen := len(s.patterns) == 0
			for k, p := range patterns {
				if p.Matches(series.Entity, series.Attr) {
					chosen, used[k] = true, true
				}
			}
			if chosen {
				picked = append(picked, i)
			}
		}
		s.picks = append(s.picks, picked)
	}
	for k, p := range s.patterns {
		if !used[k] {
			return fmt.Errorf("nothing recorded is called %s; %s", p, suggest.Sentence(p, names))
		}
	}
	return nil
}

// seriesName is how people name a series: home[0].power.
func seriesName(s sim.Series) string { return s.Entity + "." + s.Attr }

// runLabels are the shortest ends of the paths that tell the runs apart.
func runLabels(folders []string) []string {
	clean := make([][]string, len(folders))
	for i, f := range folders {
		if abs, err := filepath.Abs(f); err == nil {
			f = abs
		}
		clean[i] = strings.Split(filepath.ToSlash(f), "/")
	}
	for depth := 1; ; depth++ {
		labels := make([]string, len(folders))
		longest := 0
		for i, parts := range clean {
			labels[i] = strings.Join(parts[max(0, len(parts)-depth):], "/")
			longest = max(longest, len(parts))
		}
		sorted := slices.Sorted(slices.Values(labels))
		if len(slices.Compact(sorted)) == len(labels) || depth >= longest {
			return labels
		}
	}
}

// completeRuns completes run folders, and after the first the names of series.
func completeRuns(_ *cobra.Command, args []string, _ string) ([]cobra.Completion, cobra.ShellCompDirective) {
	if len(args) == 0 {
		return nil, cobra.ShellCompDirectiveFilterDirs
	}
	var names []cobra.Completion
	if s, err := selected(args[:1]); err == nil {
		for _, series := range s.runs[0].Series {
			names = append(names, seriesName(series))
		}
	}
	return names, cobra.ShellCompDirectiveDefault
}
