package mosaik_test

import (
	"context"
	"os"

	"github.com/simrun/simrun/sim"
	"github.com/simrun/simrun/sim/mosaik"
)

// A program that is a simulator for mosaik. In a scenario of mosaik its
// configuration is
//
//	{"Heat": {"cmd": "./heat %(addr)s"}}
//
// and World.start("Heat", step="30m") followed by Heater.create(2, rated="3000 W")
// makes two heaters.
func ExampleServe() {
	if len(os.Args) != 2 {
		return // it is started by mosaik
	}
	heat := sim.NewModel[Heater](sim.ModelConfig{Name: "Heater"})
	check(mosaik.Serve(context.Background(), os.Args[1], heat, mosaik.ServeConfig{}))
}
