package profile

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/simrun/simrun/internal/format"
	"github.com/simrun/simrun/sim"
)

// Cost is what one simulator has cost.
type Cost struct {
	Sim string
	sim.Stats
}

// Costs are those of all simulators of a run.
func Costs(instances []*sim.Instance) []Cost {
	all := make([]Cost, len(instances))
	for i, in := range instances {
		all[i] = Cost{in.Name(), in.Stats()}
	}
	return all
}

// Noticeable is how long a run takes before anybody wants to know why.
const Noticeable = time.Second

// dominant is the share of the wall time from which one thing is the reason for it.
const dominant = 0.5

// Longest marks the most of n simulators that have taken the longest, all if they are no more.
func Longest(n, most int, took func(i int) time.Duration) (marked []bool) {
	byTime := make([]int, n)
	for i := range byTime {
		byTime[i] = i
	}
	slices.SortStableFunc(byTime, func(a, b int) int { return cmp.Compare(took(b), took(a)) })
	marked = make([]bool, n)
	for _, i := range byTime[:min(n, most)] {
		marked[i] = true
	}
	return marked
}

// Bottleneck says in one sentence what has taken the most of a run's wall time, as in
// "80% of the time is house's own steps (240, 33.1 ms each)". It is "" if no step was
// made. pace is that of the run, 0: as fast as possible.
func Bottleneck(wall time.Duration, pace float64, costs []Cost) string {
	share := func(d time.Duration) float64 { return min(1, float64(d)/float64(wall)) }
	var worst Cost
	var messages bool // what is worst are its messages
	var spent, sum time.Duration
	for _, c := range costs {
		sum += c.Own + c.Messaging
		if c.Own > spent {
			worst, spent, messages = c, c.Own, false
		}
		if c.Messaging > spent {
			worst, spent, messages = c, c.Messaging, true
		}
	}
	if worst.Steps == 0 || wall <= 0 {
		return ""
	}
	what := possessive(worst.Sim) + " own steps"
	if messages {
		what = fmt.Sprintf("messages to and from %s", worst.Sim)
	}
	what += fmt.Sprintf(" (%s, %s each)", format.Count(worst.Steps), format.Wall(spent/time.Duration(worst.Steps)))
	text := fmt.Sprintf("%.0f%% of the time is %s", 100*share(spent), what)
	rest := 1 - share(sum)
	switch {
	case share(spent) >= dominant:
		if c := slowestContainer(worst); c != nil && share(c.Own) >= dominant {
			text += fmt.Sprintf(", %.0f%% waiting for container %s", 100*share(c.Own), c.Name)
		}
	case pace > 0 && share(sum) < 0.01:
		text = "The run follows the clock; the simulators take less than 1% of the time"
	case pace > 0:
		text = fmt.Sprintf("The run follows the clock; %s", text)
	case rest >= dominant:
		text = fmt.Sprintf("%.0f%% of the time is simrun's own work between %s short steps; of the simulators, %s takes the most, %.0f%%",
			100*rest, format.Count(steps(costs)), worst.Sim, 100*share(spent))
	default:
		text += "; no simulator takes more"
	}
	return text + "."
}

func possessive(name string) string {
	if strings.HasSuffix(name, "s") {
		return name + "'"
	}
	return name + "'s"
}

func steps(costs []Cost) (n int64) {
	for _, c := range costs {
		n += c.Steps
	}
	return n
}

func slowestContainer(c Cost) (slowest *sim.ContainerStats) {
	for i := range c.Containers {
		if slowest == nil || c.Containers[i].Own > slowest.Own {
			slowest = &c.Containers[i]
		}
	}
	return slowest
}

// StepSize is how far apart a simulator's steps were on average, and how far ahead it
// asked for the next one; negative: not known.
func StepSize(s sim.Stats) (got, asked time.Duration) {
	got, asked = -1, -1
	if s.Steps > 1 {
		got = s.Advanced / time.Duration(s.Steps-1)
	}
	if s.Requests > 0 {
		asked = time.Duration(s.Requested / float64(s.Requests))
	}
	return got, asked
}
