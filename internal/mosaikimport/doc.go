// Package mosaikimport turns scenario scripts of mosaik into scenario files.
//
// # Model
//
// Record runs a script with the user's Python. In front of its path is a package
// mosaik of our own (the folder recorder), whose World starts the simulators and creates the
// entities, because scripts look at what they get: IDs, children, extra info,
// outputs. What is composed is noted down, with the line of the script. World.run
// makes no step: it ends the script.
//
// Translate makes a scenario of the Recording, in the format of docs/scenario.md: one group of
// entities for what one line of the script creates, one line for connections that follow a pattern. What
// cannot be said in a scenario file is a problem, what will be different a remark, each with
// its place in the script.
//
// # Guarantees
//
// The same script gives the same text, if it composes the same. When Record
// returns, the script, the simulators and all files of the recorder are gone. Simulators
// that were connected to may have ended, as they do when their connection does.
//
// The interface of mosaik is that of mosaik 3.7.1. Nothing is taken from its
// code; where mosaik is installed, its simulators (mosaik.basic_simulators) can be used.
package mosaikimport
