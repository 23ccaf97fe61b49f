package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"math"
	"os"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/simrun/simrun/internal/format"
	"github.com/simrun/simrun/internal/loglevel"
	"github.com/simrun/simrun/internal/profile"
	"github.com/simrun/simrun/internal/progress"
	"github.com/simrun/simrun/internal/results"
	"github.com/simrun/simrun/internal/trace"
	"github.com/simrun/simrun/scenarios"
	"github.com/simrun/simrun/scheduler"
	"github.com/simrun/simrun/sim"
)

// noLog is the level at which nothing is logged.
const noLog = "none"

// runsFolder is where runs go that are not told another folder.
const runsFolder = "runs"

// runOptions are the options of simrun run, as given.
type runOptions struct {
	values   valueOptions
	out      string
	until    string
	pace     string
	maxLag   time.Duration
	limit    time.Duration // of real time
	format   string
	stream   string
	progress string
	profile  bool
	ui       uiOptions
	trace    string
	logLevel string
	quiet    bool
}

func (c *command) runCommand() *cobra.Command {
	var o runOptions
	cmd := &cobra.Command{
		Use:   "run FILE|builtin:NAME",
		Short: "Run a scenario",
		Long: `Run a scenario: start or connect its simulators, run to its end, write the results, and
stop everything. A scenario file starts the commands that are written in it: run only
files that you trust. Ctrl-C stops a run and keeps its results so far, marked as
incomplete; a second Ctrl-C stops it at once.

A new folder receives the results: results.csv (or another --format) with every recorded value,
manifest.json with what was run and how it ended, a copy of the scenario, and logs.

Exit codes:
` + exitTable(),
		Example: `  simrun run builtin:district
  simrun init first                          write a scenario: first.yaml
  simrun run first.yaml --set homes=20 --until 12h
  simrun run first.yaml --seed 2 --out results/seed-2
  simrun run first.yaml --pace 3600          an hour of virtual time in a second`,
		Args:              oneScenario,
		ValidArgsFunction: completeScenario,
		RunE: func(cmd *cobra.Command, args []string) error {
			return c.run(cmd.Context(), args[0], o)
		},
	}
	flags := cmd.Flags()
	flags.SortFlags = false
	flags.StringVarP(&o.out, "out", "o", "", "`FOLDER` for the results, new or empty (default runs/NAME-DATE-TIME)")
	o.values.add(c, cmd)
	flags.StringVar(&o.until, "until", "", "end the run after this virtual `TIME`, such as 12h, or at this date, not at the scenario's end")
	flags.StringVar(&o.pace, "pace", "", "seconds of virtual time in a second of real time: a `FACTOR`, or fast")
	flags.DurationVar(&o.maxLag, "max-lag", 0, "end a run with a pace with an error if it is behind by more than this `TIME`, such as 100ms")
	flags.DurationVar(&o.limit, "wall-limit", 0, "stop the run when it has taken this much real `TIME`, such as 10m, as Ctrl-C does")
	flags.StringVar(&o.format, "format", string(results.CSV), "`FORMAT` of the recorded values: csv, csv-wide, jsonl, parquet, sqlite")
	flags.StringVar(&o.stream, "stream", "", "write them to `FILE`, too, a named pipe or a socket (tcp://HOST:PORT, ipc://PATH), as JSON lines while the run goes on; - is standard output")
	flags.StringVar(&o.progress, "progress", string(progress.Auto), "`HOW` to show progress: auto (a bar on a terminal), plain (lines), json (for programs), none")
	flags.BoolVar(&o.profile, "profile", false, "tell more about where the time goes, and write profile.json for ui.perfetto.dev")
	flags.StringVar(&o.trace, "trace", "", "write everything that happens to `FILE`, such as trace.zst: a name is in the folder for the results; see simrun trace")
	flags.BoolVar(&o.ui.show, "ui", false, "show the run in the browser, at an address that is printed: values, who waits for whom, pause and step")
	o.ui.addListen(flags)
	flags.StringVar(&o.logLevel, "log-level", noLog, "log to standard error from this `LEVEL` on: debug, info, warn, error, none; of one package as in warn,sim=debug: "+strings.Join(loglevel.Packages, ", "))
	flags.BoolVarP(&o.quiet, "quiet", "q", false, "print nothing but errors")
	completeFixed(cmd, "progress", progress.Modes())
	completeFixed(cmd, "format", results.Formats())
	completeFixed(cmd, "pace", []string{"fast", "1"})
	return cmd
}

