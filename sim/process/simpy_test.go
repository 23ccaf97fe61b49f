package process_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/simrun/simrun/internal/peertest"
	"github.com/simrun/simrun/scheduler"
	"github.com/simrun/simrun/sim/process"
	"github.com/simrun/simrun/sim/random"
)

// The examples that SimPy is known for, with the numbers drawn here: the real SimPy, which
// runs peers/simpy_examples.py, says the same of what happens and when. What happens at one
// nanosecond may be told in another order there.
func TestExamplesOfSimPy(t *testing.T) {
	python, kernels := peertest.Python(t), peertest.DES(t)
	var worlds []simpyWorld
	for seed := range uint64(5) {
		worlds = append(worlds, newSimpyWorld(seed))
	}
	input, err := json.Marshal(worlds)
	require.NoError(t, err)
	c := exec.Command(python, "../../peers/simpy_examples.py")
	c.Env = append(os.Environ(), "PYTHONPATH="+kernels)
	c.Stdin = bytes.NewReader(input)
	var complaint bytes.Buffer
	c.Stderr = &complaint
	output, err := c.Output()
	require.NoError(t, err, complaint.String())
	var theirs []map[string][]string
	require.NoError(t, json.Unmarshal(output, &theirs))

	for name, example := range map[string]func(simpyWorld) (simpyExample, scheduler.Time){
		"bank":          func(w simpyWorld) (simpyExample, scheduler.Time) { return w.Bank.model, w.Bank.Until },
		"carwash":       func(w simpyWorld) (simpyExample, scheduler.Time) { return w.Carwash.model, w.Carwash.Until },
		"gas_station":   func(w simpyWorld) (simpyExample, scheduler.Time) { return w.GasStation.model, w.GasStation.Until },
		"machine_shop":  func(w simpyWorld) (simpyExample, scheduler.Time) { return w.MachineShop.model, w.MachineShop.Until },
		"cinema":        func(w simpyWorld) (simpyExample, scheduler.Time) { return w.Cinema.model, w.Cinema.Until },
		"latency":       func(w simpyWorld) (simpyExample, scheduler.Time) { return w.Latency.model, w.Latency.Until },
		"communication": func(w simpyWorld) (simpyExample, scheduler.Time) { return w.Communication.model, w.Communication.Until },
	} {
		t.Run(name, func(t *testing.T) {
			for i, w := range worlds {
				s := process.New(name)
				var ours []string
				model, until := example(w)
				model(s, func(format string, args ...any) {
					ours = append(ours, fmt.Sprintf("%d ", s.Now())+fmt.Sprintf(format, args...))
				})
				require.NoError(t, s.RunUntil(context.Background(), until+1))
				require.NoError(t, s.Close())
				slices.Sort(ours)
				slices.Sort(theirs[i][name])
				require.Greater(t, len(ours), 20)
				require.Equal(t, strings.Join(theirs[i][name], "\n"), strings.Join(ours, "\n"), "seed %d", i)
			}
		})
	}
}

type simpyExample func(s *process.Simulation, note func(format string, args ...any))

// simpyWorld is the numbers of all examples; those without a unit in what follows are times
// in nanoseconds.
type simpyWorld struct {
	Bank          bank          `json:"bank"`
	Carwash       carwash       `json:"carwash"`
	GasStation    gasStation    `json:"gas_station"`
	MachineShop   machineShop   `json:"machine_shop"`
	Cinema        cinema        `json:"cinema"`
	Latency       latency       `json:"latency"`
	Communication communication `json:"communication"`
}

func newSimpyWorld(seed uint64) (w simpyWorld) {
	stream := random.New(seed, "examples")
	times := func(n int, mean time.Duration) []time.Duration {
		list := make([]time.Duration, n)
		for i := range list {
			list[i] = time.Duration(stream.ExpFloat64() * float64(mean))
		}
		return list
	}
	numbers := func(n, low, high int) []int {
		list := make([]int, n)
		for i := range list {
			list[i] = low + stream.IntN(high-low+1)
		}
		return list
	}
	const n, end = 50, 24 * scheduler.Hour
	w.Bank = bank{end, times(n, 10*time.Minute), times(n, 10*time.Minute), times(n, 12*time.Minute)}
	w.Carwash = carwash{end, times(n, 4*time.Minute), numbers(n, 50, 99), 7 * time.Minute}
	w.GasStation = gasStation{end, times(n, 2*time.Minute), numbers(n, 5, 45), 200, time.Second / 2, 5 * time.Minute, 10 * time.Second}
	w.MachineShop = machineShop{Until: end, Jobs: times(n, 30*time.Minute), Repair: 30 * time.Minute}
	for range 6 {
		w.MachineShop.Parts = append(w.MachineShop.Parts, times(200, 10*time.Minute))
		w.MachineShop.Failures = append(w.MachineShop.Failures, times(20, 5*time.Hour))
	}
	w.Cinema = cinema{end, times(4*n, 30*time.Second), numbers(4*n, 0, 2), numbers(4*n, 1, 6), []int{50, 50, 50}, time.Minute, 30 * time.Second}
	w.Latency = latency{end, times(n, 5*time.Second), times(n, 10*time.Second)}
	w.Communication = communication{Until: end, Gaps: times(n, 6*time.Second), Capacity: 3}
	for range 3 {
		w.Communication.Thinking = append(w.Communication.Thinking, times(n, 6*time.Second))
	}
	return w
}

