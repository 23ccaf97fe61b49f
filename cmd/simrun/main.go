// Command simrun runs co-simulations. See simrun --help, or docs/cli.md.
package main

import (
	"os"

	"github.com/simrun/simrun/internal/cli"
	"github.com/simrun/simrun/scenarios"
)

func main() { os.Exit(cli.Main(os.Args[1:], scenarios.DefaultRegistry())) }
