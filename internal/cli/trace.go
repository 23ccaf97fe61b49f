package cli

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/simrun/simrun/internal/results"
	"github.com/simrun/simrun/internal/suggest"
	"github.com/simrun/simrun/internal/trace"
	"github.com/simrun/simrun/sim"
)

// traceOptions are the options of simrun trace, as given.
type traceOptions struct {
	sims, entities, kinds []string
	window                windowOptions
	format                string
	out                   string
}

// windowOptions choose a part of virtual time.
type windowOptions struct{ from, to string }

func (o *windowOptions) add(cmd *cobra.Command) {
	cmd.Flags().StringVar(&o.from, "from", "", "begin at this virtual `TIME`, such as 12h, or at this date")
	cmd.Flags().StringVar(&o.to, "to", "", "end with this virtual `TIME`, or at this date")
}

// window reads the options.
func (o *windowOptions) window(w *sim.TraceWorld) (from, to sim.Time, err error) {
	to = sim.Never
	for _, end := range []struct {
		option, text string
		t            *sim.Time
	}{{"--from", o.from, &from}, {"--to", o.to, &to}} {
		if end.text == "" {
			continue
		}
		if *end.t, err = parseInstant(end.text, w.Start); err != nil {
			return 0, 0, fmt.Errorf("%s %s: %w", end.option, end.text, err)
		}
	}
	if from > to {
		return 0, 0, fmt.Errorf("there is nothing from %v to %v", from, to)
	}
	return from, to, nil
}

var traceFormats = []string{"text", "json", "perfetto"}

func (c *command) traceCommand() *cobra.Command {
	var o traceOptions
	cmd := &cobra.Command{
		Use:   "trace RUN|FILE",
		Short: "Print, filter or convert the trace of a run",
		Long: `Print what has happened in a run, step by step, with what caused each step and which new
values it has seen: from the trace that simrun run --trace has written. A RUN is the folder of
a run, a FILE the trace itself; the run may be under way or have been killed.

In patterns * stands for any text.`,
		Example: `  simrun run first.yaml --trace trace.zst --out traced
  simrun trace traced --to 1h
  simrun trace traced --entity 'battery*' --kind value
  simrun trace traced --format json | jq 'select(.kind == "message")'
  simrun trace traced --format perfetto --out trace.json     open it in ui.perfetto.dev`,
		Args:              oneTrace,
		ValidArgsFunction: completeTraces,
		RunE:              func(_ *cobra.Command, args []string) error { return c.trace(args[0], o) },
	}
	flags := cmd.Flags()
	flags.SortFlags = false
	flags.StringArrayVar(&o.sims, "sim", nil, "only simulators that match this `PATTERN`; may be repeated")
	flags.StringArrayVar(&o.entities, "entity", nil, "only entities, agents, or attributes (ENTITY.ATTRIBUTE) that match this `PATTERN`; may be repeated")
	flags.StringSliceVar(&o.kinds, "kind", nil, "only these `KINDS`: "+strings.Join(trace.Kinds(), ", "))
	o.window.add(cmd)
	flags.StringVar(&o.format, "format", "text", "`FORMAT`: text, json (JSON lines), perfetto (for ui.perfetto.dev, in virtual time)")
	flags.StringVarP(&o.out, "out", "o", "", "write to this new `FILE`, not to standard output")
	completeFixed(cmd, "kind", trace.Kinds())
	completeFixed(cmd, "format", traceFormats)
	return cmd
}

func oneTrace(cmd *cobra.Command, args []string) error {
	if len(args) != 1 {
		return fmt.Errorf("%s needs one trace: the folder of a run, or a file", cmd.CommandPath())
	}
	return nil
}

// filter reads the options that say what is wanted.
func (o *traceOptions) filter(w *sim.TraceWorld) (*trace.Filter, error) {
	f := &trace.Filter{Sims: o.sims, Entities: o.entities}
	for _, kind := range o.kinds {
		if !slices.Contains(trace.Kinds(), kind) {
			return nil, fmt.Errorf("--kind %s: no such kind; %s", kind, suggest.Sentence(kind, trace.Kinds()))
		}
		f.Kinds = append(f.Kinds, trace.Kind(kind))
	}
	if err := known(o.sims, w); err != nil {
		return nil, err
	}
	var err error
	f.From, f.To, err = o.window.window(w)
	return f, err
}

