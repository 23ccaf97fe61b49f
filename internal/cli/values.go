package cli

import (
	"fmt"
	"strconv"

	"github.com/spf13/cobra"

	"github.com/simrun/simrun/scenarios"
)

// valueOptions are the options that replace values of a scenario before it is
// read.
type valueOptions struct {
	set  []string
	seed string // "": that of the scenario
}

// add adds the options to a command.
func (o *valueOptions) add(c *command, cmd *cobra.Command) {
	flags := cmd.Flags()
	flags.StringArrayVar(&o.set, "set", nil, "replace a parameter of the scenario: `NAME=VALUE` or a.b=VALUE; may be repeated")
	flags.StringVar(&o.seed, "seed", "", "replace the scenario's seed by this whole `NUMBER`: other random numbers, same scenario")
	completeBy(cmd, "set", c.completeParameter)
	completeBy(cmd, "seed", cobra.NoFileCompletions)
}

// read reads the scenario with them. overrides names them all, for the manifest.
func (o *valueOptions) read(path string, registry *scenarios.Registry) (s *scenarios.Scenario, overrides []string, err error) {
	options := scenarios.ReadOptions{Set: o.set, Registry: registry}
	overrides = append(overrides, o.set...)
	if o.seed != "" {
		seed, err := strconv.ParseUint(o.seed, 10, 64)
		if err != nil {
			return nil, nil, fail(BadScenario, fmt.Errorf("--seed %s: write a whole number from 0 on", o.seed))
		}
		options.Seed = &seed
		overrides = append(overrides, fmt.Sprintf("seed=%d", seed))
	}
	if s, err = scenarios.Read(path, options); err != nil {
		return nil, nil, fail(BadScenario, err)
	}
	return s, overrides, nil
}
