// Package models holds the simulators and agents that come with simrun: small
// models of a district's electricity, and what feeds and gathers data.
//
// # Model
//
// Each model is a struct whose exported fields are its parameters and
// attributes; their tags state names, units and defaults, and the type's
// comment states formula, source, valid range and what is left out. A table of
// all of them is in docs/models.md.
//
//	plants, err := world.Add(ctx, "pv", models.NewPV(), sim.AddOptions{})
//	roofs, err := plants.Create(ctx, "PV", 20, sim.Params{"peak": 5.0, "latitude": 36.1, "longitude": -79.95})
//
// [Builtin] lists the simulators by the names that scenario files use, [Agents]
// the types of agents.
//
// # Conventions
//
// Power is in kW, energy in kWh. A plant's power is generation, a load's and a
// battery's consumption; each is positive in its normal sense. What a model puts
// out at a step holds until its next step: powers are means over that time,
// states (energy, state of charge) those at its beginning.
//
// A parameter out of its range refuses the entity, with an error that names the
// parameter, the value and the range; all wrong parameters are reported
// together.
//
// # Randomness and concurrency
//
// Random models draw from streams named by simulator, entity and purpose, so that
// adding a household never changes another. Simulators may step concurrently with
// others; nothing is shared between them.
package models