// run is simrun run.
func (c *command) run(ctx context.Context, path string, o runOptions) (err error) {
	mode, err := progress.ParseMode(o.progress)
	if err != nil {
		return fmt.Errorf("--progress: %w", err)
	}
	format, err := results.ParseFormat(o.format)
	if err != nil {
		return fmt.Errorf("--format: %w", err)
	}
	levels, err := loglevel.Parse(o.logLevel)
	if err != nil {
		return fmt.Errorf("--log-level: %w", err)
	}
	scenario, overrides, err := o.read(path, c.registry)
	if err != nil {
		return err
	}
	var stream io.WriteCloser
	if o.stream != "" {
		if stream, err = c.openStream(ctx, o.stream); err != nil {
			return fail(ResultsFailed, err)
		}
	}
	if o.limit != 0 {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeoutCause(ctx, o.limit, &scheduler.WallTimeError{Limit: o.limit})
		defer cancel()
	}
	// Recorded values are written within a second anyway, and the manifest says
	// already that the run is not complete.
	ctx, stop := c.untilInterrupted(ctx, "; the results so far are kept, marked as incomplete")
	defer stop()

	log := loglevel.New(c.err, levels)
	folder, err := c.folder(o, format, scenario, overrides, loglevel.For(log, "results"))
	if err != nil {
		return fail(ResultsFailed, err)
	}
	if stream != nil {
		interruptible(ctx, stream)
		folder.Stream(o.stream, stream)
	}
	if scenario, err = scenario.Unpack(folder.Dir()); err != nil {
		return fail(ResultsFailed, errors.Join(err, folder.Discard()))
	}
	if o.quiet {
		mode = progress.None
	}
	writer, err := createTrace(o.trace, folder, scenario, overrides)
	if err != nil {
		return fail(ResultsFailed, errors.Join(err, folder.Discard()))
	}
	r := &scenarioRun{command: c, scenario: scenario, folder: folder, progress: mode.On(c.terminal, c.getenv), trace: writer, log: log, logLevel: o.logLevel}
	if o.ui.show || o.ui.listen != "" {
		var cancel context.CancelFunc
		ctx, cancel = context.WithCancel(ctx)
		defer cancel()
		if r.page, err = c.showLive(o.ui, scenario.Name, folder, cancel); err != nil {
			return errors.Join(err, r.discardTrace(), folder.Discard())
		}
	}
	err = r.build(ctx)
	if err == nil {
		if o.profile {
			r.profile = profile.NewTrace(r.world.Instances())
		}
		err = r.run(ctx)
	}
	if r.page != nil {
		// The page has the folder's last state after what it is told now.
		defer func() { err = errors.Join(err, r.page.over(r.summary, err)) }()
	}
	if r.worthless(err) {
		discardErr := errors.Join(r.discardTrace(), folder.Discard())
		if o.out == "" {
			// Fails unless it is empty, which it is if it was made for this run.
			_ = os.Remove(runsFolder)
		}
		return errors.Join(err, discardErr)
	}
	return c.finish(r, err, o.quiet)
}

