package cli

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/spf13/cobra"

	"github.com/simrun/simrun/channel"
	"github.com/simrun/simrun/internal/suggest"
	"github.com/simrun/simrun/sim"
	"github.com/simrun/simrun/sim/mosaik"
)

type simulatorOptions struct {
	listen string
	start  string
	seed   uint64
	api    string
}

func (c *command) simulatorCommand() *cobra.Command {
	var o simulatorOptions
	cmd := &cobra.Command{
		Use:   "simulator MODEL (HOST:PORT | --listen HOST:PORT)",
		Short: "Be a simulator of mosaik: serve a built-in model",
		Long: `Serve a built-in model to mosaik, or to another simrun, as a simulator. mosaik starts it with
the address to connect to, or connects to it; then the first line of the output is the
address at which it listens, with the real port. It ends when it is told to stop.

Parameters of the simulator are those of World.start, parameters of the model those of its
create: see simrun list MODEL. Durations are texts, such as "15m".

Exit codes: 0 it was asked to stop, 2 bad options, or there is nobody to connect to,
3 it failed, or the connection broke, 4 interrupted.`,
		Example: `  {"Battery": {"cmd": "simrun simulator battery %(addr)s"}}
  simrun simulator pv --start 2026-06-01 --listen 127.0.0.1:5678`,
		Args: func(cmd *cobra.Command, args []string) error {
			switch {
			case len(args) == 0:
				return fmt.Errorf("%s needs the name of a model (see simrun list)", cmd.CommandPath())
			case len(args) > 2:
				return fmt.Errorf("%s takes a model and an address, got %d arguments", cmd.CommandPath(), len(args))
			case (len(args) == 2) == (o.listen != ""):
				return fmt.Errorf("%s needs either the address of a mosaik that has started it, or --listen HOST:PORT", cmd.CommandPath())
			}
			return nil
		},
		ValidArgsFunction: func(_ *cobra.Command, args []string, _ string) ([]cobra.Completion, cobra.ShellCompDirective) {
			var names []cobra.Completion
			if len(args) == 0 {
				for _, m := range c.registry.Models {
					names = append(names, cobra.CompletionWithDesc(m.Name, m.Doc))
				}
			}
			return names, cobra.ShellCompDirectiveNoFileComp
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			return c.simulator(cmd.Context(), o, args)
		},
	}
	flags := cmd.Flags()
	flags.SortFlags = false
	flags.StringVar(&o.listen, "listen", "", "`HOST:PORT` to listen at; port 0 is any free one")
	flags.StringVar(&o.start, "start", "", "`DATE` of time 0, which mosaik does not tell: 2026-06-01, or 2026-06-01T00:00:00Z")
	flags.Uint64Var(&o.seed, "seed", 0, "root of the random `NUMBERS` of the simulator")
	flags.StringVar(&o.api, "api", "3.0", "`VERSION` of the API to speak: 2.2, say, for mosaik 2, which knows time-based simulators only")
	completeFixed(cmd, "listen", []string{"127.0.0.1:0"})
	completeFixed(cmd, "start", nil)
	completeFixed(cmd, "seed", nil)
	completeFixed(cmd, "api", []string{"2.2", "3.0"})
	return cmd
}

// simulator is simrun simulator.
func (c *command) simulator(ctx context.Context, o simulatorOptions, args []string) error {
	simulator, err := c.newModel(args[0])
	if err != nil {
		return fail(BadScenario, err)
	}
	cfg := mosaik.ServeConfig{Seed: o.seed, API: o.api}
	if cfg.Start, err = startDate(o.start); err != nil {
		return fail(BadScenario, err)
	}
	if err := cfg.Check(); err != nil {
		return fail(BadScenario, fmt.Errorf("--api %s: %w", o.api, err))
	}
	ctx, stop := c.untilInterruptedQuietly(ctx)
	defer stop()
	if o.listen == "" {
		return served(mosaik.Serve(ctx, args[1], simulator, cfg))
	}
	l, err := channel.Listen(o.listen, channel.Config{})
	if err != nil {
		return fail(BadScenario, err)
	}
	defer l.Close() // what it accepted has ended
	if err := c.print(l.Addr()[len("tcp://"):] + "\n"); err != nil {
		return err
	}
	return served(mosaik.ServeListener(ctx, l, simulator, cfg))
}

// newModel returns the simulator of a built-in model.
func (c *command) newModel(name string) (sim.Simulator, error) {
	var names []string
	for _, m := range c.registry.Models {
		if m.Name == name {
			return m.New(), nil
		}
		names = append(names, m.Name)
	}
	return nil, fmt.Errorf("simulator: no model %q; %s", name, suggest.Sentence(name, names))
}

// startDate reads the date of time 0; without one there is none.
func startDate(text string) (time.Time, error) {
	if text == "" {
		return time.Time{}, nil
	}
	for _, layout := range []string{time.RFC3339, time.DateOnly} {
		if date, err := time.Parse(layout, text); err == nil {
			return date, nil
		}
	}
	return time.Time{}, fmt.Errorf("--start %s: write a date such as 2026-06-01 or 2026-06-01T00:00:00Z", text)
}

// served finds the exit code of an error of serving.
func served(err error) error {
	var unreachable *mosaik.DialError
	switch {
	case err == nil:
		return nil
	case errors.Is(err, context.Canceled):
		return fail(Interrupted, err)
	case errors.As(err, &unreachable):
		return fail(BadScenario, err)
	}
	return fail(SimulatorFailed, err)
}
