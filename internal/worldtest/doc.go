// Package worldtest makes random worlds of simulators for tests, and tells what
// the documented rules say that they do: a sequential interpreter that knows
// nothing of how the real thing works.
//
// The rules: a step is at a time and a round; what it puts out arrives at a
// reader after the shift of the connection, in the same round or, over a weak
// connection, in the next one of the innermost group that both ends are in. A
// value is seen from then on; what comes from another time is seen in all rounds.
// Persistent values are seen until the next one, events at one step.
package worldtest