// bank: customers lose patience while they wait for the counter, and renege.
type bank struct {
	Until    scheduler.Time  `json:"until"`
	Gaps     []time.Duration `json:"gaps"`
	Patience []time.Duration `json:"patience"`
	Service  []time.Duration `json:"service"`
}

func (b bank) model(s *process.Simulation, note func(format string, args ...any)) {
	counter := process.NewResource(s, "counter", 1)
	customer := func(i int) func(p *process.Process) error {
		return func(p *process.Process) error {
			note("customer %d comes", i)
			err := p.Within(b.Patience[i], func() error { return counter.Acquire(p) })
			if errors.Is(err, process.ErrTimeout) {
				note("customer %d gives up", i)
				return nil
			}
			if err != nil {
				return err
			}
			defer counter.Release()
			note("customer %d is served", i)
			if err := p.Hold(b.Service[i]); err != nil {
				return err
			}
			note("customer %d leaves", i)
			return nil
		}
	}
	s.Start("source", func(p *process.Process) error {
		for i, gap := range b.Gaps {
			s.Start(fmt.Sprintf("customer %d", i), customer(i))
			if err := p.Hold(gap); err != nil {
				return err
			}
		}
		return nil
	})
}

// carwash: cars wait for one of two machines, and then for the end of the washing, a process.
type carwash struct {
	Until scheduler.Time  `json:"until"`
	Gaps  []time.Duration `json:"gaps"`
	Dirt  []int           `json:"dirt"` // in percent, that goes away
	Wash  time.Duration   `json:"wash"`
}

func (c carwash) model(s *process.Simulation, note func(format string, args ...any)) {
	machines := process.NewResource(s, "machines", 2)
	car := func(i int) func(p *process.Process) error {
		return func(p *process.Process) error {
			note("car %d comes", i)
			if err := machines.Acquire(p); err != nil {
				return err
			}
			defer machines.Release()
			note("car %d enters", i)
			washing := s.Start("washing", func(p *process.Process) error {
				if err := p.Hold(c.Wash); err != nil {
					return err
				}
				note("%d %% of the dirt of car %d is gone", c.Dirt[i], i)
				return nil
			})
			if err := p.Wait(washing); err != nil {
				return err
			}
			note("car %d leaves", i)
			return nil
		}
	}
	s.Start("source", func(p *process.Process) error {
		for i, gap := range c.Gaps {
			if err := p.Hold(gap); err != nil {
				return err
			}
			s.Start(fmt.Sprintf("car %d", i), car(i))
		}
		return nil
	})
}

// gasStation: cars take fuel from a tank; when little is left a truck is called that fills it up.
type gasStation struct {
	Until    scheduler.Time  `json:"until"`
	Gaps     []time.Duration `json:"gaps"`
	Litres   []int           `json:"litres"`
	Tank     int             `json:"tank"`
	PerLitre time.Duration   `json:"per_litre"`
	Way      time.Duration   `json:"way"`
	Interval time.Duration   `json:"interval"`
}

