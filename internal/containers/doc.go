// Package containers opens the containers of a run that are not in its own process.
//
// A container is a program that hosts agents, simrun container or one that does the
// same. [Open] starts it, and reads from its output the address at which it
// listens, or takes the address of one that runs already; then it connects. What
// was started is stopped by [Container.Close], with all that it has started
// itself, whatever happened in between.
package containers
