// Package sim is the modeller's front door: a [World] of simulators whose
// entities are connected, run in one virtual time.
//
// # Model
//
// A [Simulator] is a logical process: state with a clock that is set from
// outside. It offers models; entities are instances of models; entities have
// attributes. A connection leads an output attribute of one entity to an input
// attribute of another. A simulator steps at points of virtual time: it reads
// inputs, computes, and sets outputs.
//
// Time-based simulators decide when to step, event-based ones step when an
// input arrives, hybrid ones do both. A persistent output is valid until the
// next one and is seen at every step of its readers; an event is delivered
// once. The words and their meaning are those of mosaik 3, so that simulators
// written for it run unmodified (package sim/mosaik).
//
// # Order
//
// A value that is put out at time t over a connection without shift is seen at
// t: its reader steps after its source. A connection shifted by d delivers at
// t+d. Connections without shift must not form a cycle, unless one of them is
// weak: simulators in a [Group] may go round a loop at one time, round by round,
// until none of them is triggered any more. Others see what comes out of it.
//
// What a step sees is settled by times and connections alone; it does not depend
// on which simulator is faster, on the order of declarations, or on the number
// of processors. Simulators that cannot influence each other step at the same
// time. Simulators may be at different virtual times: a source runs ahead of its
// readers, by up to 64 steps, where that changes nothing, so that they work at the
// same time.
//
// A run covers [0, until): a step due at until is not made.
//
// Config.Trace is told of all that happens in a run, in the order of steps, from which
// follows what caused a step and what it saw; Config.Logger logs. RunOptions.Control pauses a
// run and sets its pace, World.Activities tells who steps and who waits for whom.
//
// # Errors
//
// A simulator that fails ends the run with a [SimulatorError] that names it and
// the virtual time: of several, the first one in the order of steps. What was
// recorded before is kept.
package sim
