package profile

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/simrun/simrun/internal/format"
	"github.com/simrun/simrun/sim"
)

// mostNamed is how many of those that a simulator waits for are named.
const mostNamed = 3

// Table tells how far apart the steps of the simulators were and how far apart they
// asked for, for whom they waited, and their messages.
func Table(costs []Cost) *format.Table {
	table := &format.Table{Right: " RRRRR", Indent: "  "}
	table.Row("simulator", "step size", "asked for", "woken early", "messages", "bytes", "waited for")
	for _, c := range costs {
		got, asked := StepSize(c.Stats)
		table.Row(append([]string{c.Sim, size(got), size(asked), count(c.Early)}, append(traffic(c.Traffic), WaitedFor(c.For))...)...)
		for _, k := range c.Containers {
			table.Row(append([]string{"  " + k.Name, "", "", ""}, append(traffic(k.Traffic), fmt.Sprintf("answered %s calls in %s", format.Count(k.Calls), format.Wall(k.Own)))...)...)
		}
	}
	return table
}

func size(d time.Duration) string {
	if d < 0 {
		return "-"
	}
	return format.Rough(d)
}

func count(n int64) string {
	if n == 0 {
		return "-"
	}
	return format.Count(n)
}

func traffic(t sim.Traffic) []string {
	if t == (sim.Traffic{}) {
		return []string{"-", "-"}
	}
	return []string{format.Count(t.Sent + t.Received), format.Bytes(t.BytesSent + t.BytesReceived)}
}

// WaitedFor says for whom somebody has waited and how long: grid 1.2 s, pv 30 ms.
func WaitedFor(waits []sim.Wait) string {
	var parts []string
	for i, w := range waits {
		if i == mostNamed {
			parts = append(parts, fmt.Sprintf("and %d more", len(waits)-mostNamed))
			break
		}
		name := w.Sim
		if name == "" {
			name = "others"
		}
		parts = append(parts, name+" "+format.Wall(w.For))
	}
	if len(parts) == 0 {
		return "-"
	}
	return strings.Join(slices.Clip(parts), ", ")
}
