package cli

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"

	"github.com/simrun/simrun/internal/graphdraw"
	"github.com/simrun/simrun/internal/trace"
	"github.com/simrun/simrun/scenarios"
	"github.com/simrun/simrun/sim"
)

func (c *command) graphCommand() *cobra.Command {
	var values valueOptions
	var out string
	var start, execution bool
	var window windowOptions
	var sims []string
	cmd := &cobra.Command{
		Use:   "graph FILE|builtin:NAME",
		Short: "Draw who is connected to whom in a scenario, or what has led to what in a run",
		Long: `Draw the simulators of a scenario, their entities and connections, as SVG or for Graphviz.
Entities of one model share a row if there are many, and of more than 20 simulators those share
a box that have the same models and are connected in the same way. What is seen later, or in the next
round (weak), is dashed or dotted. The scenario is not run. Entities of external
simulators are known only once these are started, which --start allows.

With --execution, draw which step of a run has led to which, from the trace that simrun run --trace
has written: give the folder of the run, or the trace, in place of a scenario.`,
		Example: `  simrun graph first.yaml
  simrun graph builtin:district --out district.svg
  simrun graph first.yaml --out first.dot && dot -Tpdf first.dot -o first.pdf
  simrun graph builtin:street --start
  simrun graph --execution traced --to 1h`,
		Args: func(cmd *cobra.Command, args []string) error {
			if execution {
				return oneTrace(cmd, args)
			}
			return oneScenario(cmd, args)
		},
		ValidArgsFunction: completeScenario,
		RunE: func(cmd *cobra.Command, args []string) error {
			if execution {
				return c.graphExecution(args[0], window, sims, out)
			}
			if window != (windowOptions{}) || len(sims) > 0 {
				return errors.New("--from, --to and --sim go with --execution")
			}
			return c.graph(cmd.Context(), args[0], values, out, start)
		},
	}
	flags := cmd.Flags()
	flags.SortFlags = false
	flags.StringVarP(&out, "out", "o", "", "`FILE` to write, .svg or .dot; it is overwritten (default NAME.graph.svg, with the scenario's name)")
	flags.BoolVar(&start, "start", false, "start external simulators to ask for their entities")
	values.add(c, cmd)
	flags.BoolVar(&execution, "execution", false, "draw which step has led to which in a run")
	window.add(cmd)
	flags.StringArrayVar(&sims, "sim", nil, "only simulators that match this `PATTERN`; may be repeated")
	return cmd
}

// graph is simrun graph.
func (c *command) graph(ctx context.Context, path string, values valueOptions, out string, start bool) error {
	scenario, _, err := values.read(path, c.registry)
	if err != nil {
		return err
	}
	if out == "" {
		out = scenario.Name + ".graph.svg"
	}
	kind, err := graphKind(out)
	if err != nil {
		return err
	}
	if !start && len(scenario.External())+len(scenario.Containers()) > 0 {
		return fail(BadScenario, errors.New("the scenario has programs of its own, whose entities are known only once they run; allow that with --start"))
	}
	ctx, stop := c.untilInterrupted(ctx, "")
	defer stop()
	g, err := c.graphOf(ctx, scenario)
	if err != nil {
		return atFault(err)
	}
	text := g.SVG()
	if kind == ".dot" {
		text = g.DOT(scenario.Name)
	}
	return c.overwrite(out, []byte(text))
}

// graphKind is .svg or .dot.
func graphKind(out string) (string, error) {
	kind := strings.ToLower(filepath.Ext(out))
	if kind != ".svg" && kind != ".dot" {
		return "", fmt.Errorf("--out %s: a graph is .svg or .dot", out)
	}
	return kind, nil
}

// graphExecution is simrun graph --execution.
func (c *command) graphExecution(path string, window windowOptions, sims []string, out string) (err error) {
	r, err := openTrace(path)
	if err != nil {
		return fail(BadScenario, err)
	}
	defer func() { err = errors.Join(err, r.Close()) }()
	if out == "" {
		out = r.Header.Scenario + ".execution.svg"
	}
	kind, err := graphKind(out)
	if err != nil {
		return err
	}
	if err := known(sims, &r.Header.World); err != nil {
		return fail(BadScenario, err)
	}
	f := &trace.Filter{Sims: sims}
	if f.From, f.To, err = window.window(&r.Header.World); err != nil {
		return fail(BadScenario, err)
	}
	e, err := f.Execution(r)
	if err != nil {
		return fail(BadScenario, err)
	}
	if len(e.Steps) == 0 {
		return fail(BadScenario, fmt.Errorf("%s: there is no such step", path))
	}
	text := e.SVG()
	if kind == ".dot" {
		text = e.DOT(r.Header.Scenario)
	}
	return c.overwrite(out, []byte(text))
}

// graphOf composes the world of a scenario, and closes it again.
func (c *command) graphOf(ctx context.Context, s *scenarios.Scenario) (*graphdraw.Graph, error) {
	dir, remove, err := c.scratch("simrun-graph-*")
	if err != nil {
		return nil, err
	}
	defer remove()
	if s, err = s.Unpack(dir); err != nil {
		return nil, fail(ResultsFailed, err)
	}
	world, err := s.Build(ctx, scenarios.BuildOptions{Sink: func() sim.Sink { return &sim.Memory{} }, Host: containerHost(noLog)})
	if err != nil {
		return nil, err
	}
	g := graphdraw.Of(world)
	return g, world.Close()
}
