package sim_test

import (
	"context"
	"fmt"
	"log"
	"time"

	"github.com/simrun/simrun/container"
	"github.com/simrun/simrun/sim"
)

// Tank is filled at a rate.
type Tank struct {
	Level float64    `param:"level" unit:"m3" default:"0" doc:"at the start"`
	Rate  sim.Input  `attr:"rate" unit:"m3/h" doc:"what flows in; the sum, if there are several sources"`
	Now   sim.Output `attr:"content" unit:"m3" doc:"what is in it"`
	rate  float64
}

func (t *Tank) Step(s *sim.Step) error {
	t.Level += t.rate * s.Elapsed().Hours()
	t.rate = t.Rate.Float() // until the next step
	t.Now.Set(t.Level)
	return nil
}

// Valve is an agent that asks another agent before it opens.
type Valve struct {
	container.Agent
	Content sim.Input  `attr:"content" unit:"l" doc:"what it watches"`
	Flow    sim.Output `attr:"flow" unit:"m3/h" doc:"what it lets through"`
}

// OnInput is called when Content gets a value.
func (v *Valve) OnInput(ctx context.Context) error {
	flow, err := container.As[float64](v.Call(ctx, "warden", "allow", v.Content.Float()))
	v.Flow.Set(flow)
	return err
}

// Warden is an agent that decides.
type Warden struct{ container.Agent }

func (w *Warden) Start(context.Context) error {
	w.Expose("allow", func(_ context.Context, litres float64) (float64, error) {
		if litres < 4000 {
			return 2, nil
		}
		return 0, nil
	})
	return nil
}

// A tank whose valve is an agent. The valve sees the content of half an hour
// ago, because the loop between the two must be shifted somewhere; so the first
// value comes to it after half an hour.
func Example() {
	ctx := context.Background()
	w := sim.NewWorld(sim.Config{})
	defer w.Close()
	add := func(name string, s sim.Simulator) *sim.Instance {
		in, err := w.Add(ctx, name, s, sim.AddOptions{})
		check(err)
		return in
	}
	create := func(in *sim.Instance, model string, params sim.Params) *sim.Entity {
		es, err := in.Create(ctx, model, 1, params)
		check(err)
		return es[0]
	}
	water := add("water", sim.NewModel[Tank](sim.ModelConfig{Name: "Tank", Step: 30 * time.Minute}))
	agents := add("agents", sim.NewAgents(sim.AgentOf[Valve]("Valve", "lets water in"), sim.AgentOf[Warden]("Warden", "decides")))
	tank := create(water, "Tank", sim.Params{"level": "2000 l"})
	create(agents, "Warden", sim.Params{"name": "warden"})
	valve := create(agents, "Valve", nil)
	check(w.Connect(tank, "content", valve, "content", sim.ConnectOptions{Shift: 30 * time.Minute, Initial: sim.Float(2000), HasInitial: true}))
	check(w.Connect(valve, "flow", tank, "rate", sim.ConnectOptions{}))

	var results sim.Memory
	check(w.Record(&results, 0, sim.Ref{Entity: tank, Attr: "content", Name: "tank"}))
	_, err := w.Run(ctx, sim.RunOptions{Until: sim.Time(3 * time.Hour)})
	check(err)
	times, content := results.Floats("tank", "content")
	for i := range times {
		fmt.Printf("%v %v m3\n", time.Duration(times[i]), content[i])
	}
	// Output:
	// 0s 2 m3
	// 30m0s 2 m3
	// 1h0m0s 3 m3
	// 1h30m0s 4 m3
	// 2h0m0s 5 m3
	// 2h30m0s 5 m3
}

func check(err error) {
	if err != nil {
		log.Fatal(err)
	}
}
