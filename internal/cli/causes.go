package cli

import (
	"errors"
	"fmt"

	"github.com/simrun/simrun/internal/diag"
	"github.com/simrun/simrun/sim"
)

// groupCauses shortens the problems with simulators that failed like one before
// them, for the same missing package, say, to the place and the cause.
func groupCauses(problems diag.List) diag.List {
	firstOf := make(map[string]string) // kind of cause to the simulator
	grouped := make(diag.List, len(problems))
	for i, p := range problems {
		grouped[i] = p
		var (
			simulator *sim.SimulatorError
			failure   interface {
				error
				Cause() (kind, text string)
			}
		)
		if !errors.As(p.Err, &simulator) || !errors.As(p.Err, &failure) {
			continue
		}
		kind, text := failure.Cause()
		switch first, known := firstOf[kind]; {
		case kind == "":
		case !known:
			firstOf[kind] = simulator.Sim
		default:
			grouped[i].What = fmt.Sprintf("simulator %q: %s: %s", simulator.Sim, simulator.Op, text)
			grouped[i].Do = fmt.Sprintf("see simulator %q above", first)
		}
	}
	return grouped
}
