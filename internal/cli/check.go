package cli

import (
	"context"
	"fmt"

	"github.com/spf13/cobra"

	"github.com/simrun/simrun/scenarios"
	"github.com/simrun/simrun/sim"
)

func (c *command) checkCommand() *cobra.Command {
	var values valueOptions
	var start bool
	cmd := &cobra.Command{
		Use:   "check FILE|builtin:NAME",
		Short: "Find mistakes in a scenario without running it",
		Long: `Find mistakes in a scenario without running it, all of them at once. Nothing is started,
unless --start allows it: then external simulators are started, asked what they offer,
and stopped again, so that names of their models and attributes are checked as well.

Exit codes: 0 no problems (there may be warnings), 2 problems, 3 a simulator failed to start.`,
		Example: `  simrun init first                  write a scenario: first.yaml
  simrun check first.yaml --set homes=20
  simrun check builtin:street --start`,
		Args:              oneScenario,
		ValidArgsFunction: completeScenario,
		RunE: func(cmd *cobra.Command, args []string) error {
			return c.check(cmd.Context(), args[0], values, start)
		},
	}
	cmd.Flags().SortFlags = false
	cmd.Flags().BoolVar(&start, "start", false, "start external simulators to ask what they offer")
	values.add(c, cmd)
	return cmd
}

// check is simrun check.
func (c *command) check(ctx context.Context, path string, values valueOptions, start bool) error {
	scenario, _, err := values.read(path, c.registry)
	if err != nil {
		return err
	}
	ctx, stop := c.untilInterrupted(ctx, "")
	defer stop()
	if start {
		dir, remove, err := c.scratch("simrun-check-*")
		if err != nil {
			return err
		}
		defer remove()
		if scenario, err = scenario.Unpack(dir); err != nil {
			return fail(ResultsFailed, err)
		}
	}
	// Without logs: what matters of them is in the errors.
	problems, warnings := scenario.Check(ctx, scenarios.CheckOptions{Start: start, Host: containerHost(noLog)})
	if ctx.Err() != nil {
		return fail(Interrupted, sim.ErrInterrupted)
	}
	// Warnings do not change what the command comes to.
	_ = warnings.RenderEach(c.err)
	if len(problems) > 0 {
		return atFault(problems)
	}
	text := fmt.Sprintf("%s: no problems", path)
	if n := int64(len(warnings)); n > 0 {
		text += fmt.Sprintf(", %d %s", n, plural(n, "warning", "warnings"))
	}
	return c.print(text + "\n")
}
