package progress

import (
	"fmt"
	"time"

	"github.com/simrun/simrun/internal/format"
	"github.com/simrun/simrun/sim"
)

// patience is how long a step may take before it is shown.
const patience = 2 * time.Second

// waiting says who has been in a step for so long that one may ask: waiting for
// heat (step at 5 h) for 20 s. It is "" if nobody has.
func waiting(stepping []sim.Stepping, now time.Time) string {
	var longest sim.Stepping
	others := -1
	for _, s := range stepping {
		if now.Sub(s.Since) < patience {
			continue
		}
		others++
		if others == 0 || s.Since.Before(longest.Since) {
			longest = s
		}
	}
	if others < 0 {
		return ""
	}
	who := longest.Sim
	if longest.Waits != "" {
		who += ", " + longest.Waits
	}
	text := fmt.Sprintf("waiting for %s (step at %s) for %s", who, format.Rough(time.Duration(longest.At)),
		format.Rough(now.Sub(longest.Since).Truncate(time.Second)))
	if others > 0 {
		text += fmt.Sprintf(", and %d more", others)
	}
	return text
}
