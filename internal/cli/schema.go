package cli

import (
	"github.com/spf13/cobra"

	"github.com/simrun/simrun/scenarios"
)

func (c *command) schemaCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "schema",
		Short: "Print the JSON Schema of scenario files",
		Long: `Print the JSON Schema of scenario files. Editors use it to complete and to check them.
For those with the YAML language server, put it beside the scenario and begin the scenario with:

  # yaml-language-server: $schema=scenario.schema.json`,
		Example: `  simrun schema > scenario.schema.json`,
		Args:    noArgs,
		RunE:    func(*cobra.Command, []string) error { return c.print(string(scenarios.Schema())) },
	}
}
