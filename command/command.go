// Package command is the command simrun, with models and agents of your own beside
// those that come with it:
//
//	func main() {
//		registry := scenarios.DefaultRegistry()
//		registry.Agents = append(registry.Agents, sim.AgentOf[Guard]("Guard", "warns of too much"))
//		os.Exit(command.Main(os.Args[1:], registry))
//	}
//
// Such a program runs and checks scenarios that name them, lists them, and hosts
// the agents of such scenarios in processes of their own. What its arguments can be
// tells docs/cli.md.
package command

import (
	"github.com/simrun/simrun/internal/cli"
	"github.com/simrun/simrun/scenarios"
)

// Main runs the command with the arguments that follow the name of the program,
// and returns what to exit with.
func Main(args []string, registry *scenarios.Registry) (exitCode int) {
	return cli.Main(args, registry)
}