// read reads the scenario and applies the options that override it. overrides
// names them all, for the manifest.
func (o *runOptions) read(path string, registry *scenarios.Registry) (s *scenarios.Scenario, overrides []string, err error) {
	if s, overrides, err = o.values.read(path, registry); err != nil {
		return nil, nil, err
	}
	if o.until != "" {
		if s.Until, err = s.EndAt(o.until); err != nil {
			return nil, nil, fail(BadScenario, fmt.Errorf("--until %s: %w", o.until, err))
		}
		overrides = append(overrides, "until="+o.until)
	}
	if o.pace != "" {
		if s.Pace, err = parsePace(o.pace); err != nil {
			return nil, nil, fail(BadScenario, err)
		}
		overrides = append(overrides, "pace="+o.pace)
	}
	if o.maxLag != 0 {
		if o.maxLag < 0 || s.Pace == 0 {
			return nil, nil, fail(BadScenario, fmt.Errorf("--max-lag %v: it is how far a run with a pace may be behind; give a time above 0, and --pace", o.maxLag))
		}
		s.MaxLag = o.maxLag
		overrides = append(overrides, "max_lag="+o.maxLag.String())
	}
	if o.limit < 0 {
		return nil, nil, fail(BadScenario, fmt.Errorf("--wall-limit %v: it is how long the run may take; give a time above 0", o.limit))
	}
	return s, overrides, nil
}

func parsePace(text string) (float64, error) {
	if text == "fast" {
		return 0, nil
	}
	pace, err := strconv.ParseFloat(text, 64)
	if err != nil || !(pace > 0) || math.IsInf(pace, 1) {
		return 0, fmt.Errorf("--pace %s: write fast, 1 for real time, or 10 for ten times as fast", text)
	}
	return pace, nil
}

// folder makes the run folder.
func (c *command) folder(o runOptions, format results.Format, s *scenarios.Scenario, overrides []string, log *slog.Logger) (*results.Run, error) {
	tracePath, err := pathOfTrace(o.trace)
	if err != nil {
		return nil, err
	}
	dir := o.out
	if dir == "" {
		dir, err = results.NewFolder(runsFolder, s.Name, time.Now())
	} else {
		err = results.UseFolder(dir)
	}
	if err != nil {
		return nil, err
	}
	return results.Create(dir, results.Info{
		Name: s.Name, Path: s.Path, Source: s.Text(), Digest: s.Digest, Overrides: overrides,
		Seed: s.Seed, Start: s.Start, Until: s.Until, Pace: s.Pace, Version: Version(), Containers: containersOf(s),
		Format: format, Trace: tracePath, Logger: log,
	})
}

// containersOf lists the containers of a scenario for the manifest.
func containersOf(s *scenarios.Scenario) (list []results.Container) {
	for _, c := range s.Containers() {
		list = append(list, results.Container(c))
	}
	return list
}

// scenarioRun is a run of a scenario and what has become of it.
type scenarioRun struct {
	*command
	scenario *scenarios.Scenario
	folder   *results.Run
	progress progress.Mode

	world   *sim.World
	profile *profile.Trace // nil: not wanted
	page    *livePage      // nil: not wanted
	warned  int            // how many of the world's warnings Build has passed on
	trace   *trace.Writer  // nil: not wanted
	log     *slog.Logger
	// logLevel is as it was given, for containers that are started.
	logLevel string
	summary  *sim.Summary // nil: it did not begin
}

// build composes the world.
func (r *scenarioRun) build(ctx context.Context) (err error) {
	opts := scenarios.BuildOptions{Sink: r.folder.Sink, LogDir: r.folder.LogDir(), Host: containerHost(r.logLevel), Warn: r.folder.Warn,
		Logger: func(pkg string) *slog.Logger { return loglevel.For(r.log, pkg) }}
	if r.trace != nil {
		opts.Trace = r.trace
	}
	if r.page != nil {
		opts.Sink = func() sim.Sink { return r.page.sink }
		opts.Warn = func(text string) { r.folder.Warn(text); r.page.Log("warning", text) }
		if opts.Trace != nil { // which knows all messages
			opts.Trace = r.page.Tracer(opts.Trace)
		} else {
			opts.Watch = r.page
		}
	}
	r.world, err = r.scenario.Build(ctx, opts)
	if err != nil {
		return atFault(err)
	}
	r.warned = len(r.world.Warnings())
	if err := r.folder.Describe(r.world); err != nil {
		return fail(ResultsFailed, err)
	}
	return nil
}

