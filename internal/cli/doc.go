// Package cli is the simrun command: it reads the command line, calls one
// function, and turns what comes back into text and an exit code.
//
// Results and what was asked for go to standard output; progress, problems and
// errors to standard error.
package cli