func (g gasStation) model(s *process.Simulation, note func(format string, args ...any)) {
	pumps := process.NewResource(s, "pumps", 2)
	tank := process.NewLevel(s, "tank", float64(g.Tank), float64(g.Tank))
	car := func(i int) func(p *process.Process) error {
		return func(p *process.Process) error {
			note("car %d comes", i)
			if err := pumps.Acquire(p); err != nil {
				return err
			}
			defer pumps.Release()
			if err := tank.Get(p, float64(g.Litres[i])); err != nil {
				return err
			}
			if err := p.Hold(time.Duration(g.Litres[i]) * g.PerLitre); err != nil {
				return err
			}
			note("car %d leaves with %d l", i, g.Litres[i])
			return nil
		}
	}
	truck := func(p *process.Process) error {
		if err := p.Hold(g.Way); err != nil {
			return err
		}
		amount := tank.Capacity() - tank.Amount()
		note("truck brings %v l", amount)
		return tank.Put(p, amount)
	}
	s.Start("control", func(p *process.Process) error {
		for {
			if tank.Amount() < float64(g.Tank/4) {
				note("truck is called at %v l", tank.Amount())
				if err := p.Wait(s.Start("truck", truck)); err != nil {
					return err
				}
			}
			if err := p.Hold(g.Interval); err != nil {
				return err
			}
		}
	})
	s.Start("source", func(p *process.Process) error {
		for i, gap := range g.Gaps {
			if err := p.Hold(gap); err != nil {
				return err
			}
			s.Start(fmt.Sprintf("car %d", i), car(i))
		}
		return nil
	})
}

// machineShop: machines that break are repaired by a repairman, who drops for that his other
// jobs.
type machineShop struct {
	Until    scheduler.Time    `json:"until"`
	Parts    [][]time.Duration `json:"parts"`    // of each machine
	Failures [][]time.Duration `json:"failures"` // of each machine: the time to the next one
	Jobs     []time.Duration   `json:"jobs"`
	Repair   time.Duration     `json:"repair"`
}

func (m machineShop) model(s *process.Simulation, note func(format string, args ...any)) {
	repairman := process.NewPreemptiveResource(s, "repairman", 1)
	made, broken := make([]int, len(m.Parts)), make([]bool, len(m.Parts))
	work := func(i int) func(p *process.Process) error {
		return func(p *process.Process) error {
			for _, left := range m.Parts[i] {
				for left > 0 {
					since := p.Now()
					err := p.Hold(left)
					if err == nil {
						break
					}
					var failure *process.InterruptedError
					if !errors.As(err, &failure) {
						return err
					}
					broken[i] = true
					left -= p.Now().Sub(since)
					note("machine %d: %v", i, failure.Cause)
					if err := repairman.Acquire(p, 1); err != nil {
						return err
					}
					if err := p.Hold(m.Repair); err != nil {
						return err
					}
					repairman.Release(p)
					note("machine %d is repaired", i)
					broken[i] = false
				}
				made[i]++
			}
			return nil
		}
	}
	for i := range m.Parts {
		working := s.Start(fmt.Sprintf("machine %d", i), work(i))
		s.Start("failures", func(p *process.Process) error {
			for _, after := range m.Failures[i] {
				if err := p.Hold(after); err != nil {
					return err
				}
				if !broken[i] && !working.Ended() {
					if err := working.Interrupt(errors.New("broken")); err != nil {
						return err
					}
				}
			}
			return nil
		})
	}
	s.Start("other jobs", func(p *process.Process) error {
		for i, left := range m.Jobs {
			for left > 0 {
				if err := repairman.Acquire(p, 2); err != nil {
					return err
				}
				since := p.Now()
				err := p.Hold(left)
				repairman.Release(p)
				if err == nil {
					break
				}
				var lost *process.PreemptedError
				if !errors.As(err, &lost) {
					return err
				}
				left -= p.Now().Sub(since)
				note("job %d is dropped, begun at %d", i, lost.Since)
			}
			note("job %d is done", i)
		}
		return nil
	})
	_, err := s.At(m.Until, func() error {
		for i, n := range made {
			note("machine %d has made %d", i, n)
		}
		return nil
	})
	if err != nil {
		panic(err)
	}
}

// cinema: people queue for tickets of a film; all who want it leave the line when it is
// sold out.
type cinema struct {
	Until   scheduler.Time  `json:"until"`
	Gaps    []time.Duration `json:"gaps"`
	Films   []int           `json:"films"`
	Tickets []int           `json:"tickets"`
	Seats   []int           `json:"seats"` // of each film
	Sale    time.Duration   `json:"sale"`
	Talk    time.Duration   `json:"talk"`
}