// run runs the world and closes it.
func (r *scenarioRun) run(ctx context.Context) (err error) {
	shown := progress.Config{Out: r.terminal, Mode: r.progress, Color: r.color(), Name: r.scenario.Name,
		Status: r.world.Status, Stepping: r.world.Stepping, Activities: r.world.Activities}
	if r.page != nil {
		shown.Paused = r.page.control.Paused
	}
	display := progress.Start(shown, r.scenario.Until)
	r.err.through(display)
	if r.page != nil {
		r.err.through(logging{display, r.page})
		r.page.Begin(r.world)
	}
	opts := sim.RunOptions{Until: r.scenario.Until, Pace: r.scenario.Pace, MaxLag: r.scenario.MaxLag}
	if r.profile != nil {
		opts.Observe = r.profile.Add
	}
	if r.page != nil {
		opts.Control = &r.page.control
	}
	r.summary, err = r.world.Run(ctx, opts)
	display.Stop()
	r.err.through(r.terminal)
	// A simulator that fails when it is stopped may not have written what it
	// should: that is no complete run.
	if closeErr := r.world.Close(); err == nil {
		err = closeErr
	}
	return classify(r.scenario.Locate(err))
}

// worthless reports whether nothing is worth a folder: the scenario is at fault, or a
// simulator that did not start has left no log. The same command works after a fix.
func (r *scenarioRun) worthless(err error) bool {
	var f *failure
	if !errors.As(err, &f) {
		return false
	}
	return f.code == BadScenario || f.code == SimulatorFailed && r.summary == nil && !r.hasLogs()
}

// hasLogs reports whether there are logs of simulators.
func (r *scenarioRun) hasLogs() bool {
	logs, err := os.ReadDir(r.folder.LogDir())
	return err == nil && len(logs) > 0
}

// finish completes the folder and tells how the run went.
func (c *command) finish(r *scenarioRun, failure error, quiet bool) error {
	if r.world != nil {
		for _, text := range r.world.Warnings()[r.warned:] {
			r.folder.Warn(text)
		}
	}
	if r.profile != nil {
		if err := r.folder.WriteProfile(func(w io.Writer) error { return r.profile.Write(w, r.scenario.Name) }); err != nil && failure == nil {
			failure = fail(ResultsFailed, err)
		}
	}
	if err := r.endTrace(failure); err != nil && failure == nil {
		failure = fail(ResultsFailed, err)
	}
	if err := r.folder.Finish(r.summary, failure); err != nil && failure == nil {
		failure = fail(ResultsFailed, err)
	}
	if r.summary != nil && !quiet {
		if err := c.print(r.report()); err != nil && failure == nil {
			failure = err
		}
	}
	if failure == nil {
		return nil
	}
	return &keptError{failure: failure, run: r}
}

// keptError is what ended a run early, and where its results so far are.
type keptError struct {
	failure error
	run     *scenarioRun
}

func (e *keptError) Error() string {
	if errors.Is(e.failure, sim.ErrInterrupted) && e.run.summary != nil {
		// At which time is part of what is kept.
		_, waiting, _ := strings.Cut(e.failure.Error(), sim.ErrInterrupted.Error())
		return sim.ErrInterrupted.Error() + waiting + "; " + e.kept()
	}
	return e.failure.Error() + "\n" + e.kept()
}

// kept says what is left of the run.
func (e *keptError) kept() string {
	if e.run.summary == nil {
		if e.run.hasLogs() {
			return "logs of simulators are in " + e.run.folder.LogDir()
		}
		return "what there is of the run is in " + e.run.folder.Dir()
	}
	at := reached(e.run.summary)
	if date := e.run.world.Date(e.run.summary.Reached); !date.IsZero() {
		at += date.UTC().Format(" (2006-01-02 15:04:05 UTC)")
	}
	return fmt.Sprintf("the run got to %s of %s; its results so far are in %s, marked as incomplete",
		at, format.Exact(time.Duration(e.run.summary.Until)), e.run.folder.Dir())
}

func (e *keptError) Unwrap() error { return e.failure }
