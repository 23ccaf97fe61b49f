// Package scenarios turns a scenario file into a world that can run.
//
// # Model
//
// A scenario file is YAML; docs/scenario.md describes it, [Schema] is its JSON
// Schema. [Read] reads one, [Scenario.Check] says what is wrong with it, and
// [Scenario.Build] starts its simulators and composes a sim.World:
//
//	s, err := scenarios.Read("district.yaml", scenarios.ReadOptions{})
//	...
//	w, err := s.Build(ctx, scenarios.BuildOptions{Sink: run.Sink})
//	...
//	defer w.Close()
//	summary, err := w.Run(ctx, sim.RunOptions{Until: s.Until, Pace: s.Pace})
//
// What a file can name without starting a process, built-in models and agent
// types, is a [Registry]. The scenarios that come with simrun are embedded; their
// path is builtin:NAME.
//
// A scenario file starts commands. Read and Check (unless told to) do not.
//
// # Errors
//
// Everything that is wrong with a file is reported together, in a diag.List, each
// problem with its place in the file and what to do about it. Problems that follow
// from others are left out as far as possible. A failure of a process is in the
// chain of the list as a *sim.SimulatorError; a built-in simulator that refuses its
// parameters is a problem of the file only.
//
// # Guarantees
//
// One file, one seed: the same world. Nothing in an expression depends on the
// wall clock, and random connections draw from a stream of their own each, named
// by the text of the connection.
//
// Reading needs time and memory in proportion to the file, but for what the file
// asks for: entities, at most a million in a group, connections, at most ten
// million in a line, and loops in expressions.
package scenarios