func (c cinema) model(s *process.Simulation, note func(format string, args ...any)) {
	counter := process.NewResource(s, "counter", 1)
	left := slices.Clone(c.Seats)
	var soldOut []*process.Event[struct{}]
	for i := range left {
		soldOut = append(soldOut, process.NewEvent[struct{}](s, fmt.Sprintf("film %d is sold out", i)))
	}
	visitor := func(i, film, tickets int) func(p *process.Process) error {
		return func(p *process.Process) error {
			turn := counter.Request(0)
			defer turn.Release()
			if err := p.Wait(process.AnyOf(s, turn, soldOut[film])); err != nil {
				return err
			}
			switch {
			case !turn.Granted():
				note("visitor %d leaves the line", i)
				return nil
			case left[film] < tickets:
				note("visitor %d asks for too many", i)
				return p.Hold(c.Talk)
			}
			left[film] -= tickets
			note("visitor %d buys %d for film %d", i, tickets, film)
			if left[film] < 2 && !soldOut[film].Happened() {
				soldOut[film].Trigger(struct{}{})
				note("film %d is sold out", film)
			}
			return p.Hold(c.Sale)
		}
	}
	s.Start("source", func(p *process.Process) error {
		for i, gap := range c.Gaps {
			if err := p.Hold(gap); err != nil {
				return err
			}
			if film := c.Films[i]; left[film] >= 2 {
				s.Start(fmt.Sprintf("visitor %d", i), visitor(i, film, c.Tickets[i]))
			}
		}
		return nil
	})
}

// latency: a cable hands on what is sent after a while. What is on its way needs no process.
type latency struct {
	Until  scheduler.Time  `json:"until"`
	Gaps   []time.Duration `json:"gaps"`
	Delays []time.Duration `json:"delays"`
}

func (l latency) model(s *process.Simulation, note func(format string, args ...any)) {
	type message struct {
		number int
		sent   scheduler.Time
	}
	cable := process.NewStore[message](s, "cable", process.Unlimited)
	s.Start("sender", func(p *process.Process) error {
		for i, gap := range l.Gaps {
			if err := p.Hold(gap); err != nil {
				return err
			}
			m := message{i, p.Now()}
			if _, err := s.After(l.Delays[i], func() error { cable.TryPut(m); return nil }); err != nil {
				return err
			}
		}
		return nil
	})
	s.Start("receiver", func(p *process.Process) error {
		for {
			m, err := cable.Get(p)
			if err != nil {
				return err
			}
			note("message %d of %d is received", m.number, m.sent)
		}
	})
}

// communication: one process tells several others through pipes; who is slow hears old news.
type communication struct {
	Until    scheduler.Time    `json:"until"`
	Gaps     []time.Duration   `json:"gaps"`
	Thinking [][]time.Duration `json:"thinking"` // of each listener
	Capacity int               `json:"capacity"`
}

func (c communication) model(s *process.Simulation, note func(format string, args ...any)) {
	type news struct {
		number int
		told   scheduler.Time
	}
	var pipes []*process.Store[news]
	for i := range c.Thinking {
		pipes = append(pipes, process.NewStore[news](s, fmt.Sprintf("pipe %d", i), c.Capacity))
	}
	s.Start("teller", func(p *process.Process) error {
		for i, gap := range c.Gaps {
			if err := p.Hold(gap); err != nil {
				return err
			}
			n := news{i, p.Now()}
			var told []process.Waitable
			for _, pipe := range pipes {
				told = append(told, s.Start("telling", func(p *process.Process) error { return pipe.Put(p, n) }))
			}
			if err := p.Wait(process.AllOf(s, told...)); err != nil {
				return err
			}
			note("news %d is in all pipes", i)
		}
		return nil
	})
	for i, pipe := range pipes {
		s.Start(fmt.Sprintf("listener %d", i), func(p *process.Process) error {
			for _, thinking := range c.Thinking[i] {
				n, err := pipe.Get(p)
				if err != nil {
					return err
				}
				how := "at once"
				if n.told < p.Now() {
					how = "late"
				}
				note("listener %d hears news %d, %s", i, n.number, how)
				if err := p.Hold(thinking); err != nil {
					return err
				}
			}
			return nil
		})
	}
}

// The examples show what they are to show.
func TestExamplesAreOfInterest(t *testing.T) {
	var text strings.Builder
	for seed := range uint64(5) {
		w := newSimpyWorld(seed)
		for _, example := range []simpyExample{w.Bank.model, w.GasStation.model, w.MachineShop.model, w.Cinema.model, w.Communication.model} {
			s := process.New("example")
			example(s, func(format string, args ...any) { fmt.Fprintf(&text, format+"\n", args...) })
			require.NoError(t, s.RunUntil(context.Background(), w.Bank.Until))
			require.NoError(t, s.Close())
		}
	}
	for _, what := range []string{"gives up", "truck brings", "is dropped", "sold out", "leaves the line", "too many", "at once", "late"} {
		assert.Contains(t, text.String(), what)
	}
}