// trace is simrun trace.
func (c *command) trace(path string, o traceOptions) (err error) {
	if !slices.Contains(traceFormats, o.format) {
		return fmt.Errorf("--format: no format %q; %s", o.format, suggest.Sentence(o.format, traceFormats))
	}
	r, err := openTrace(path)
	if err != nil {
		return fail(BadScenario, err)
	}
	defer func() { err = errors.Join(err, r.Close()) }()
	f, err := o.filter(&r.Header.World)
	if err != nil {
		return fail(BadScenario, err)
	}
	if o.out == "" {
		return c.printTrace(r, f, o.format, c.out)
	}
	file, err := os.OpenFile(o.out, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o644)
	if errors.Is(err, fs.ErrExist) {
		err = fmt.Errorf("--out %s is there already; choose another name", o.out)
	}
	if err != nil {
		return fail(ResultsFailed, err)
	}
	err = c.printTrace(r, f, o.format, file)
	if closeErr := file.Close(); closeErr != nil && err == nil {
		err = fail(ResultsFailed, closeErr)
	}
	if err != nil {
		err = errors.Join(err, os.Remove(o.out)) // it is not whole
	}
	return err
}

// known checks that each pattern is for a simulator.
func known(sims []string, w *sim.TraceWorld) error {
	names := make([]string, len(w.Sims))
	for i, s := range w.Sims {
		names[i] = s.Name
	}
	for _, pattern := range sims {
		if !slices.ContainsFunc(names, func(name string) bool { return trace.Match(pattern, name) }) {
			return fmt.Errorf("--sim %s: no such simulator in the trace; %s", pattern, suggest.Sentence(pattern, names))
		}
	}
	return nil
}

func (c *command) printTrace(r *trace.Reader, f *trace.Filter, format string, out io.Writer) error {
	buffered := bufio.NewWriter(out)
	items := 0
	counted := func(do func(*trace.Item) error) func(*trace.Item) error {
		return func(item *trace.Item) error { items++; return do(item) }
	}
	var err error
	switch format {
	case "json":
		err = f.Each(r, counted(trace.NewJSON(buffered, r.Header).Item))
	case "perfetto":
		p := trace.NewPerfetto(buffered, r.Header)
		if err = f.Each(r, counted(p.Item)); err == nil {
			err = p.Close()
		}
	default:
		err = f.Each(r, counted(trace.NewText(buffered, r.Header).Item))
	}
	var unknown *trace.NoEntityError
	if errors.As(err, &unknown) {
		pattern := unknown.Patterns[0]
		err = errors.Join(buffered.Flush(), // what there is for the others
			fail(BadScenario, fmt.Errorf("--entity %s: no such entity, attribute or agent in the trace; %s", pattern, suggest.Sentence(pattern, unknown.Names))))
		return err
	}
	if err == nil {
		err = buffered.Flush()
	}
	if err != nil {
		return fail(ResultsFailed, err)
	}
	if items == 0 {
		c.say("the trace has nothing like that")
	}
	if _, err := r.Next(); !errors.Is(err, io.EOF) {
		return nil // it goes on
	}
	switch end := r.End(); {
	case end == nil:
		c.say("the trace ends in the middle: the run was killed, or is under way")
	case end.Err != "":
		c.say("the run has ended at %v: %s", end.Reached, indent(end.Err))
	}
	return nil
}

// completeTraces completes run folders and files.
func completeTraces(*cobra.Command, []string, string) ([]cobra.Completion, cobra.ShellCompDirective) {
	return nil, cobra.ShellCompDirectiveDefault
}

// tracePath finds the trace of a run folder; a file is one itself. It is "" if the
// run has none.
func tracePath(path string) (string, error) {
	info, err := os.Stat(path)
	switch {
	case errors.Is(err, os.ErrNotExist):
		return "", fmt.Errorf("%s: there is no such run folder or trace", path)
	case err != nil:
		return "", err
	case !info.IsDir():
		return path, nil
	}
	m, err := results.ReadManifest(path)
	if err != nil {
		return "", err
	}
	file := filepath.FromSlash(m.Trace)
	if file == "" || filepath.IsAbs(file) {
		return file, nil
	}
	return filepath.Join(path, file), nil
}

// howToTrace tells what to do about a run without a trace.
const howToTrace = "run the scenario again with --trace trace.zst"

func openTrace(path string) (*trace.Reader, error) {
	file, err := tracePath(path)
	if err != nil {
		return nil, err
	}
	if file == "" {
		return nil, fmt.Errorf("%s has no trace; %s", path, howToTrace)
	}
	return trace.Open(file)
}
