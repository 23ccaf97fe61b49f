package mosaik_test

import (
	"context"
	"fmt"
	"log"
	"os"
	"time"

	"github.com/simrun/simrun/channel"
	"github.com/simrun/simrun/codec"
	"github.com/simrun/simrun/rpc"
	"github.com/simrun/simrun/sim"
	"github.com/simrun/simrun/sim/mosaik"
)

// Heater turns a share of its rated power into heat.
type Heater struct {
	Rated float64    `param:"rated" unit:"kW" default:"2"`
	Share sim.Input  `attr:"share" unit:"1"`
	Heat  sim.Output `attr:"heat" unit:"kW"`
}

func (h *Heater) Step(*sim.Step) error {
	h.Heat.Set(h.Rated * h.Share.Float())
	return nil
}

// A world with a simulator in Go and an external one, here a program of this
// test; usually it would be something like "python3 thermostat.py {addr}".
func Example() {
	ctx := context.Background()
	w := sim.NewWorld(sim.Config{Start: time.Date(2026, 1, 5, 0, 0, 0, 0, time.UTC)})
	defer w.Close()

	external := mosaik.New(mosaik.Config{Command: []string{os.Args[0], "{addr}"}, Env: []string{"THERMOSTAT=1"}})
	thermostat, err := w.Add(ctx, "thermostat", external, sim.AddOptions{})
	check(err)
	house, err := w.Add(ctx, "house", sim.NewModel[Heater](sim.ModelConfig{Name: "Heater", Step: 30 * time.Minute}), sim.AddOptions{})
	check(err)
	thermostats, err := thermostat.Create(ctx, "Thermostat", 1, nil)
	check(err)
	heaters, err := house.Create(ctx, "Heater", 1, sim.Params{"rated": "3000 W"})
	check(err)
	check(w.Connect(thermostats[0], "share", heaters[0], "share", sim.ConnectOptions{}))

	var results sim.Memory
	check(w.Record(&results, 0, sim.Ref{Entity: heaters[0], Attr: "heat"}))
	_, err = w.Run(ctx, sim.RunOptions{Until: sim.Time(2 * time.Hour)})
	check(err)
	times, heat := results.Floats("house.Heater-0", "heat")
	for i := range times {
		fmt.Println(w.Date(times[i]).Format("15:04"), heat[i], "kW")
	}
	// Output:
	// 00:00 0 kW
	// 00:30 0 kW
	// 01:00 1.5 kW
	// 01:30 1.5 kW
}

func check(err error) {
	if err != nil {
		log.Fatal(err)
	}
}

// thermostat is the external simulator of the example: it serves the simulator
// API to the address that it is started with.
func thermostat(addr string) {
	var router rpc.Router
	reply := func(path, answer string) {
		router.Handle(path, func(context.Context, *rpc.Invocation) (any, error) { return codec.Raw(answer), nil })
	}
	now := int64(0)
	reply("init", `{"api_version": "3.0", "type": "time-based", "models": {"Thermostat": {"public": true, "params": [], "attrs": ["share"]}}}`)
	reply("create", `[{"eid": "t0", "type": "Thermostat"}]`)
	reply("setup_done", `null`)
	reply("stop", `null`)
	router.Handle("step", func(_ context.Context, in *rpc.Invocation) (any, error) {
		t, err := in.Int(0)
		now = t
		return t + 3600, err
	})
	router.Handle("get_data", func(context.Context, *rpc.Invocation) (any, error) {
		return map[string]any{"t0": map[string]any{"share": 0.5 * float64(now/3600)}}, nil
	})
	conn, err := channel.Dial(context.Background(), addr, channel.Config{Handler: router.Serve, Workers: 1})
	check(err)
	<-conn.Done()
}
